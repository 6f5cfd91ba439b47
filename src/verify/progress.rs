//! Shows on standard error that something goes on: one line that is written anew on a terminal; elsewhere a plain line
//! now and then, and only while there is something to wait for.

use std::io::{IsTerminal, Write};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread::JoinHandle;
use std::time::Duration;

use super::{clock, verdict};
use crate::cli::COLUMNS;

/// What is shown while a run goes on.
#[derive(Debug)]
pub struct Progress {
    line: Option<Line>,
}

/// The one line of a terminal, and the thread that counts its seconds.
#[derive(Debug)]
struct Line {
    sender: Option<Sender<Option<String>>>,
    thread: Option<JoinHandle<()>>,
}

impl Progress {
    /// For standard error as it is.
    pub fn new() -> Self {
        Self { line: std::io::stderr().is_terminal().then(Line::start) }
    }

    /// That this is asked now.
    pub(super) fn asking(&self, what: &str) {
        self.send(Some(what.to_owned()));
    }

    /// That nothing is asked at the moment.
    pub(super) fn clear(&self) {
        self.send(None);
    }

    /// That there is something to wait for.
    pub(super) fn waiting(&self, text: &str) {
        match &self.line {
            Some(_) => self.send(Some(text.to_owned())),
            None => write(&format!("{text}\n")),
        }
    }

    fn send(&self, text: Option<String>) {
        if let Some(sender) = self.line.as_ref().and_then(|line| line.sender.as_ref()) {
            _ = sender.send(text);
        }
    }
}

impl Default for Progress {
    fn default() -> Self {
        Self::new()
    }
}

impl Line {
    fn start() -> Self {
        let (sender, receiver) = mpsc::channel::<Option<String>>();
        let thread = std::thread::spawn(move || {
            let mut shown: Option<(String, std::time::Instant)> = None;
            loop {
                match receiver.recv_timeout(Duration::from_secs(1)) {
                    Ok(Some(text)) => shown = Some((text, clock::now())),
                    Ok(None) => shown = None,
                    Err(RecvTimeoutError::Timeout) if shown.is_none() => continue,
                    Err(RecvTimeoutError::Timeout) => {}
                    Err(RecvTimeoutError::Disconnected) => break,
                }
                write(&format!("\r\x1b[K{}", shown.as_ref().map(line).unwrap_or_default()));
            }
            if shown.is_some() {
                write("\r\x1b[K");
            }
        });
        Self { sender: Some(sender), thread: Some(thread) }
    }
}

/// The text, and for how long it has stood there.
fn line((text, since): &(String, std::time::Instant)) -> String {
    let seconds = clock::now().duration_since(*since).as_secs();
    let time = if seconds == 0 { String::new() } else { format!(" ({seconds} s)") };
    let visible: String = verdict::visible(text).chars().take(COLUMNS - 12).collect();
    format!("{visible}{time}")
}

impl Drop for Line {
    fn drop(&mut self) {
        self.sender = None;
        if let Some(thread) = self.thread.take() {
            _ = thread.join();
        }
    }
}

fn write(text: &str) {
    // A reader that has gone is no failure of ours.
    let mut stderr = std::io::stderr();
    _ = stderr.write_all(text.as_bytes());
    _ = stderr.flush();
}
