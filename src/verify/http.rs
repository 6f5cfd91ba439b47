//! HTTP/1.1 as far as a question needs it: one request on a connection, one bounded answer. Written here because what
//! matters is what libraries smooth over: an answer that comes before the body is sent, a connection that ends without
//! a word, frames of HTTP/2 where HTTP/1.1 was spoken.

use std::io::{self, Read, Write};

use super::ask::NoAnswer;

/// The longest head of an answer.
const HEAD_MAX: usize = 64 << 10;
/// What is kept of a body. A home page that Reflex writes takes a few hundred kilobytes at most.
pub(super) const BODY_MAX: usize = 2 << 20;

/// What a server answered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Answer {
    pub(super) status: u16,
    /// Names in lower case.
    pub(super) headers: Vec<(String, String)>,
    /// Its beginning, if it is long.
    pub(super) body: Vec<u8>,
}

impl Answer {
    /// The values of a header, joined; nothing where it is missing.
    pub(super) fn header(&self, name: &str) -> Option<String> {
        let values: Vec<_> =
            self.headers.iter().filter(|(key, _)| key == name).map(|(_, value)| value.as_str()).collect();
        (!values.is_empty()).then(|| values.join(", "))
    }

    /// The body as text.
    pub(super) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// Whether it calls itself HTML.
    pub(super) fn is_html(&self) -> bool {
        self.header("content-type").is_some_and(|kind| kind.to_ascii_lowercase().starts_with("text/html"))
    }

    /// Whether it is a page of the built client.
    pub(super) fn is_page(&self) -> bool {
        self.status == 200 && self.is_html() && self.text().contains("/assets/")
    }

    /// Whether the page is one that nginx makes for an error.
    pub(super) fn is_nginx_page(&self) -> bool {
        self.status >= 400 && self.text().contains("<center>nginx")
    }

    /// The cookies that were set: name and value.
    pub(super) fn cookies(&self) -> Vec<(String, String)> {
        let set = self.headers.iter().filter(|(key, _)| key == "set-cookie");
        let pairs = set.filter_map(|(_, value)| value.split(';').next().unwrap_or_default().split_once('='));
        pairs.map(|(name, value)| (name.trim().to_owned(), value.trim().to_owned())).collect()
    }
}

/// A request's body.
#[derive(Debug, Clone, Default)]
pub(super) enum Body {
    /// None.
    #[default]
    None,
    /// These bytes.
    Bytes(Vec<u8>),
    /// So many bytes are announced, and none is sent.
    Announced(u64),
}

/// A request, without the place that it goes to.
#[derive(Debug, Clone)]
pub(super) struct Request {
    pub(super) method: &'static str,
    /// Path and query.
    pub(super) path: String,
    pub(super) headers: Vec<(&'static str, String)>,
    pub(super) body: Body,
}

impl Request {
    pub(super) fn get(path: impl Into<String>) -> Self {
        Self { method: "GET", path: path.into(), headers: Vec::new(), body: Body::None }
    }

    pub(super) fn post(path: impl Into<String>, body: Body) -> Self {
        Self { method: "POST", path: path.into(), headers: Vec::new(), body }
    }

    pub(super) fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }
}

/// What every request says of the one who asks.
pub(super) const USER_AGENT: &str = concat!("portalgen-verify/", env!("CARGO_PKG_VERSION"));

/// Sends a request and reads the answer.
pub(super) fn exchange(stream: &mut (impl Read + Write), host: &str, request: &Request) -> Result<Answer, NoAnswer> {
    let mut head = format!("{} {} HTTP/1.1\r\nHost: {host}\r\n", request.method, request.path);
    head.push_str(&format!("User-Agent: {USER_AGENT}\r\nAccept: */*\r\n"));
    if !request.headers.iter().any(|(name, _)| *name == "Connection") {
        head.push_str("Connection: close\r\n");
    }
    for (name, value) in &request.headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    match &request.body {
        Body::None => {}
        Body::Bytes(bytes) => head.push_str(&format!("Content-Length: {}\r\n", bytes.len())),
        Body::Announced(length) => head.push_str(&format!("Content-Length: {length}\r\n")),
    }
    head.push_str("\r\n");
    let mut sent = stream.write_all(head.as_bytes());
    if let (Ok(()), Body::Bytes(bytes)) = (&sent, &request.body) {
        sent = stream.write_all(bytes);
    }
    sent = sent.and_then(|()| stream.flush());
    // Who refuses a body may have answered before all of it was sent.
    match (read_answer(stream), sent) {
        (Ok(answer), _) => Ok(answer),
        (Err(error), Ok(())) => Err(error),
        (Err(NoAnswer::Empty | NoAnswer::Reset), Err(error)) => Err(NoAnswer::of(&error)),
        (Err(error), Err(_)) => Err(error),
    }
}

