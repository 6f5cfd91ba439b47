//! What people are told to type, to open and to look up: DEPLOYMENT.md of every environment, README.md, CONTRIBUTING.md
//! and docs/. A command that no longer parses, a file that is gone, a rule of another name or a page that nobody has
//! looked at is stale.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

use clap::Parser;
use portalgen::cli::Cli;
use portalgen::escape::shell_in_line;
use portalgen::rules;
use proptest::prelude::*;

use crate::escape::text;
use crate::support::{Folder, Run, fixture, portalgen, read, repository, walk};

/// Every page on the web that is linked or named, each looked at.
const PAGES: &[&str] = &["https://console.cloud.google.com/auth/clients", "https://reflex.dev", "https://rustup.rs"];

/// Pages that name their sources, one a row: each rule's, which stand in its record, and each command's of gcloud.
const PAGES_OF_SOURCES: &[&str] = &["docs/gcloud.md", "docs/rules.md"];

/// A page, its name and its text.
#[derive(Debug)]
struct Page {
    name: String,
    text: String,
    /// The folder that its relative links begin at; nothing for a page that is rendered elsewhere.
    folder: Option<std::path::PathBuf>,
}

impl Page {
    /// The code blocks, each with its language.
    fn blocks(&self) -> Vec<(&str, String)> {
        let mut blocks: Vec<(&str, String)> = Vec::new();
        let mut open = false;
        for line in self.text.lines() {
            match line.trim_start().strip_prefix("```") {
                Some(_) if open => open = false,
                Some(language) => {
                    open = true;
                    blocks.push((language, String::new()));
                }
                None if open => {
                    let (_, text) = blocks.last_mut().expect("a block is open");
                    text.push_str(line.trim_start());
                    text.push('\n');
                }
                None => {}
            }
        }
        assert!(!open, "{}: a block does not end", self.name);
        blocks
    }

    /// The code spans of the text.
    fn spans(&self) -> Vec<String> {
        let mut spans = Vec::new();
        let mut open = false;
        for line in self.text.lines() {
            if line.trim_start().starts_with("```") {
                open = !open;
            } else if !open {
                spans.extend(line.split('`').skip(1).step_by(2).map(str::to_owned));
            }
        }
        spans
    }

    /// The commands of its shell blocks, each in one line, those whose output it shows, and those of its code spans.
    fn commands(&self) -> Vec<String> {
        let shell = self.blocks().into_iter().filter(|(language, _)| *language == "sh");
        let lines: Vec<_> = shell
            .flat_map(|(_, text)| text.replace("\\\n", " ").lines().map(str::to_owned).collect::<Vec<_>>())
            .collect();
        let shown = self.blocks().into_iter().filter(|(language, _)| *language == "text");
        let shown: Vec<_> = shown
            .flat_map(|(_, text)| {
                let typed = text.lines().filter_map(|line| line.strip_prefix("$ ").map(str::to_owned));
                typed.filter(|command| command.starts_with("portalgen ")).collect::<Vec<_>>()
            })
            .collect();
        let spans = self.spans().into_iter().filter(|span| span.contains(' '));
        lines.into_iter().chain(shown).chain(spans).collect()
    }
}

/// The pages that stand in the repository.
fn own() -> Vec<Page> {
    let mut pages = Vec::new();
    let mut add = |path: &Path| {
        let name = path.strip_prefix(repository()).expect("below").to_string_lossy().into_owned();
        pages.push(Page { name, text: read(path), folder: path.parent().map(Path::to_owned) });
    };
    add(&repository().join("README.md"));
    add(&repository().join("CONTRIBUTING.md"));
    walk(&repository().join("docs"), &mut |path| {
        if path.extension().is_some_and(|extension| extension == "md") {
            add(path);
        }
    });
    pages
}

/// What is rendered, from this repository, from a portal that is in the way of every language, and from settings that
/// none of these has. The folder lives as long as the pages are looked at.
fn rendered() -> (Folder, Vec<Page>) {
    let folder = Folder::with_portal();
    folder.run(&["render"]).expect(0);
    let hostile = folder.path().join("hostile-out");
    Run::of(portalgen().arg("render").arg(fixture("hostile/envs")).arg("--out").arg(&hostile)).expect(0);
    for (name, text) in VARIANTS {
        let variant = Folder::minimal();
        let demo = variant.read("envs/demo.toml");
        let (top, cloud_run) = demo.split_once("[cloud_run]\n").expect("a table");
        let parts: Vec<_> = text.split("---\n").collect();
        let [more_top, more, tables] = parts[..] else { panic!("{text}") };
        variant.write("envs/demo.toml", &format!("{top}{more_top}\n[cloud_run]\n{more}{cloud_run}\n{tables}"));
        variant.run(&["render"]).expect(0);
        folder.write(&format!("{name}/DEPLOYMENT.md"), &variant.read("out/demo/DEPLOYMENT.md"));
    }
    let mut pages = Vec::new();
    walk(folder.path(), &mut |path| {
        if path.file_name().is_some_and(|name| name == "DEPLOYMENT.md") {
            let name = path.strip_prefix(folder.path()).expect("below").to_string_lossy().into_owned();
            pages.push(Page { name, text: read(path), folder: None });
        }
    });
    assert!(pages.len() >= 7 + VARIANTS.len(), "{pages:?}");
    (folder, pages)
}

