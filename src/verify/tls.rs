//! TLS to a portal: with the machine's root certificates, or without holding the certificate against anything. Either
//! way the certificate that came is kept, and a failed handshake is told in its kind.

use std::io;
use std::sync::{Arc, Mutex, OnceLock};

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{
    AlertDescription, CertificateError, ClientConfig, ClientConnection, DigitallySignedStruct, Error, RootCertStore,
    SignatureScheme,
};

use super::der::Certificate;

/// Why a handshake failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum TlsFault {
    /// The server has no certificate for this name, and says so.
    NoCertificate,
    /// The certificate is no longer valid, since a time in seconds since 1970 if that is known.
    Expired(Option<i64>),
    /// It is not valid yet.
    NotValidYet,
    /// It is for other names.
    OtherName(Vec<String>),
    /// It signs itself.
    SelfSigned,
    /// An authority signed it that this machine does not know.
    UnknownAuthority,
    /// What speaks there is not TLS.
    NotTls,
    /// The connection ended during the handshake.
    CutOff,
    /// Nothing was said in so many seconds.
    Silent(u64),
    /// This machine has no root certificates to hold it against.
    NoRoots,
    /// Something else, in the library's words.
    Other(String),
}

/// Makes the connections of a run.
#[derive(Debug)]
pub(super) struct Tls {
    provider: Arc<CryptoProvider>,
    /// What holds certificates against the machine's roots, once it is needed; nothing where there are none.
    roots: OnceLock<Option<Arc<WebPkiServerVerifier>>>,
}

impl Tls {
    pub(super) fn new() -> Self {
        Self { provider: Arc::new(ring::default_provider()), roots: OnceLock::new() }
    }

    /// The roots of this machine, `SSL_CERT_FILE` and `SSL_CERT_DIR` included.
    fn roots(&self) -> Option<Arc<WebPkiServerVerifier>> {
        let load = || {
            let mut store = RootCertStore::empty();
            store.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
            WebPkiServerVerifier::builder_with_provider(Arc::new(store), Arc::clone(&self.provider)).build().ok()
        };
        self.roots.get_or_init(load).clone()
    }

    /// Bytes that nobody can foresee, from the library that makes the keys.
    pub(super) fn random<const COUNT: usize>(&self) -> Option<[u8; COUNT]> {
        let mut bytes = [0; COUNT];
        self.provider.secure_random.fill(&mut bytes).ok().map(|()| bytes)
    }

    /// The client's side of a connection, and what it will have seen.
    pub(super) fn client(&self, host: &str, verified: bool) -> Result<(ClientConnection, Arc<Seen>), TlsFault> {
        let roots = if verified { Some(self.roots().ok_or(TlsFault::NoRoots)?) } else { None };
        let seen = Arc::new(Seen { provider: Arc::clone(&self.provider), roots, certificate: Mutex::default() });
        let other = |error: &dyn std::fmt::Display| TlsFault::Other(error.to_string());
        let config = ClientConfig::builder_with_provider(Arc::clone(&self.provider))
            .with_safe_default_protocol_versions()
            .map_err(|error| other(&error))?
            .dangerous()
            .with_custom_certificate_verifier(Arc::clone(&seen) as Arc<dyn ServerCertVerifier>)
            .with_no_client_auth();
        let name = ServerName::try_from(host.to_owned()).map_err(|error| other(&error))?;
        let client = ClientConnection::new(Arc::new(config), name).map_err(|error| other(&error))?;
        Ok((client, seen))
    }
}

/// What a server showed of itself.
#[derive(Debug)]
pub(super) struct Seen {
    provider: Arc<CryptoProvider>,
    roots: Option<Arc<WebPkiServerVerifier>>,
    certificate: Mutex<Option<Certificate>>,
}

impl Seen {
    /// The server's certificate, as far as it could be read.
    pub(super) fn certificate(&self) -> Option<Certificate> {
        self.certificate.lock().ok().and_then(|certificate| *certificate)
    }

    /// The kind of a failure during the handshake.
    pub(super) fn fault(&self, error: &io::Error) -> Option<TlsFault> {
        if matches!(
            error.kind(),
            io::ErrorKind::ConnectionReset | io::ErrorKind::UnexpectedEof | io::ErrorKind::BrokenPipe
        ) {
            return Some(TlsFault::CutOff);
        }
        Some(self.fault_of(error.get_ref()?.downcast_ref::<Error>()?))
    }

