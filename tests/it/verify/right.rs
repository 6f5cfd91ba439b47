//! Portals that are right, and the shape of what is said of them.

use serde_json::Value;

use super::portal::{Strategy, folder, sound};
use super::stub::Stub;
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

#[test]
fn asking_changes_nothing() {
    let wrong = std::sync::Arc::new(std::sync::Mutex::new(Vec::new()));
    let seen = std::sync::Arc::clone(&wrong);
    let right = sound(Strategy::Polling);
    let stub = Stub::http(move |asked| {
        let session = asked.path == "/_event/" && [&b"3"[..], b"1"].contains(&asked.body.as_slice());
        let upload = asked.path == "/_upload" && asked.header("reflex-client-token").is_empty();
        if asked.method != "GET" && !session && !upload {
            seen.lock().expect("a lock").push(format!("{} {}", asked.method, asked.path));
        }
        right(asked)
    });
    folder().run(&["verify", "envs/polling.toml", "--url", &stub.url()]).expect(0);
    assert_eq!(*wrong.lock().expect("a lock"), Vec::<String>::new());
}
