//! Asks one question of one place, with a limit on every wait, and tells an answer from each way not to get one.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream, ToSocketAddrs};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use rustls::{ClientConnection, StreamOwned};

use super::clock::Deadline;
use super::der::Certificate;
use super::http::{self, Answer, Request};
use super::site::{Connect, Site};
use super::tls::{Tls, TlsFault};

/// How long a connection may take to come about.
const CONNECT_LIMIT: Duration = Duration::from_secs(10);
/// How long the resolver may take.
const LOOKUP_LIMIT: Duration = Duration::from_secs(10);

/// How many addresses of a name are tried.
const ADDRESSES_MAX: usize = 4;

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum NoAnswer {
    /// The host's name has no record.
    NoName,
    /// The name could not be looked up: no name server answered.
    NoNameServer,
    /// Nothing listens on the port.
    Refused,
    /// The connection did not come about in so many seconds.
    NoConnection(u64),
    /// No way leads there.
    Unreachable(String),
    /// TLS did not come about.
    Tls(TlsFault),
    /// The server hung up without a word.
    Empty,
    /// The connection broke.
    Reset,
    /// The answer breaks off.
    CutOff,
    /// Frames of HTTP/2 came.
    Http2,
    /// What came is not HTTP.
    NotHttp,
    /// The upgrade to a WebSocket was taken, and what followed is none.
    NotWebSocket,
    /// No answer in so many seconds.
    Silent(u64),
    /// Something else, in the system's words.
    Other(String),
}

impl NoAnswer {
    /// What an error of a connection means.
    pub(super) fn of(error: &io::Error) -> Self {
        if let Some(PastLimit(seconds)) = error.get_ref().and_then(|inner| inner.downcast_ref::<PastLimit>()) {
            return Self::Silent(*seconds);
        }
        match error.kind() {
            io::ErrorKind::ConnectionRefused => Self::Refused,
            io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe | io::ErrorKind::ConnectionAborted => {
                Self::Reset
            }
            io::ErrorKind::UnexpectedEof => Self::Empty,
            io::ErrorKind::NetworkUnreachable | io::ErrorKind::HostUnreachable => Self::Unreachable(error.to_string()),
            _ => Self::Other(error.to_string()),
        }
    }
}

/// That the limit of a wait has passed.
#[derive(Debug, thiserror::Error)]
#[error("no answer in {0} s")]
struct PastLimit(u64);

/// Asks. It knows where connections go and what certificates are held against.
#[derive(Debug)]
pub(super) struct Asker {
    tls: Tls,
    connect: Vec<Connect>,
    insecure: bool,
    /// The portal's own sites, whose certificate has a check of its own.
    own: Vec<Site>,
}

impl Asker {
    pub(super) fn new(connect: Vec<Connect>, insecure: bool, own: Vec<Site>) -> Self {
        Self { tls: Tls::new(), connect, insecure, own }
    }

    /// Whether connections to this site go where the user said.
    pub(super) fn is_led(&self, site: &Site) -> bool {
        self.led_to(site).is_some()
    }

    fn led_to(&self, site: &Site) -> Option<(&str, u16)> {
        let own = self.own.contains(site);
        self.connect.iter().find_map(|connect| connect.target(site, own))
    }

    /// Whether what is asked for a site is answered by this machine.
    pub(super) fn is_local(&self, site: &Site) -> bool {
        match self.led_to(site) {
            Some((host, port)) => Site { tls: false, host: host.to_owned(), port }.is_local(),
            None => site.is_local(),
        }
    }

