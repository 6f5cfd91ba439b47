//! A WebSocket to a portal, with a limit on every wait.

use tungstenite::protocol::{Role, WebSocketConfig};
use tungstenite::{Error as SocketError, Message, WebSocket, handshake};

use std::time::Duration;

use super::ask::{Asker, Connection, NoAnswer};
use super::http::{self, Answer, Request};
use super::site::Site;

/// The longest message: a page's state takes a few hundred kilobytes at most.
const MESSAGE_MAX: usize = http::BODY_MAX;

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
        let mut stream = self.stream(site, limit)?;
        let key = handshake::client::generate_key();
        let request = Request::get(path)
            .header("Connection", "Upgrade")
            .header("Upgrade", "websocket")
            .header("Sec-WebSocket-Version", "13")
            .header("Sec-WebSocket-Key", &key)
            .header("Origin", origin);
        let answer = http::exchange(&mut stream, &site.authority(), &request)?;
        if answer.status != 101 {
            return Ok(Err(answer));
        }
        let accepted = answer.header("sec-websocket-accept") == Some(handshake::derive_accept_key(key.as_bytes()));
        let upgraded = answer.header("upgrade").is_some_and(|to| to.eq_ignore_ascii_case("websocket"));
        if !accepted || !upgraded {
            return Err(NoAnswer::NotWebSocket);
        }
        let config = WebSocketConfig::default().max_message_size(Some(MESSAGE_MAX)).max_frame_size(Some(MESSAGE_MAX));
        // What came with the head are frames already.
        Ok(Ok(Socket(WebSocket::from_partially_read(stream, answer.body, Role::Client, Some(config)))))
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
        SocketError::Protocol(
            tungstenite::error::ProtocolError::ResetWithoutClosingHandshake
            | tungstenite::error::ProtocolError::SendAfterClosing,
        ) => NoAnswer::Reset,
        SocketError::Capacity(_) => NoAnswer::Other(format!("a message of more than {} MiB", MESSAGE_MAX >> 20)),
        _ => NoAnswer::NotWebSocket,
    }
}
