//! What a visit of the home page does first: Socket.IO's connect, and Reflex's hydrate event, which the page's state
//! answers. A session that opens is not enough: where this fails the page stands there, and clicks do nothing.
//!
//! The event calls no handler of the app. The answer needs the state manager, so Redis where that is it, and every
//! variable of the home page's states that the app computes.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Value, json};

use super::transport::{self, POLLING, WEBSOCKET};
use super::{from_backend, settled};
use crate::config::environment::StateManager;
use crate::verify::ask::{Asker, NoAnswer};
use crate::verify::causes;
use crate::verify::clock::Deadline;
use crate::verify::http::{Answer, Body, Request};
use crate::verify::run::{Run, with_cookies};
use crate::verify::signatures::{Asked, described, no_answer};
use crate::verify::site::Site;
use crate::verify::socket::Socket;
use crate::verify::verdict::Judged;

/// Socket.IO's name for Reflex's channel. It is the path of `api_url` with `/_event`, on both sides.
const NAMESPACE: &str = "/_event";

/// Between two packets of one body.
const SEPARATOR: char = '\x1e';

/// How many packets may come that mean nothing here.
const STRANGE_MAX: usize = 8;

/// What is said of those. They are not shown, since they may hold the token.
const NO_PACKET: &str = "not what Socket.IO or Reflex sends";

/// How long leaving may take, whatever came before.
const LEAVE_LIMIT: Duration = Duration::from_secs(5);

/// How far the visit was when it ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    Open,
    Connect,
    Hydrate,
}