    /// The addresses of a site's host.
    pub(super) fn look_up(&self, site: &Site, limit: Duration) -> Result<Vec<SocketAddr>, NoAnswer> {
        let (host, port) = self.led_to(site).unwrap_or((site.host.as_str(), site.port));
        let host = host.trim_start_matches('[').trim_end_matches(']').to_owned();
        // RFC 6761: such names have no address, and no name server needs to be asked.
        if host == "invalid" || host.ends_with(".invalid") {
            return Err(NoAnswer::NoName);
        }
        let (sender, receiver) = mpsc::channel();
        // The system's resolver takes no limit: who does not come back in time is left behind.
        thread::spawn(move || {
            _ = sender.send((host.as_str(), port).to_socket_addrs().map(Iterator::collect::<Vec<_>>));
        });
        match receiver.recv_timeout(LOOKUP_LIMIT.min(limit)) {
            Ok(Ok(addresses)) if !addresses.is_empty() => Ok(addresses),
            Ok(Err(error)) if error.to_string().contains("emporary failure") => Err(NoAnswer::NoNameServer),
            Ok(_) => Err(NoAnswer::NoName),
            Err(_) => Err(NoAnswer::NoNameServer),
        }
    }

    /// Asks, and waits no longer than the limit for the whole answer.
    pub(super) fn ask(&self, site: &Site, request: &Request, limit: Duration) -> Result<Answer, NoAnswer> {
        let mut stream = self.stream(site, limit)?;
        http::exchange(&mut stream, &site.authority(), request)
    }

    /// The certificate that a site shows, held against this machine's roots.
    pub(super) fn certificate(&self, site: &Site, limit: Duration) -> Result<Certificate, NoAnswer> {
        let (_, certificate) = self.connect(site, true, limit)?;
        certificate.ok_or_else(|| NoAnswer::Tls(TlsFault::Other("the certificate cannot be read".to_owned())))
    }

    /// Sends bytes and returns the first that come back.
    pub(super) fn speak(&self, site: &Site, bytes: &[u8], limit: Duration) -> Result<Vec<u8>, NoAnswer> {
        let (mut stream, _) = self.connect(site, false, limit)?;
        let spoken = stream.write_all(bytes).and_then(|()| stream.flush());
        spoken.map_err(|error| NoAnswer::of(&error))?;
        let mut came = vec![0; 64];
        match stream.read(&mut came) {
            Ok(count) => {
                came.truncate(count);
                Ok(came)
            }
            Err(error) => Err(NoAnswer::of(&error)),
        }
    }

    /// A connection that asks on behalf of a visitor.
    pub(super) fn stream(&self, site: &Site, limit: Duration) -> Result<Connection, NoAnswer> {
        // The portal's own certificate is judged by its own check, so that it is one failure and not one a question.
        let verified = !self.insecure && !self.own.contains(site);
        Ok(self.connect(site, verified, limit)?.0)
    }

    /// Bytes that nobody can foresee.
    pub(super) fn random<const COUNT: usize>(&self) -> Result<[u8; COUNT], NoAnswer> {
        self.tls.random().ok_or_else(|| NoAnswer::Other("this machine gives no random bytes".to_owned()))
    }

    fn connect(
        &self,
        site: &Site,
        verified: bool,
        limit: Duration,
    ) -> Result<(Connection, Option<Certificate>), NoAnswer> {
        let deadline = Deadline::after(limit);
        let mut addresses = self.look_up(site, limit)?;
        addresses.truncate(ADDRESSES_MAX);
        let tcp = first_that_connects(&addresses, deadline, TcpStream::connect_timeout)?;
        _ = tcp.set_nodelay(true);
        let mut timed = Timed { tcp, deadline };
        if !site.tls {
            return Ok((Connection::Plain(timed), None));
        }
        let (mut client, seen) = self.tls.client(site.bare_host(), verified).map_err(NoAnswer::Tls)?;
        while client.is_handshaking() {
            if let Err(error) = client.complete_io(&mut timed) {
                return Err(match NoAnswer::of(&error) {
                    NoAnswer::Silent(seconds) => NoAnswer::Tls(TlsFault::Silent(seconds)),
                    other => seen.fault(&error).map_or(other, NoAnswer::Tls),
                });
            }
        }
        let certificate = seen.certificate();
        Ok((Connection::Tls(Box::new(StreamOwned::new(client, timed))), certificate))
    }
}