fn read_answer(stream: &mut impl Read) -> Result<Answer, NoAnswer> {
    let mut bytes = Vec::new();
    let (mut answer, body_at) = loop {
        match head(&bytes)? {
            Some((answer, length)) if (100..200).contains(&answer.status) && answer.status != 101 => {
                bytes.drain(..length);
            }
            Some(whole) => break whole,
            None => {
                if bytes.len() > HEAD_MAX {
                    return Err(NoAnswer::NotHttp);
                }
                if read_some(stream, &mut bytes)? == 0 {
                    return Err(if bytes.is_empty() { NoAnswer::Empty } else { NoAnswer::CutOff });
                }
            }
        }
    };
    let rest = bytes.split_off(body_at);
    match answer.status {
        // No body, but the first bytes of what is spoken from here on.
        101 => {
            answer.body = rest;
            return Ok(answer);
        }
        204 | 304 => return Ok(answer),
        _ => {}
    }
    let chunked =
        answer.header("transfer-encoding").is_some_and(|coding| coding.to_ascii_lowercase().contains("chunked"));
    answer.body = if chunked { chunks(stream, rest)? } else { plain(stream, rest, length(&answer)?)? };
    Ok(answer)
}

/// The body's length as it is announced. Two of them, or one that is no number, tell nobody where the body ends.
fn length(answer: &Answer) -> Result<Option<usize>, NoAnswer> {
    let Some(text) = answer.header("content-length") else { return Ok(None) };
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|_| digits).map(Some).ok_or(NoAnswer::NotHttp)
}

/// The head and where the body begins, once the head is there.
fn head(bytes: &[u8]) -> Result<Option<(Answer, usize)>, NoAnswer> {
    if is_http2(bytes) {
        return Err(NoAnswer::Http2);
    }
    let mut headers = [httparse::EMPTY_HEADER; 100];
    let mut response = httparse::Response::new(&mut headers);
    match response.parse(bytes) {
        Ok(httparse::Status::Partial) => Ok(None),
        Ok(httparse::Status::Complete(length)) => {
            let text = |header: &httparse::Header<'_>| {
                (header.name.to_ascii_lowercase(), String::from_utf8_lossy(header.value).into_owned())
            };
            let headers = response.headers.iter().map(text).collect();
            Ok(Some((Answer { status: response.code.unwrap_or_default(), headers, body: Vec::new() }, length)))
        }
        Err(_) => Err(NoAnswer::NotHttp),
    }
}

/// Whether this begins with a SETTINGS frame of connection 0, as every HTTP/2 server's bytes do (RFC 9113, 3.4).
pub(super) fn is_http2(bytes: &[u8]) -> bool {
    matches!(bytes, [0, 0, _, 4, 0 | 1, 0, 0, 0, 0, ..])
}

fn plain(stream: &mut impl Read, mut body: Vec<u8>, length: Option<usize>) -> Result<Vec<u8>, NoAnswer> {
    let wanted = length.unwrap_or(usize::MAX).min(BODY_MAX);
    while body.len() < wanted {
        match read_some(stream, &mut body) {
            Ok(0) if length.is_some() => return Err(NoAnswer::CutOff),
            Ok(0) => break,
            Ok(_) => {}
            // Who says nothing of a length may end without saying so.
            Err(NoAnswer::Reset | NoAnswer::Empty) if length.is_none() => break,
            Err(error) => return Err(error),
        }
    }
    body.truncate(wanted);
    Ok(body)
}

fn chunks(stream: &mut impl Read, mut bytes: Vec<u8>) -> Result<Vec<u8>, NoAnswer> {
    let mut body = Vec::new();
    loop {
        let (start, size) = loop {
            match httparse::parse_chunk_size(&bytes) {
                Ok(httparse::Status::Complete((start, size))) => break (start, size),
                Ok(httparse::Status::Partial) if bytes.len() > HEAD_MAX => return Err(NoAnswer::NotHttp),
                Ok(httparse::Status::Partial) => {
                    if read_some(stream, &mut bytes)? == 0 {
                        return Err(NoAnswer::CutOff);
                    }
                }
                Err(_) => return Err(NoAnswer::NotHttp),
            }
        };
        if size == 0 {
            return Ok(body);
        }
        let room = BODY_MAX - body.len();
        let size = usize::try_from(size).unwrap_or(usize::MAX).min(room);
        // The line end behind the chunk belongs to it. What nobody keeps is not waited for.
        let end = start + size + if size == room { 0 } else { 2 };
        while bytes.len() < end {
            if read_some(stream, &mut bytes)? == 0 {
                return Err(NoAnswer::CutOff);
            }
        }
        body.extend_from_slice(&bytes[start..start + size]);
        if size == room {
            return Ok(body);
        }
        bytes.drain(..end);
    }
}