/// Why it ended before the state came.
#[derive(Debug, Clone, PartialEq, Eq)]
enum End {
    /// The namespace is not the backend's.
    Refused,
    /// The backend ended the session.
    Ended,
    /// What came is no session's packet, or no state.
    Strange(&'static str),
    /// An ordinary answer came.
    Answered(Answer),
    /// Nothing came.
    NoAnswer(NoAnswer),
}

impl End {
    /// The same without the token, should a header that is shown repeat it: where a redirect leads, say.
    fn without(self, token: &str) -> Self {
        match self {
            Self::Answered(answer) => {
                let bare = |(name, value): (String, String)| (name, value.replace(token, "TOKEN"));
                Self::Answered(Answer { headers: answer.headers.into_iter().map(bare).collect(), ..answer })
            }
            other => other,
        }
    }
}

type Got = Result<(), (Step, End)>;

pub(super) fn ask(run: &mut Run<'_>) {
    let (site, deployment) = (run.site.clone(), run.subject.deployment);
    let websocket = deployment.image.websocket;
    let redis = deployment.state_manager == StateManager::Redis || deployment.redis_in_code;
    let what = if websocket { "WebSocket" } else { "long polling" };
    run.asking(&format!("a visit of {site}/"));
    let got = visit(run, websocket);
    let judged = judge(&got, redis, run.asked(&site));
    run.note(format!("a visit's first event, by {what}"), judged);
}

fn visit(run: &Run<'_>, websocket: bool) -> Got {
    let opening = |end| (Step::Open, end);
    let token = run.asker.random().map(token).map_err(|error| opening(End::NoAnswer(error)))?;
    let got = Line::open(run, websocket, &token).map_err(opening).and_then(|mut line| {
        let got = greet(&mut line, &token);
        line.close();
        got
    });
    got.map_err(|(step, end)| (step, end.without(&token)))
}

/// A random UUID, as Reflex's client makes one for each tab. The state is kept under it, so it must not be foreseeable:
/// it comes from what makes the keys of TLS, and is shown nowhere.
fn token(mut bytes: [u8; 16]) -> String {
    bytes[6] = bytes[6] & 0x0f | 0x40;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    [&bytes[..4], &bytes[4..6], &bytes[6..8], &bytes[8..10], &bytes[10..]].map(hex).join("-")
}

fn greet(line: &mut Line<'_>, token: &str) -> Got {
    let connect = format!("40{NAMESPACE},");
    line.ask(&connect, |packet| packet.starts_with(&connect).then_some(Ok(()))).map_err(|end| (Step::Connect, end))?;
    line.ask(&hydrate(token), update).map_err(|end| (Step::Hydrate, end))
}

/// The event, as Reflex 0.8's client sends it for a new page.
fn hydrate(token: &str) -> String {
    let event = json!({
        "name": "reflex___state____state.hydrate", "payload": {}, "handler": null, "event_actions": {},
        "token": token, "router_data": {"pathname": "/", "query": {}, "asPath": "/"},
    });
    format!("42{NAMESPACE},{}", json!(["event", event]))
}

/// What an update brings: the states of the page, each with its variables.
fn update(packet: &str) -> Option<Result<(), End>> {
    let text = packet.strip_prefix("42")?.strip_prefix(NAMESPACE)?.strip_prefix(',')?;
    let message: Value = match serde_json::from_str(text) {
        Ok(message) => message,
        // Of a long body the beginning is kept.
        Err(error) if error.is_eof() && text.starts_with(r#"["event",{"delta":{""#) => return Some(Ok(())),
        Err(_) => return None,
    };
    if message.get(0)? != "event" {
        return None;
    }
    let states = message.get(1).and_then(|update| update.get("delta")?.as_object());
    let came = states.is_some_and(|states| !states.is_empty());
    Some(if came { Ok(()) } else { Err(End::Strange("an update without a state")) })
}

/// An open session, by either transport.
enum Line<'r> {
    Socket(Box<Socket>),
    Polling(Polling<'r>),
}

impl<'r> Line<'r> {
    fn open(run: &'r Run<'_>, websocket: bool, token: &str) -> Result<Self, End> {
        if !websocket {
            return Polling::open(run, token).map(Self::Polling);
        }
        let (site, origin) = (&run.site, run.site.to_string());
        let opened = run.asker.open_socket(site, &format!("{WEBSOCKET}&token={token}"), &origin, run.limit());
        let mut socket = opened.map_err(End::NoAnswer)?.map_err(End::Answered)?;
        match socket.receive().map_err(End::NoAnswer)? {
            Some(first) if first.starts_with('0') => Ok(Self::Socket(Box::new(socket))),
            Some(_) => Err(End::Strange(NO_PACKET)),
            None => Err(End::Ended),
        }
    }

    fn send(&mut self, packet: &str) -> Result<(), End> {
        match self {
            Self::Socket(socket) => socket.send(packet).map_err(End::NoAnswer),
            Self::Polling(polling) => polling.send(packet),
        }
    }

    fn receive(&mut self) -> Result<Vec<String>, End> {
        match self {
            Self::Socket(socket) => {
                socket.receive().map_err(End::NoAnswer)?.map(|packet| vec![packet]).ok_or(End::Ended)
            }
            Self::Polling(polling) => polling.receive(),
        }
    }

    /// Sends a packet, and takes what comes until one is the answer.
    fn ask(&mut self, packet: &str, answer: impl Fn(&str) -> Option<Result<(), End>>) -> Result<(), End> {
        self.send(packet)?;
        let mut strange = 0;
        loop {
            for packet in self.receive()? {
                if let Some(answer) = answer(&packet) {
                    return answer;
                }
                match packet.as_str() {
                    "2" => self.send("3")?,
                    "6" => {}
                    "1" => return Err(End::Ended),
                    packet if packet.starts_with("41") => return Err(End::Ended),
                    packet if packet.starts_with("44") => return Err(End::Refused),
                    _ if strange < STRANGE_MAX => strange += 1,
                    _ => return Err(End::Strange(NO_PACKET)),
                }
            }
        }
    }

    /// Leaves as a closed tab does.
    fn close(self) {
        let leave = format!("41{NAMESPACE},");
        match self {
            Self::Socket(mut socket) => {
                _ = socket.send(&leave);
                socket.close();
            }
            Self::Polling(mut polling) => {
                polling.deadline = Deadline::after(LEAVE_LIMIT);
                _ = polling.send(&format!("{leave}{SEPARATOR}1"));
            }
        }
    }
}

/// A session by requests, each on a connection of its own and with the cookies that came before, as a browser's.
struct Polling<'r> {
    asker: &'r Asker,
    site: &'r Site,
    path: String,
    cookies: BTreeMap<String, String>,
    deadline: Deadline,
}

impl<'r> Polling<'r> {
    fn open(run: &'r Run<'_>, token: &str) -> Result<Self, End> {
        let path = format!("{POLLING}&token={token}");
        let deadline = Deadline::after(run.limit());
        let mut polling = Self { asker: run.asker, site: &run.site, path, cookies: run.cookies.clone(), deadline };
        let answer = polling.exchange(Request::get(&polling.path))?;
        let sid = transport::session(&answer).ok_or_else(|| End::Answered(answer.clone()))?;
        polling.path.push_str(&format!("&sid={sid}"));
        polling.cookies.extend(answer.cookies());
        Ok(polling)
    }

    fn send(&self, packet: &str) -> Result<(), End> {
        let body = Body::Bytes(packet.as_bytes().to_vec());
        self.exchange(Request::post(&self.path, body).header("Content-Type", "text/plain;charset=UTF-8")).map(|_| ())
    }

    fn receive(&self) -> Result<Vec<String>, End> {
        let answer = self.exchange(Request::get(&self.path))?;
        if answer.is_html() {
            return Err(End::Answered(answer));
        }
        Ok(answer.text().split(SEPARATOR).map(str::to_owned).collect())
    }