/// The first of the addresses that takes a connection. As browsers do: the next where one does not answer. All share
/// what is left of the time.
fn first_that_connects<T>(
    addresses: &[SocketAddr],
    deadline: Deadline,
    mut connect: impl FnMut(&SocketAddr, Duration) -> io::Result<T>,
) -> Result<T, NoAnswer> {
    let all = CONNECT_LIMIT.min(deadline.limit).as_secs();
    let mut failure = NoAnswer::NoConnection(all);
    for (address, others) in addresses.iter().zip((0..u32::try_from(addresses.len()).unwrap_or_default()).rev()) {
        let Some(left) = deadline.left() else { break };
        match connect(address, CONNECT_LIMIT.min(left / (others + 1))) {
            Ok(connection) => return Ok(connection),
            Err(error) if error.kind() == io::ErrorKind::TimedOut => failure = NoAnswer::NoConnection(all),
            Err(error) => failure = NoAnswer::of(&error),
        }
    }
    Err(failure)
}

/// A connection whose every wait ends with its deadline.
#[derive(Debug)]
pub(super) struct Timed {
    tcp: TcpStream,
    deadline: Deadline,
}

impl Timed {
    fn past(&self) -> io::Error {
        io::Error::new(io::ErrorKind::TimedOut, PastLimit(self.deadline.limit.as_secs()))
    }

    fn within<T>(&mut self, act: impl FnOnce(&mut TcpStream) -> io::Result<T>) -> io::Result<T> {
        let left = self.deadline.left().ok_or_else(|| self.past())?;
        self.tcp.set_read_timeout(Some(left))?;
        self.tcp.set_write_timeout(Some(left))?;
        act(&mut self.tcp).map_err(|error| match error.kind() {
            io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut => self.past(),
            _ => error,
        })
    }
}

impl Read for Timed {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.within(|tcp| tcp.read(buffer))
    }
}

impl Write for Timed {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.within(|tcp| tcp.write(bytes))
    }

    fn flush(&mut self) -> io::Result<()> {
        self.tcp.flush()
    }
}

/// A connection, with TLS or without.
#[derive(Debug)]
pub(super) enum Connection {
    /// Without.
    Plain(Timed),
    /// With.
    Tls(Box<StreamOwned<ClientConnection, Timed>>),
}

impl Read for Connection {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Plain(stream) => stream.read(buffer),
            Self::Tls(stream) => stream.read(buffer),
        }
    }
}

impl Write for Connection {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Plain(stream) => stream.write(bytes),
            Self::Tls(stream) => stream.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Plain(stream) => stream.flush(),
            Self::Tls(stream) => stream.flush(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_addresses_share_the_limit() {
        let addresses = ["192.0.2.1:443", "192.0.2.2:443", "192.0.2.3:443"].map(|text| text.parse().unwrap());
        let limit = Duration::from_millis(300);
        let begin = super::super::clock::now();
        let mut waits = Vec::new();
        let got: Result<(), _> = first_that_connects(&addresses, Deadline::after(limit), |_, wait| {
            waits.push(wait);
            thread::sleep(wait);
            Err(io::ErrorKind::TimedOut.into())
        });
        assert_eq!(got, Err(NoAnswer::NoConnection(0)));
        assert_eq!(waits.len(), 3);
        assert!(waits[0] <= limit / 3, "{waits:?}");
        assert!(super::super::clock::now().duration_since(begin) < limit * 2);
    }

    #[test]
    fn the_next_address_is_tried_where_one_refuses() {
        let addresses = ["192.0.2.1:443", "192.0.2.2:443"].map(|text| text.parse().unwrap());
        let deadline = Deadline::after(Duration::from_secs(60));
        let got = first_that_connects(&addresses, deadline, |address, wait| {
            assert!(wait <= CONNECT_LIMIT);
            if address.ip().to_string() == "192.0.2.1" { Err(io::ErrorKind::ConnectionRefused.into()) } else { Ok(2) }
        });
        assert_eq!(got, Ok(2));
        let refused: Result<(), _> =
            first_that_connects(&addresses, deadline, |_, _| Err(io::ErrorKind::ConnectionRefused.into()));
        assert_eq!(refused, Err(NoAnswer::Refused));
    }
}
