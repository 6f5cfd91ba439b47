//! Portals that are right, and the shape of what is said of them.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use serde_json::Value;

use super::portal::{Strategy, folder, portal, sound};
use super::stub::{Asked, Reply, Stub};
use crate::support::{read, repository};

/// The stub's port is another one in each run.
pub(super) fn settled(text: &str, stubs: &[(&Stub, &str)]) -> String {
    stubs.iter().fold(text.to_owned(), |text, (stub, name)| text.replace(&stub.port.to_string(), name))
}

#[test]
fn a_container_by_hand() {
    for (name, strategy) in [("polling", Strategy::Polling), ("websocket", Strategy::Websocket)] {
        let stub = Stub::http(sound(strategy));
        let run = folder().run(&["verify", &format!("envs/{name}.toml"), "--url", &stub.url()]).expect(0);
        insta::assert_snapshot!(format!("verify_{name}"), settled(&run.transcript(), &[(&stub, "PORT")]));
        assert!(run.stdout.lines().all(|line| line.chars().count() <= 80), "{}", run.stdout);
    }
}

#[test]
fn a_program_reads_the_same() {
    let stub = Stub::http(sound(Strategy::Polling));
    let run = folder().run(&["verify", "envs/polling.toml", "--url", &stub.url(), "--format", "json"]).expect(0);
    let report: Value = serde_json::from_str(&run.stdout).expect("JSON");
    let schema = read(&repository().join("schemas/verification.schema.json"));
    let schema: Value = serde_json::from_str(&schema).expect("a schema");
    let validator = jsonschema::draft7::new(&schema).expect("a valid schema");
    assert_eq!(validator.validate(&report).map_err(|error| error.to_string()), Ok(()));
    insta::assert_snapshot!("verify_json", settled(&run.transcript(), &[(&stub, "PORT")]));
}

/// A visit is told apart by its token, in the address of each of its requests.
fn token(asked: &Asked) -> Option<&str> {
    asked.query.split('&').find_map(|pair| pair.strip_prefix("token="))
}

#[test]
fn asking_changes_nothing_but_that_somebody_was_there() {
    let seen = Arc::new(Mutex::new((Vec::new(), Vec::new(), BTreeSet::new())));
    let (right, into) = (sound(Strategy::Polling), Arc::clone(&seen));
    let stub = Stub::http(move |asked| {
        let (wrong, visits, tokens) = &mut *into.lock().expect("a lock");
        let session = asked.path == "/_event/" && [&b"3"[..], b"1"].contains(&asked.body.as_slice());
        let upload = asked.path == "/_upload" && asked.header("reflex-client-token").is_empty();
        match token(asked) {
            Some(token) => {
                tokens.insert(token.to_owned());
                if asked.query.contains("sid=") && asked.header("cookie") != "GAESA=s3cret-cookie" {
                    wrong.push("a request of the visit without the cookie".to_owned());
                }
                if asked.method == "POST" {
                    visits.push(String::from_utf8_lossy(&asked.body).replace(token, "TOKEN"));
                }
            }
            None if asked.method != "GET" && !session && !upload => {
                wrong.push(format!("{} {}", asked.method, asked.path));
            }
            None => {}
        }
        right(asked)
    });
    let runs: Vec<_> = (0..2)
        .map(|_| folder().run(&["verify", "envs/polling.toml", "--url", &stub.url()]).expect(0).transcript())
        .collect();
    let (wrong, visits, tokens) = &*seen.lock().expect("a lock");
    assert_eq!(*wrong, Vec::<String>::new());
    // Nobody else's, and told to nobody.
    assert_eq!(tokens.len(), 2);
    assert!(tokens.iter().all(|token| runs.iter().all(|run| !run.contains(token.as_str()))), "{runs:?}");
    let event = r#"["event",{"name":"reflex___state____state.hydrate","payload":{},"handler":null,"event_actions":{},"token":"TOKEN","router_data":{"pathname":"/","query":{},"asPath":"/"}}]"#;
    let visit = ["40/_event,".to_owned(), format!("42/_event,{event}"), "41/_event,\u{1e}1".to_owned()];
    assert_eq!(*visits, [visit.clone(), visit].concat());
}

#[test]
fn a_token_that_an_answer_repeats_is_not_shown() {
    let seen = Arc::new(Mutex::new(String::new()));
    let into = Arc::clone(&seen);
    let stub = Stub::http(portal(Strategy::Polling, move |asked| {
        let token = token(asked).filter(|_| asked.method == "POST")?;
        token.clone_into(&mut into.lock().expect("a lock"));
        Some(Reply::redirect(302, &format!("/of/{token}")))
    }));
    let run = folder().run(&["verify", "envs/polling.toml", "--url", &stub.url()]).expect(1);
    let token = seen.lock().expect("a lock").clone();
    assert!(run.stdout.contains("302, to /of/TOKEN"), "{}", run.stdout);
    assert!(token.len() == 36 && !run.transcript().contains(&token), "{}", run.transcript());
}