    /// Each wait gets what is left of the time for all.
    fn exchange(&self, mut request: Request) -> Result<Answer, End> {
        let silent = NoAnswer::Silent(self.deadline.limit.as_secs());
        let Some(left) = self.deadline.left() else { return Err(End::NoAnswer(silent)) };
        request = request.header("Origin", self.site.to_string()).header("Sec-Fetch-Site", "same-origin");
        request = with_cookies(request, &self.cookies);
        match self.asker.ask(self.site, &request, left) {
            Ok(answer) if answer.status == 200 => Ok(answer),
            Ok(answer) => Err(End::Answered(answer)),
            Err(NoAnswer::Silent(_)) => Err(End::NoAnswer(silent)),
            Err(error) => Err(End::NoAnswer(error)),
        }
    }
}

fn judge(got: &Got, redis: bool, asked: Asked) -> Judged {
    let (step, end) = match got {
        Ok(()) => return Judged::passed("answered with the page's state"),
        Err(ended) => ended,
    };
    let at = match step {
        Step::Open => "",
        Step::Connect => "at Socket.IO's connect: ",
        Step::Hydrate => "at the event: ",
    };
    let mut judged = match (step, end) {
        (_, End::Refused) => Judged::failed("refused", &causes::NAMESPACE_REFUSED),
        (_, End::Ended) => Judged::failed("the backend ended the session", &causes::SESSION_ENDED),
        (_, End::Strange(what)) => Judged::failed(*what, &causes::UNEXPECTED),
        (_, End::Answered(answer)) => {
            let judge = |answer: &Answer| {
                let cause = match answer.status {
                    400 if answer.text().contains("Invalid session") => &causes::SESSION_LOST,
                    500 => &causes::SERVER_ERROR,
                    _ => &causes::UNEXPECTED,
                };
                Judged::failed(described(answer), cause)
            };
            settled(from_backend(&Ok(answer.clone()), asked).map(judge))
        }
        (_, End::NoAnswer(failure)) => {
            let generic = no_answer(failure, asked);
            match (step, failure) {
                (Step::Connect, NoAnswer::Silent(_)) if redis => {
                    Judged::failed(generic.came, &causes::STATE_STORE_SILENT)
                }
                (Step::Hydrate, NoAnswer::Silent(_)) => Judged::failed(generic.came, &causes::EVENT_NOT_ANSWERED),
                _ => generic,
            }
        }
    };
    judged.came.insert_str(0, at);
    judged
}

#[cfg(test)]
mod tests {
    use super::super::tests::{PORTAL, answer, nginx, outcome};
    use super::*;

    fn silent() -> End {
        End::NoAnswer(NoAnswer::Silent(15))
    }

    #[test]
    fn what_came_names_the_cause() {
        let cases = [
            (Step::Connect, End::Refused, "failed namespace-refused"),
            (Step::Connect, silent(), "failed backend-hangs"),
            (Step::Hydrate, silent(), "failed event-not-answered"),
            (Step::Open, silent(), "failed backend-hangs"),
            (Step::Connect, End::Ended, "failed session-ended"),
            (Step::Hydrate, End::Ended, "failed session-ended"),
            (Step::Hydrate, End::Strange("x"), "failed unexpected-answer"),
            (
                Step::Connect,
                End::Answered(answer(400, &[], "\"Invalid session x\"")),
                "failed session-on-another-instance",
            ),
            (Step::Connect, End::Answered(answer(400, &[], "")), "failed unexpected-answer"),
            (Step::Hydrate, End::Answered(answer(500, &[], "")), "failed server-error"),
            (Step::Hydrate, End::Answered(nginx(502)), "failed backend-down"),
            (Step::Hydrate, End::NoAnswer(NoAnswer::Reset), "failed connection-cut"),
        ];
        for (step, end, expected) in cases {
            assert_eq!(outcome(&judge(&Err((step, end)), false, PORTAL)), expected);
        }
        assert_eq!(outcome(&judge(&Ok(()), false, PORTAL)), "passed");
    }

    #[test]
    fn with_redis_a_connect_without_answer_is_the_store() {
        let judged = judge(&Err((Step::Connect, silent())), true, PORTAL);
        assert_eq!(outcome(&judged), "failed state-store-silent");
        assert_eq!(judged.came, "at Socket.IO's connect: no answer in 15 s");
        assert_eq!(outcome(&judge(&Err((Step::Hydrate, silent())), true, PORTAL)), "failed event-not-answered");
        assert_eq!(outcome(&judge(&Err((Step::Open, silent())), true, PORTAL)), "failed backend-hangs");
    }

    #[test]
    fn an_update_is_told_from_other_packets() {
        let full = r#"42/_event,["event",{"delta":{"reflex___state____state":{"x":1}},"events":[],"final":true}]"#;
        assert_eq!(update(full), Some(Ok(())));
        assert_eq!(update(&full[..60]), Some(Ok(())));
        for empty in [r#"42/_event,["event",{"delta":{},"final":true}]"#, r#"42/_event,["event",{}]"#] {
            assert!(matches!(update(empty), Some(Err(End::Strange(_)))), "{empty}");
        }
        for other in
            ["", "2", "42", "42/_event", "42/_event,", "42/_event,[]", r#"42/_event,["new_token","x"]"#, "42/_eventé"]
        {
            assert_eq!(update(other), None, "{other}");
        }
    }

    #[test]
    fn a_token_is_a_random_uuid() {
        assert_eq!(token([0xff; 16]), "ffffffff-ffff-4fff-bfff-ffffffffffff");
        assert_eq!(token([0; 16]), "00000000-0000-4000-8000-000000000000");
        let asker = Asker::new(Vec::new(), false, Vec::new());
        assert_ne!(asker.random::<16>().unwrap(), asker.random::<16>().unwrap());
    }
}