fn read_some(stream: &mut impl Read, into: &mut Vec<u8>) -> Result<usize, NoAnswer> {
    let mut buffer = [0; 16 << 10];
    match stream.read(&mut buffer) {
        Ok(count) => {
            into.extend_from_slice(&buffer[..count]);
            Ok(count)
        }
        Err(error) if error.kind() == io::ErrorKind::Interrupted => read_some(stream, into),
        // A TLS connection that ends without saying so.
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(0),
        Err(error) => Err(NoAnswer::of(&error)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8]) -> Result<Answer, NoAnswer> {
        read_answer(&mut &*bytes)
    }

    #[test]
    fn an_answer_is_read_by_length_by_chunks_and_to_the_end() {
        let answer =
            read(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\nSet-Cookie: a=1; Path=/\r\nSet-Cookie: b=2\r\n\r\npongXX")
                .unwrap();
        let cookies = [("a", "1"), ("b", "2")].map(|(name, value)| (name.to_owned(), value.to_owned()));
        assert_eq!((answer.status, answer.text().as_str(), answer.cookies()), (200, "pong", cookies.to_vec()));
        let chunked = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\npo\r\n2;x=y\r\nng\r\n0\r\n\r\n";
        assert_eq!(read(chunked).unwrap().text(), "pong");
        assert_eq!(read(b"HTTP/1.0 200 OK\r\n\r\npong").unwrap().text(), "pong");
        assert_eq!(read(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 413 No\r\n\r\n").unwrap().status, 413);
    }

    #[test]
    fn what_is_no_answer_is_told_apart() {
        assert_eq!(read(b""), Err(NoAnswer::Empty));
        assert_eq!(read(b"\0\0\x12\x04\0\0\0\0\0rest"), Err(NoAnswer::Http2));
        assert_eq!(read(b"SSH-2.0-x\r\n"), Err(NoAnswer::NotHttp));
        assert_eq!(read(b"HTTP/1.1 200 OK\r\nContent-"), Err(NoAnswer::CutOff));
        assert_eq!(read(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\npong"), Err(NoAnswer::CutOff));
        assert_eq!(read(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"), Err(NoAnswer::NotHttp));
    }

    #[test]
    fn a_body_is_bounded() {
        let mut bytes = b"HTTP/1.1 200 OK\r\n\r\n".to_vec();
        bytes.resize(BODY_MAX * 2, b'x');
        assert_eq!(read(&bytes).unwrap().body.len(), BODY_MAX);
        let chunked = |chunks: &str| {
            let bytes = format!("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{chunks}");
            read(bytes.as_bytes()).map(|answer| answer.body.len())
        };
        let long = "x".repeat(BODY_MAX + 2);
        assert_eq!(chunked(&format!("ffffffffffffffff\r\n{long}")), Ok(BODY_MAX));
        assert_eq!(chunked(&format!("{:x}\r\n{long}\r\n0\r\n\r\n", long.len())), Ok(BODY_MAX));
        assert_eq!(chunked(&format!("1\r\ny\r\n{:x}\r\n{long}\r\n0\r\n\r\n", long.len())), Ok(BODY_MAX));
        assert_eq!(chunked("ffffffffffffffff\r\nx"), Err(NoAnswer::CutOff));
        assert_eq!(chunked(&format!("1;{long}")), Err(NoAnswer::NotHttp));
    }

    #[test]
    fn a_length_is_one_number() {
        for length in
            ["4\r\nContent-Length: 5", "4\r\nContent-Length: 4", "-4", "+4", "", "x", "99999999999999999999999"]
        {
            let bytes = format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\npong");
            assert_eq!(read(bytes.as_bytes()), Err(NoAnswer::NotHttp), "{length}");
        }
    }

    #[test]
    fn what_follows_an_upgrade_is_kept() {
        assert_eq!(read(b"HTTP/1.1 101 Switching Protocols\r\n\r\n\x81\x01x").unwrap().body, b"\x81\x01x");
    }
}