    fn fault_of(&self, error: &Error) -> TlsFault {
        let other = |words: &str| TlsFault::Other(words.to_owned());
        match error {
            Error::InvalidCertificate(fault) => match fault {
                CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
                    TlsFault::Expired(self.certificate().map(|certificate| certificate.not_after))
                }
                CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => TlsFault::NotValidYet,
                CertificateError::NotValidForName => TlsFault::OtherName(Vec::new()),
                CertificateError::NotValidForNameContext { presented, .. } => {
                    TlsFault::OtherName(presented.iter().filter_map(|name| dns_name(name)).collect())
                }
                _ if self.certificate().is_some_and(|certificate| certificate.self_signed) => TlsFault::SelfSigned,
                CertificateError::UnknownIssuer => TlsFault::UnknownAuthority,
                CertificateError::BadEncoding => other("the certificate cannot be read"),
                CertificateError::BadSignature => other("the certificate's signature is wrong"),
                CertificateError::Revoked => other("the certificate is revoked"),
                CertificateError::InvalidPurpose | CertificateError::InvalidPurposeContext { .. } => {
                    other("the certificate is not one for servers")
                }
                _ => other("the certificate is refused"),
            },
            Error::AlertReceived(
                AlertDescription::HandshakeFailure
                | AlertDescription::UnrecognisedName
                | AlertDescription::InternalError
                | AlertDescription::AccessDenied
                | AlertDescription::CloseNotify,
            )
            | Error::NoCertificatesPresented => TlsFault::NoCertificate,
            Error::InvalidMessage(_) => TlsFault::NotTls,
            Error::AlertReceived(AlertDescription::ProtocolVersion) | Error::PeerIncompatible(_) => {
                other("the server speaks no TLS that browsers still take")
            }
            Error::AlertReceived(_) => other("the server ended TLS with an alert"),
            Error::PeerMisbehaved(_) => other("the server breaks the rules of TLS"),
            _ => other("TLS failed"),
        }
    }
}

/// The name in `DnsName("example.com")`, as the library writes it.
fn dns_name(presented: &str) -> Option<String> {
    presented.strip_prefix("DnsName(\"")?.strip_suffix("\")").map(str::to_owned)
}

impl ServerCertVerifier for Seen {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        if let Ok(mut certificate) = self.certificate.lock() {
            *certificate = Certificate::read(end_entity);
        }
        match &self.roots {
            Some(roots) => roots.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now),
            None => Ok(ServerCertVerified::assertion()),
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, certificate, signed, &self.provider.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, certificate, signed, &self.provider.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(error: Error) -> TlsFault {
        let tls = Tls::new();
        let (_, seen) = tls.client("pp.example.com", false).unwrap();
        seen.fault(&io::Error::new(io::ErrorKind::InvalidData, error)).unwrap()
    }

    #[test]
    fn no_fault_is_told_in_the_librarys_code() {
        for error in [
            Error::InvalidCertificate(CertificateError::BadEncoding),
            Error::InvalidCertificate(CertificateError::UnhandledCriticalExtension),
            Error::InvalidCertificate(CertificateError::InvalidPurpose),
            Error::PeerIncompatible(rustls::PeerIncompatible::NoCipherSuitesInCommon),
            Error::PeerMisbehaved(rustls::PeerMisbehaved::TooMuchEarlyDataReceived),
            Error::AlertReceived(AlertDescription::ProtocolVersion),
            Error::AlertReceived(AlertDescription::DecryptError),
            Error::DecryptError,
        ] {
            let TlsFault::Other(words) = fault(error.clone()) else { panic!("{error:?}") };
            // A name of the library's is in capitals, and without spaces.
            let named = words.split(' ').any(|word| word.chars().skip(1).any(char::is_uppercase) && word != "TLS");
            assert!(!named && words.contains(' '), "{words}");
        }
        let presented = vec!["DnsName(\"a.example.com\")".to_owned(), "IpAddress(192.0.2.1)".to_owned()];
        let name = ServerName::try_from("pp.example.com").unwrap();
        let error = CertificateError::NotValidForNameContext { expected: name, presented };
        assert_eq!(fault(Error::InvalidCertificate(error)), TlsFault::OtherName(vec!["a.example.com".to_owned()]));
    }

    #[test]
    fn a_connection_that_ends_in_the_handshake_says_nothing_of_a_certificate() {
        let (_, seen) = Tls::new().client("pp.example.com", false).unwrap();
        for kind in [io::ErrorKind::ConnectionReset, io::ErrorKind::UnexpectedEof, io::ErrorKind::BrokenPipe] {
            assert_eq!(seen.fault(&kind.into()), Some(TlsFault::CutOff));
        }
    }
}
