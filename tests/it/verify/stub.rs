//! A server on the loopback address that answers as it is told to, with TLS or without.

use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use tungstenite::protocol::Role;
use tungstenite::{Message, WebSocket};

/// A request as it came.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) query: String,
    headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Asked {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value.as_str())
    }
}

/// How a session talks: by how a packet begins, what is said to it. What is said to nothing comes first.
pub(crate) type Talk = &'static [(&'static str, Say)];

/// What is said to a packet.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Say {
    /// This packet.
    Packet(&'static str),
    /// The end: the connection is closed.
    Close,
}

/// What a session says to a packet.
pub(crate) fn said(talk: Talk, packet: &str) -> Option<Say> {
    let fits = |begins: &str| {
        if packet.is_empty() { begins.is_empty() } else { !begins.is_empty() && packet.starts_with(begins) }
    };
    talk.iter().find(|(begins, _)| fits(begins)).map(|(_, say)| *say)
}

/// What to do with a connection that has asked.
#[derive(Debug, Clone)]
pub(crate) enum Reply {
    /// Status, headers, body.
    Answer(u16, Vec<(String, String)>, Vec<u8>),
    /// These bytes, whatever they are.
    Raw(Vec<u8>),
    /// Say nothing, and keep the connection.
    Hang,
    /// Hang up.
    Close,
    /// Open a WebSocket, and talk so.
    Socket(Talk),
}

impl Reply {
    pub(crate) fn new(status: u16, kind: &str, body: &str) -> Self {
        Self::Answer(status, vec![("Content-Type".to_owned(), kind.to_owned())], body.into())
    }

    pub(crate) fn html(status: u16, body: &str) -> Self {
        Self::new(status, "text/html", body)
    }

    pub(crate) fn json(status: u16, body: &str) -> Self {
        Self::new(status, "application/json", body)
    }

    pub(crate) fn redirect(status: u16, to: &str) -> Self {
        Self::new(status, "text/html", "").with("Location", to)
    }

    /// A page that nginx makes.
    pub(crate) fn nginx(status: u16) -> Self {
        let body = format!("<html><center><h1>{status}</h1></center><hr><center>nginx</center></html>");
        Self::html(status, &body)
    }

    pub(crate) fn with(mut self, name: &str, value: &str) -> Self {
        if let Self::Answer(_, headers, _) = &mut self {
            headers.retain(|(key, _)| key != name);
            headers.push((name.to_owned(), value.to_owned()));
        }
        self
    }

    pub(crate) fn without(mut self, name: &str) -> Self {
        if let Self::Answer(_, headers, _) = &mut self {
            headers.retain(|(key, _)| key != name);
        }
        self
    }
}

type Handler = dyn Fn(&Asked) -> Reply + Send + Sync;

/// A running server; it ends when this is dropped.
pub(crate) struct Stub {
    pub(crate) port: u16,
    end: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Stub {
    /// By http.
    pub(crate) fn http(handler: impl Fn(&Asked) -> Reply + Send + Sync + 'static) -> Self {
        Self::on(TcpListener::bind("127.0.0.1:0").expect("a free port"), None, handler)
    }

    /// By https, with these certificates.
    pub(crate) fn https(tls: &Tls, handler: impl Fn(&Asked) -> Reply + Send + Sync + 'static) -> Self {
        Self::on(TcpListener::bind("127.0.0.1:0").expect("a free port"), Some(tls.config()), handler)
    }

    /// On a port that is bound already.
    pub(crate) fn on(
        listener: TcpListener,
        tls: Option<Arc<ServerConfig>>,
        handler: impl Fn(&Asked) -> Reply + Send + Sync + 'static,
    ) -> Self {
        let port = listener.local_addr().expect("an address").port();
        let end = Arc::new(AtomicBool::new(false));
        let (ended, handler): (_, Arc<Handler>) = (Arc::clone(&end), Arc::new(handler));
        let thread = thread::spawn(move || {
            for stream in listener.incoming() {
                if ended.load(Ordering::Relaxed) {
                    break;
                }
                let Ok(stream) = stream else { continue };
                let (tls, handler) = (tls.clone(), Arc::clone(&handler));
                thread::spawn(move || {
                    // No test keeps a connection for longer.
                    _ = stream.set_read_timeout(Some(Duration::from_secs(20)));
                    _ = match tls {
                        None => serve(stream, handler.as_ref()),
                        Some(config) => match ServerConnection::new(config) {
                            Ok(connection) => serve(StreamOwned::new(connection, stream), handler.as_ref()),
                            Err(_) => Ok(()),
                        },
                    };
                });
            }
        });
        Self { port, end, thread: Some(thread) }
    }

    /// Where it is, by http.
    pub(crate) fn url(&self) -> String {
        format!("http://localhost:{}", self.port)
    }
}

impl Drop for Stub {
    fn drop(&mut self) {
        self.end.store(true, Ordering::Relaxed);
        _ = TcpStream::connect(("127.0.0.1", self.port));
        if let Some(thread) = self.thread.take() {
            _ = thread.join();
        }
    }
}

fn serve(mut stream: impl Read + Write, handler: &Handler) -> io::Result<()> {
    let mut bytes = Vec::new();
    let mut buffer = [0; 64 << 10];
    let head_end = loop {
        if let Some(at) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            break at;
        }
        match stream.read(&mut buffer)? {
            0 => return Ok(()),
            count => bytes.extend_from_slice(&buffer[..count]),
        }
        // TLS where it is not spoken: nginx says so.
        if bytes[0] == 0x16 {
            stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n")?;
            return stream.flush();
        }
    };
    let head = String::from_utf8_lossy(&bytes[..head_end]).into_owned();
    let mut lines = head.split("\r\n");
    let mut words = lines.next().unwrap_or_default().split(' ');
    let method = words.next().unwrap_or_default().to_owned();
    let (path, query) = words.next().unwrap_or_default().split_once('?').unwrap_or_default();
    let (path, query) = match path {
        "" => (head.split(' ').nth(1).unwrap_or_default().to_owned(), String::new()),
        path => (path.to_owned(), query.to_owned()),
    };
    let header = |line: &str| line.split_once(": ").map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()));
    let headers = lines.filter_map(header).collect();
    let mut asked = Asked { method, path, query, headers, body: bytes.split_off(head_end + 4) };
    let length: usize = asked.header("content-length").parse().unwrap_or_default();
    // As nginx does, a body is read only where the answer needs it: who announces too much is answered at once.
    if length <= 4 << 20 {
        while asked.body.len() < length {
            match stream.read(&mut buffer)? {
                0 => return Ok(()),
                count => asked.body.extend_from_slice(&buffer[..count]),
            }
        }
    }
    match handler(&asked) {
        Reply::Answer(status, headers, body) => {
            let mut text = format!("HTTP/1.1 {status} Status\r\nContent-Length: {}\r\n", body.len());
            for (name, value) in headers {
                text.push_str(&format!("{name}: {value}\r\n"));
            }
            stream.write_all(format!("{text}\r\n").as_bytes())?;
            stream.write_all(&body)?;
            stream.flush()
        }
        Reply::Raw(bytes) => {
            stream.write_all(&bytes)?;
            stream.flush()
        }
        Reply::Close => Ok(()),
        Reply::Hang => stream.read(&mut buffer).map(|_| ()),
        Reply::Socket(talk) => {
            let key = tungstenite::handshake::derive_accept_key(asked.header("sec-websocket-key").as_bytes());
            let head = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n";
            stream.write_all(format!("{head}Sec-WebSocket-Accept: {key}\r\n\r\n").as_bytes())?;
            let mut socket = WebSocket::from_raw_socket(stream, Role::Server, None);
            let mut packet = String::new();
            loop {
                match said(talk, &packet) {
                    Some(Say::Packet(text)) => socket.send(Message::text(text)).map_err(io::Error::other)?,
                    Some(Say::Close) => {
                        socket.close(None).map_err(io::Error::other)?;
                        return socket.flush().map_err(io::Error::other);
                    }
                    None => {}
                }
                match socket.read() {
                    Ok(Message::Text(text)) => packet = text.to_string(),
                    _ => return Ok(()),
                }
            }
        }
    }
}

