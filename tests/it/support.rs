//! One builder for all tests: a temporary folder, the built program, and nothing of this machine's environment.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use toml_edit::{DocumentMut, Item, Table};

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

    /// This repository's portal.toml, environments, app and schemas.
    pub(crate) fn with_portal() -> Self {
        let folder = Self::empty();
        folder.write("portal.toml", &read(&repository().join("portal.toml")));
        for below in ["envs", "examples/portal", "schemas"] {
            folder.copy(&repository().join(below), below);
        }
        folder
    }

    /// portal.toml, an app and an environment `demo` that deploys next to nothing: the least that renders.
    pub(crate) fn minimal() -> Self {
        let folder = Self::empty();
        folder.copy(&fixture("minimal"), "").copy(&repository().join("schemas"), "schemas");
        folder
    }

    /// The same behind load balancers that exist: `demo` behind one of today, `classic` behind a classic one.
    pub(crate) fn attached() -> Self {
        let folder = Self::minimal();
        folder.copy(&fixture("attach"), "");
        folder
    }

    /// Copies every file of a folder.
    pub(crate) fn copy(&self, from: &Path, to: &str) -> &Self {
        walk(from, &mut |path| {
            let to = self.path().join(to).join(path.strip_prefix(from).expect("below the folder"));
            fs::create_dir_all(to.parent().expect("a parent")).expect("a folder");
            fs::copy(path, to).expect("a file");
        });
        self
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

    /// Lays a rule's example over the minimal portal: below a comment with a file's name stands what is different there.
    /// TOML is merged key by key (another environment begins as `demo` does); `-` lines of a rendered file, or of TOML,
    /// are replaced by the `+` lines below them; any other file is as it stands (an environment that names its portal
    /// too).
    pub(crate) fn lay_over(&self, example: &str) -> &Self {
        let mut rendered = false;
        for (path, text) in sections(example) {
            if path.starts_with("out/") && !rendered {
                self.run(&["render"]).expect(0);
                rendered = true;
            }
            if path.starts_with("out/") || (path.ends_with(".toml") && text.starts_with('-')) {
                self.replace_lines(path, &text);
            } else if text.contains("portal = ") {
                let schema =
                    if text.contains("#:schema") { "" } else { "#:schema ../schemas/environment.schema.json\n" };
                self.write(path, &format!("{schema}{text}"));
            } else if path.ends_with(".toml") {
                let base = match self.path().join(path).is_file() {
                    true => self.read(path),
                    false => read(&fixture("minimal/envs/demo.toml")),
                };
                let mut document: DocumentMut = base.parse().expect("the base is TOML");
                let changes: DocumentMut = text.parse().unwrap_or_else(|error| panic!("{path}: {error}"));
                merge(document.as_table_mut(), changes.as_table());
                self.write(path, &document.to_string());
            } else {
                self.write(path, &text);
            }
        }
        self
    }

    fn replace_lines(&self, path: &str, changes: &str) {
        let lines = |sign: &str, hunk: &[&str]| {
            hunk.iter().filter_map(|line| line.strip_prefix(sign)).map(|line| format!("{line}\n")).collect::<String>()
        };
        let changes: Vec<_> = changes.lines().collect();
        // A hunk ends where a `-` follows a `+`.
        for hunk in changes.chunk_by(|one, next| !(one.starts_with('+') && next.starts_with('-'))) {
            let old = lines("-", hunk);
            assert!(!old.is_empty(), "{path}: a `-` line comes first");
            self.edit(path, &old, &lines("+", hunk));
        }
    }

    /// The files that are written for what the folder holds now.
    pub(crate) fn rendered(&self) -> Vec<(String, Vec<u8>)> {
        self.run(&["render"]).expect(0);
        self.tree("out")
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

/// The files of an example: each with its path and what stands below it.
fn sections(example: &str) -> Vec<(&str, String)> {
    let mut sections: Vec<(&str, String)> = Vec::new();
    for line in example.lines() {
        match line.strip_prefix("# ").filter(|path| path.contains(['.', '/']) && !path.contains(' ')) {
            Some(path) => sections.push((path, String::new())),
            None => {
                let (_, text) = sections.last_mut().expect("a file's name comes first");
                text.push_str(line);
                text.push('\n');
            }
        }
    }
    sections
}

fn merge(into: &mut Table, changes: &Table) {
    for (key, item) in changes {
        match (into.get_mut(key), item) {
            (Some(Item::Table(into)), Item::Table(changes)) => merge(into, changes),
            (Some(into), item) => *into = item.clone(),
            (None, item) => _ = into.insert(key, item.clone()),
        }
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

/// The ids of what `lint` has found.
pub(crate) fn rules_of(run: &Run) -> BTreeSet<String> {
    let ids = run.stdout.lines().filter_map(|line| {
        let (level, rest) = line.split_once('[')?;
        matches!(level, "error" | "warning").then(|| rest.split(']').next().unwrap_or_default().to_owned())
    });
    ids.collect()
}

pub(crate) fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The excerpt in README.md that begins so, of what a command prints.
pub(crate) fn excerpt(begins: &str) -> String {
    let readme = read(&repository().join("README.md"));
    let blocks = readme.split("```text\n").skip(1).filter_map(|rest| rest.split("```").next());
    let found: Vec<_> = blocks.filter(|block| block.starts_with(begins)).collect();
    assert_eq!(found.len(), 1, "README.md has {} excerpts that begin with {begins:?}", found.len());
    found[0].to_owned()
}

/// The arguments of the command that an excerpt begins with; `...` stands for more of them.
pub(crate) fn arguments_of(excerpt: &str) -> Vec<&str> {
    let command = excerpt.lines().next().and_then(|line| line.strip_prefix("$ portalgen "));
    command.expect("a command comes first").split(' ').filter(|word| *word != "...").collect()
}

/// Holds an excerpt by what was printed: its lines are lines of that, one below the other, and in their order; `...`
/// stands for those that are left out.
#[track_caller]
pub(crate) fn assert_excerpt(excerpt: &str, printed: &str) {
    let printed: Vec<_> = printed.lines().collect();
    let lines: Vec<_> = excerpt.lines().filter(|line| !line.starts_with("$ ")).collect();
    let parts = lines.split(|line| *line == "...").filter(|part| !part.is_empty());
    let mut next = 0;
    for part in parts {
        let at = printed[next..].windows(part.len()).position(|window| window == part);
        let at = at.unwrap_or_else(|| panic!("not printed so:\n{}\n\nbut:\n{}", part.join("\n"), printed.join("\n")));
        next += at + part.len();
    }
    assert!(next > 0, "an excerpt without a line: {excerpt}");
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