/// What stands at the top of an environment's file, below its `[cloud_run]`, and behind that.
const VARIANTS: &[(&str, &str)] = &[
    ("run-app", "---\nproject_number = 123456789012\n---\n"),
    (
        "attached",
        "hosts = [\"a.example.com\"]\n---\n\
         ingress = \"internal-and-cloud-load-balancing\"\n---\n\
         [load_balancer]\nmode = \"attach\"\nurl_map = \"shared\"\nload_balancing_scheme = \"EXTERNAL_MANAGED\"\n",
    ),
    (
        "another-project",
        "hosts = [\"a.example.com\"]\n---\n\
         service_account = \"account@b-project.iam.gserviceaccount.com\"\n\
         ingress = \"internal-and-cloud-load-balancing\"\n---\n\
         [secrets]\nA = { secret = \"a\", version = \"1\" }\n",
    ),
    ("internal", "---\ningress = \"internal\"\n---\n"),
];

/// The words of a command, as a shell takes them: enough for what the pages hold.
fn words(command: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quote = None;
    for c in command.chars() {
        match (quote, c) {
            (Some(open), c) if open == c => quote = None,
            (Some(_), c) => word.get_or_insert_default().push(c),
            (None, '\'' | '"') => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            (None, '#') if word.is_none() => break,
            (None, ' ' | '\t') => words.extend(word.take()),
            (None, c) => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    words
}

/// `[ENV]...`, `...` and their like stand for what a reader puts there.
fn is_synopsis(words: &[String]) -> bool {
    words.iter().any(|word| word.starts_with('[') || word.ends_with("...") || word.starts_with('<'))
}

/// What is wrong with a command of portalgen's.
fn judge(command: &str) -> Option<String> {
    let mut words = words(command);
    words.retain(|word| word != "\\");
    // By its name, or from its sources.
    let arguments: Vec<String> = match words.first().map(String::as_str) {
        Some("portalgen") => words[1..].to_vec(),
        Some("cargo") if words.iter().any(|word| word == "run") => match words.iter().position(|word| word == "--") {
            Some(at) => words[at + 1..].to_vec(),
            None => return None,
        },
        _ => return None,
    };
    let end = arguments.iter().position(|word| [">", "|", "&&", ";"].contains(&word.as_str()));
    let mut arguments: Vec<_> = arguments[..end.unwrap_or(arguments.len())].to_vec();
    if is_synopsis(&arguments) {
        // The verb and its options are to be right all the same.
        arguments.retain(|word| !word.starts_with('[') && !word.ends_with("..."));
    }
    let parsed = Cli::try_parse_from(["portalgen".to_owned()].into_iter().chain(arguments.clone()));
    match parsed {
        Ok(_) => {}
        Err(error) if !error.use_stderr() => {}
        // A verb alone is spoken of, and not called.
        Err(_) if is_verb(&arguments) => {}
        Err(error) => return Some(format!("{command}: {error}")),
    }
    match arguments.as_slice() {
        [verb, rule] if verb == "explain" && !rule.starts_with(['-', '<']) && rule != "RULE" => {
            rules::rule(rule).is_none().then(|| format!("{command}: there is no such rule"))
        }
        _ => None,
    }
}

/// Whether these are a verb and nothing else: `check`, `oauth check`.
fn is_verb(arguments: &[String]) -> bool {
    use clap::CommandFactory;
    let mut command = Cli::command();
    arguments.iter().all(|word| match command.find_subcommand(word).cloned() {
        Some(found) => {
            command = found;
            true
        }
        None => false,
    })
}

#[track_caller]
fn none(problems: &[String]) {
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

#[test]
fn every_command_of_portalgen_parses() {
    let (_folder, rendered) = rendered();
    let mut problems = Vec::new();
    let mut seen = BTreeMap::new();
    for page in own().into_iter().chain(rendered) {
        for command in page.commands() {
            if command.starts_with("portalgen ") || command.contains("cargo run") {
                *seen.entry(words(&command).get(1).cloned().unwrap_or_default()).or_insert(0) += 1;
            }
            problems.extend(judge(&command).map(|problem| format!("{}: {problem}", page.name)));
        }
    }
    none(&problems);
    for verb in ["render", "lint", "verify", "explain", "check", "schema", "oauth", "plan", "compare"] {
        assert!(seen.contains_key(verb), "{verb} is nowhere: {seen:?}");
    }
    // The judge can say no.
    for stale in
        ["portalgen rendr x", "portalgen render --dryrun", "portalgen explain no-such-rule", "cargo run -- verify"]
    {
        let verdict = judge(stale);
        assert_eq!(verdict.is_none(), stale.ends_with("verify"), "{stale}: {verdict:?}");
    }
}

/// Paths of the repository, and of what is rendered into it.
#[test]
fn every_path_that_is_named_is_there() {
    let (folder, rendered) = rendered();
    let below = |word: &str| {
        ["out/", "envs/", "examples/", "tests/", "docs/", "src/", "schemas/", "templates/"]
            .iter()
            .any(|top| word.starts_with(top))
    };
    let mut problems = Vec::new();
    let mut seen = 0;
    for page in rendered.iter().filter(|page| page.name.starts_with("out/")).chain(&own()) {
        let of_commands = page.commands().into_iter().flat_map(|command| words(&command));
        let options = of_commands.map(|word| word.rsplit('=').next().unwrap_or_default().to_owned());
        for word in options.chain(page.spans()) {
            let word = word.trim_end_matches(['.', ',', '/']).split(':').next().unwrap_or_default();
            let is_pattern = word.contains(['<', '*', '[', '{']);
            if !below(word) || is_pattern || word.contains(' ') {
                continue;
            }
            seen += 1;
            if !repository().join(word).exists() && !folder.path().join(word).exists() {
                problems.push(format!("{}: {word} is not there", page.name));
            }
        }
    }
    none(&problems);
    assert!(seen > 100, "{seen}");
}

#[test]
fn every_link_leads_somewhere() {
    let (_folder, rendered) = rendered();
    let mut problems = Vec::new();
    let mut used = BTreeSet::new();
    for page in own().into_iter().chain(rendered) {
        let mut open = false;
        for line in page.text.lines() {
            if line.trim_start().starts_with("```") {
                open = !open;
            }
            let targets = line.split("](").skip(1).filter(|_| !open).filter_map(|rest| rest.split(')').next());
            for target in targets {
                let (file, _) = target.split_once('#').unwrap_or((target, ""));
                if target.starts_with("https://") {
                    if !PAGES_OF_SOURCES.contains(&page.name.as_str()) && !PAGES.contains(&target) {
                        problems.push(format!("{}: {target} is on no list", page.name));
                    }
                    used.insert(target.to_owned());
                } else if let Some(folder) = &page.folder
                    && !file.is_empty()
                    && !folder.join(file).exists()
                {
                    problems.push(format!("{}: {target} leads nowhere", page.name));
                } else if page.folder.is_none() {
                    problems.push(format!("{}: {target} leads to a file that may not be there", page.name));
                }
            }
        }
    }
    none(&problems);
    let unused: Vec<_> = PAGES.iter().filter(|page| !used.contains(**page)).collect();
    assert!(unused.is_empty(), "on the list, and nowhere linked: {unused:?}");
}

/// TOML and JSON that a reader may copy.
#[test]
fn every_sample_is_of_its_language() {
    let (_folder, rendered) = rendered();
    let mut seen = 0;
    for page in own().into_iter().chain(rendered) {
        for (language, text) in page.blocks() {
            let error = match language {
                "toml" => text.parse::<toml_edit::DocumentMut>().err().map(|error| error.to_string()),
                "json" => serde_json::from_str::<serde_json::Value>(&text).err().map(|error| error.to_string()),
                _ => continue,
            };
            seen += 1;
            // An example of docs/rules.md may be one that is refused.
            assert!(error.is_none() || page.name == "docs/rules.md", "{}: {error:?}\n{text}", page.name);
        }
    }
    assert!(seen > 10, "{seen}");
}

/// A page is one page whatever an author writes: what begins a block or a heading is the template's alone.
#[test]
fn the_same_headings_and_blocks_whatever_an_author_writes() {
    let outline = |page: &Page| {
        let headings = page.text.lines().filter(|line| line.starts_with("##"));
        headings.map(str::to_owned).collect::<Vec<_>>()
    };
    let (_folder, rendered) = rendered();
    let hostile = rendered.iter().find(|page| page.name.starts_with("hostile")).expect("a page");
    let demo = rendered.iter().find(|page| page.name == "out/demo/DEPLOYMENT.md").expect("a page");
    assert_eq!(outline(hostile), outline(demo));
    for page in &rendered {
        assert_eq!(page.text.lines().filter(|line| line.starts_with("# ")).count(), 1, "{}", page.name);
        assert!(portalgen::render::has_header(page.text.as_bytes()), "{}", page.name);
        assert!(!page.text.contains("\n\n\n"), "{}: two empty lines", page.name);
        assert!(page.text.lines().all(|line| !line.ends_with(' ')), "{}: a blank at a line's end", page.name);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, ..ProptestConfig::default() })]

    /// A description may be any text: it is one cell of the table, and the lines round it are as they were.
    #[test]
    fn a_description_stays_in_its_row(description in text()) {
        let folder = Folder::minimal();
        let demo = folder.read("envs/demo.toml");
        let quoted = toml_edit::Value::from(description.as_str()).to_string();
        folder.write("envs/demo.toml", &demo.replace("[cloud_run]", &format!("description = {quoted}\n\n[cloud_run]")));
        let rendered = portalgen::workspace::load(&[], folder.path()).expect("a portal");
        prop_assume!(!rendered.malformed && !description.is_empty());
        let artifacts = portalgen::render::artifacts(&rendered.deployments, false);
        let page = &artifacts.iter().find(|artifact| artifact.name == "DEPLOYMENT.md").expect("a page").contents;
        let row: Vec<_> = page.lines().filter(|line| line.starts_with("| description | `")).collect();
        prop_assert_eq!(row.len(), 1);
        let bars = row[0].matches('|').count() - row[0].matches("\\|").count();
        prop_assert_eq!(bars, 3);
        let without: Vec<_> = page.lines().filter(|line| !line.starts_with("| description |")).collect();
        prop_assert_eq!(without.iter().filter(|line| line.starts_with('#')).count(), 11);
    }
}

/// Every shell block of these pages, in a file each.
fn shell_blocks(folder: &Folder, pages: impl Iterator<Item = Page>) -> Vec<String> {
    let mut files = Vec::new();
    for page in pages {
        for (number, (_, text)) in page.blocks().into_iter().filter(|(language, _)| *language == "sh").enumerate() {
            let file = format!("{}-{number}.sh", page.name.replace('/', "-"));
            folder.write(&file, &format!("#!/bin/bash\n{text}"));
            files.push(file);
        }
    }
    assert!(files.len() > 60, "{}", files.len());
    files
}

#[test]
#[ignore = "needs bash"]
fn bash_reads_every_command() {
    let folder = Folder::empty();
    let (_rendered, pages) = rendered();
    for file in shell_blocks(&folder, own().into_iter().chain(pages)) {
        let output = Command::new("bash").args(["-n", &file]).current_dir(folder.path()).output().expect("bash");
        assert!(output.status.success(), "{file}: {}", String::from_utf8_lossy(&output.stderr));
    }
}

#[test]
#[ignore = "needs bash"]
fn bash_takes_a_token_in_one_line_for_its_text() {
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig {
        cases: 24,
        failure_persistence: None,
        ..ProptestConfig::default()
    });
    runner
        .run(&prop::collection::vec(text(), 1..40), |values| {
            let mut script = String::new();
            for value in &values {
                let token = shell_in_line(value).expect("no NUL");
                prop_assert!(!token.contains(['\n', '\r']));
                script.push_str(&format!("printf '%s\\0' {token}\n"));
            }
            let folder = Folder::empty();
            folder.write("x.sh", &script);
            let output =
                Command::new("bash").arg(folder.path().join("x.sh")).env("LC_ALL", "C.UTF-8").output().expect("bash");
            let said = String::from_utf8(output.stdout).expect("UTF-8");
            prop_assert_eq!(said.split_terminator('\0').collect::<Vec<_>>(), values);
            Ok(())
        })
        .unwrap();
}

#[test]
#[ignore = "needs shellcheck"]
fn shellcheck_finds_nothing_in_commands() {
    let folder = Folder::empty();
    // Those of the repository's own pages show what may follow a verb, too.
    let (_rendered, pages) = rendered();
    let files = shell_blocks(&folder, pages.into_iter());
    // A value of the reader's own is assigned before and used in another block; a path is not followed.
    let left_out = "--exclude=SC2034,SC2154,SC1091";
    let output = Command::new("shellcheck").args(["--norc", left_out]).args(&files).current_dir(folder.path()).output();
    let output = output.expect("shellcheck");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
}