/// What a stub shows of itself.
pub(crate) enum Tls {
    /// A certificate for these names, by the tests' authority.
    For(Vec<String>),
    /// The same, expired long ago.
    Expired(String),
    /// One that signs itself.
    SelfSigned(String),
    /// By an authority that nobody knows.
    Unknown(String),
    /// None for any name: the handshake is refused.
    None,
}

/// The tests' authority.
pub(crate) struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
}

impl Authority {
    fn new(name: &str) -> Self {
        let mut params = CertificateParams::new(Vec::new()).expect("parameters");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name.push(rcgen::DnType::CommonName, name);
        let key = KeyPair::generate().expect("a key");
        Self { issuer: CertifiedIssuer::self_signed(params, key).expect("a certificate") }
    }

    /// The one of this run.
    pub(crate) fn of_tests() -> &'static Self {
        static AUTHORITY: std::sync::LazyLock<Authority> = std::sync::LazyLock::new(|| Authority::new("tests"));
        &AUTHORITY
    }

    /// Its certificate, as `SSL_CERT_FILE` takes it.
    pub(crate) fn pem(&self) -> String {
        self.issuer.pem()
    }

    fn sign(&self, names: Vec<String>, expired: bool) -> Arc<ServerConfig> {
        let mut params = CertificateParams::new(names).expect("names");
        if expired {
            params.not_before = rcgen::date_time_ymd(2000, 1, 1);
            params.not_after = rcgen::date_time_ymd(2001, 1, 1);
        }
        let key = KeyPair::generate().expect("a key");
        let certificate = params.signed_by(&key, &self.issuer).expect("a certificate");
        server(vec![certificate.der().clone()], &key)
    }
}

fn server(chain: Vec<rustls::pki_types::CertificateDer<'static>>, key: &KeyPair) -> Arc<ServerConfig> {
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let builder = builder().with_no_client_auth();
    Arc::new(builder.with_single_cert(chain, key).expect("a certificate with its key"))
}

fn builder() -> rustls::ConfigBuilder<ServerConfig, rustls::WantsVerifier> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().expect("versions")
}

impl Tls {
    fn config(&self) -> Arc<ServerConfig> {
        match self {
            Self::For(names) => Authority::of_tests().sign(names.clone(), false),
            Self::Expired(name) => Authority::of_tests().sign(vec![name.clone()], true),
            Self::Unknown(name) => Authority::new("unknown").sign(vec![name.clone()], false),
            Self::SelfSigned(name) => {
                let params = CertificateParams::new(vec![name.clone()]).expect("a name");
                let key = KeyPair::generate().expect("a key");
                let certificate = params.self_signed(&key).expect("a certificate");
                server(vec![certificate.der().clone()], &key)
            }
            // A resolver without any certificate refuses every name.
            Self::None => {
                let resolver = rustls::server::ResolvesServerCertUsingSni::new();
                Arc::new(builder().with_no_client_auth().with_cert_resolver(Arc::new(resolver)))
            }
        }
    }
}
