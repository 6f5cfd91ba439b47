//! One builder for all tests: a temporary folder, the built program, and nothing of this machine's environment.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// This repository.
pub(crate) fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A fixture below tests/fixtures.
pub(crate) fn fixture(path: &str) -> PathBuf {
    repository().join("tests/fixtures").join(path)
}

/// A folder with a portal in it, removed at the end of the test.
pub(crate) struct Folder {
    folder: tempfile::TempDir,
}

impl Folder {
    /// An empty one.
    pub(crate) fn empty() -> Self {
        Self { folder: tempfile::tempdir().expect("a temporary folder") }
    }

    /// This repository's portal.toml and environments.
    pub(crate) fn with_portal() -> Self {
        let folder = Self::empty();
        folder.write("portal.toml", &read(&repository().join("portal.toml")));
        for path in files(&repository().join("envs")) {
            folder.write(&format!("envs/{}", name(&path)), &read(&path));
        }
        folder
    }

    /// portal.toml and an environment `demo` that deploys next to nothing: the least that renders.
    pub(crate) fn minimal() -> Self {
        let folder = Self::empty();
        folder.write("portal.toml", &read(&fixture("minimal/portal.toml")));
        folder.write("envs/demo.toml", &read(&fixture("minimal/envs/demo.toml")));
        folder
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn write(&self, path: &str, text: &str) -> &Self {
        let path = self.path().join(path);
        fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
        fs::write(path, text).expect("a file");
        self
    }

    pub(crate) fn read(&self, path: &str) -> String {
        read(&self.path().join(path))
    }

    /// Replaces text that must be there.
    pub(crate) fn edit(&self, path: &str, from: &str, to: &str) -> &Self {
        let text = self.read(path);
        assert!(text.contains(from), "{path} has no {from:?}");
        self.write(path, &text.replacen(from, to, 1))
    }

    pub(crate) fn remove(&self, path: &str) -> &Self {
        fs::remove_file(self.path().join(path)).expect("a file to remove");
        self
    }

    /// Runs portalgen in the folder.
    pub(crate) fn run(&self, arguments: &[&str]) -> Run {
        self.run_in("", arguments)
    }

    /// Runs portalgen in a folder below.
    pub(crate) fn run_in(&self, below: &str, arguments: &[&str]) -> Run {
        Run::of(portalgen().args(arguments).current_dir(self.path().join(below)))
    }

    /// Every file, with its path from the folder, sorted.
    pub(crate) fn tree(&self, below: &str) -> Vec<(String, Vec<u8>)> {
        let mut found = Vec::new();
        walk(&self.path().join(below), &mut |path| {
            let shown = path.strip_prefix(self.path()).expect("below the folder").to_string_lossy().into_owned();
            found.push((shown, fs::read(path).expect("a file")));
        });
        found.sort();
        found
    }
}

/// The built program, with an empty environment.
pub(crate) fn portalgen() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_portalgen"));
    command.env_clear();
    command
}

/// What a run printed, and how it ended.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Run {
    pub(crate) fn of(command: &mut Command) -> Self {
        let Output { status, stdout, stderr } = command.output().expect("the program starts");
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("UTF-8");
        let run = Self { code: status.code().expect("an exit code"), stdout: text(stdout), stderr: text(stderr) };
        assert!(!run.stderr.contains("panicked"), "{}", run.stderr);
        run
    }

    /// Everything, for a snapshot.
    pub(crate) fn transcript(&self) -> String {
        let Self { code, stdout, stderr } = self;
        let part = |name: &str, text: &str| if text.is_empty() { String::new() } else { format!("--- {name}\n{text}") };
        format!("{}{}--- exit code {code}\n", part("stderr", stderr), part("stdout", stdout))
    }

    #[track_caller]
    pub(crate) fn expect(self, code: i32) -> Self {
        assert_eq!(self.code, code, "{}", self.transcript());
        self
    }
}

pub(crate) fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The files of a folder, sorted.
pub(crate) fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut files: Vec<_> =
        entries.map(|entry| entry.expect("an entry").path()).filter(|path| path.is_file()).collect();
    files.sort();
    files
}

/// Every file below a folder.
pub(crate) fn walk(folder: &Path, visit: &mut impl FnMut(&Path)) {
    for entry in fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display())) {
        let path = entry.expect("an entry").path();
        if path.is_dir() { walk(&path, visit) } else { visit(&path) }
    }
}

/// A file's name without its ending.
pub(crate) fn stem(path: &Path) -> String {
    path.file_stem().expect("a name").to_string_lossy().into_owned()
}

/// A file's name.
pub(crate) fn name(path: &Path) -> String {
    path.file_name().expect("a name").to_string_lossy().into_owned()
}
