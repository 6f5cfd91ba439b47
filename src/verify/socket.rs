//! A WebSocket to a portal, with a limit on every wait.

use tungstenite::client::IntoClientRequest;
use tungstenite::handshake::HandshakeError;
use tungstenite::{Error as SocketError, Message, WebSocket};

use std::time::Duration;

use super::ask::{Asker, Connection, NoAnswer};
use super::http::{self, Answer};
use super::site::Site;

/// What came of asking for a transport.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum SocketAnswer {
    /// It opened, and this was its first message; empty if that was no text.
    Opened(String),
    /// It was answered as an ordinary request.
    Refused(Answer),
}

/// An open WebSocket. All of its waits together last no longer than the limit that it was opened with.
#[derive(Debug)]
pub(super) struct Socket(WebSocket<Connection>);

impl Socket {
    /// The next message, empty if it is no text; nothing once the other side has closed.
    pub(super) fn receive(&mut self) -> Result<Option<String>, NoAnswer> {
        loop {
            return match self.0.read() {
                Ok(Message::Text(text)) => Ok(Some(text.to_string())),
                Ok(Message::Close(_)) => Ok(None),
                // Answered by the library.
                Ok(Message::Ping(_) | Message::Pong(_)) => continue,
                Ok(_) => Ok(Some(String::new())),
                Err(error) => Err(no_socket(&error)),
            };
        }
    }

    pub(super) fn send(&mut self, message: &str) -> Result<(), NoAnswer> {
        self.0.send(Message::text(message)).map_err(|error| no_socket(&error))
    }

    pub(super) fn close(mut self) {
        _ = self.0.close(None);
        _ = self.0.flush();
    }
}

impl Asker {
    /// Opens a WebSocket; or the answer that came instead.
    pub(super) fn open_socket(
        &self,
        site: &Site,
        path: &str,
        origin: &str,
        limit: Duration,
    ) -> Result<Result<Socket, Answer>, NoAnswer> {
        let stream = self.stream(site, limit)?;
        let scheme = if site.tls { "wss" } else { "ws" };
        let malformed = |error: SocketError| NoAnswer::Other(error.to_string());
        let mut request = format!("{scheme}://{}{path}", site.authority()).into_client_request().map_err(malformed)?;
        for (name, value) in [("Origin", origin), ("User-Agent", http::USER_AGENT)] {
            let value = value.parse().map_err(|_| NoAnswer::Other("not a header".to_owned()))?;
            request.headers_mut().insert(name, value);
        }
        match tungstenite::client(request, stream) {
            Ok((socket, _)) => Ok(Ok(Socket(socket))),
            Err(HandshakeError::Failure(SocketError::Http(response))) => {
                let text = |(name, value): (&tungstenite::http::HeaderName, &tungstenite::http::HeaderValue)| {
                    (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned())
                };
                let headers = response.headers().iter().map(text).collect();
                let body = response.body().clone().unwrap_or_default();
                Ok(Err(Answer { status: response.status().as_u16(), headers, body }))
            }
            Err(HandshakeError::Failure(error)) => Err(no_socket(&error)),
            Err(HandshakeError::Interrupted(_)) => Err(NoAnswer::Silent(limit.as_secs())),
        }
    }

    /// Opens a WebSocket, reads its first message and closes it again.
    pub(super) fn socket(
        &self,
        site: &Site,
        path: &str,
        origin: &str,
        limit: Duration,
    ) -> Result<SocketAnswer, NoAnswer> {
        let mut socket = match self.open_socket(site, path, origin, limit)? {
            Ok(socket) => socket,
            Err(answer) => return Ok(SocketAnswer::Refused(answer)),
        };
        let first = socket.receive()?.unwrap_or_default();
        socket.close();
        Ok(SocketAnswer::Opened(first))
    }
}

fn no_socket(error: &SocketError) -> NoAnswer {
    match error {
        SocketError::Io(error) => NoAnswer::of(error),
        SocketError::ConnectionClosed | SocketError::AlreadyClosed => NoAnswer::Reset,
        SocketError::Protocol(tungstenite::error::ProtocolError::HandshakeIncomplete) => NoAnswer::Empty,
        SocketError::Protocol(
            tungstenite::error::ProtocolError::ResetWithoutClosingHandshake
            | tungstenite::error::ProtocolError::SendAfterClosing,
        ) => NoAnswer::Reset,
        _ => NoAnswer::NotHttp,
    }
}
