//! Reads a lock file as pip does: one requirement a line, with its hashes.

use std::ops::Range;

/// What a lock file says, and where.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Lock {
    /// The packages, in the order of the file.
    pub packages: Vec<Locked>,
    /// What stands in another file or folder: `-r`, `-c`, `-e` and paths.
    pub elsewhere: Vec<Range<usize>>,
    /// What is no requirement at all.
    pub unreadable: Vec<Range<usize>>,
    /// Whether a package is named by an address alone, so that nobody can tell which it is.
    pub has_unnamed: bool,
}

/// A package of a lock file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Locked {
    /// Its name: lower case, with single hyphens.
    pub name: String,
    /// Where the name stands, without extras.
    pub span: Range<usize>,
    /// The version, where there is exactly one.
    pub version: Option<(String, Range<usize>)>,
    /// Whether it comes from an address of its own.
    pub by_address: bool,
    /// Whether there is a hash.
    pub hashed: bool,
}

impl Lock {
    /// Reads the text. Nothing is an error here; what pip could not read is in [`unreadable`](Self::unreadable).
    pub fn parse(text: &str) -> Self {
        let mut lock = Self::default();
        for (offset, line) in logical_lines(text) {
            lock.add(offset, &line);
        }
        lock
    }

    /// The entries of a package, by its name in lower case with hyphens: more than one where markers choose.
    pub fn entries<'l>(&'l self, name: &'l str) -> impl Iterator<Item = &'l Locked> {
        self.packages.iter().filter(move |package| package.name == name)
    }

    /// The names of all packages, in lower case with hyphens.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.packages.iter().map(|package| package.name.as_str())
    }

    fn add(&mut self, offset: usize, line: &str) {
        let whole = offset..offset + line.len();
        if let Some(option) = line.strip_prefix('-') {
            // `-rFILE` is `-r FILE`; the other short options lead to no file that pip installs from.
            let long = ["-requirement", "-constraint", "-editable"];
            if long.iter().any(|name| option.starts_with(name)) || option.starts_with(['r', 'c', 'e']) {
                self.elsewhere.push(whole);
            }
            return;
        }
        let first = line.split_whitespace().next().unwrap_or_default();
        if first.split_once("://").is_some_and(|(before, _)| !before.contains('@')) && !first.starts_with("file:") {
            self.has_unnamed = true;
            return;
        }
        let archive = [".whl", ".tar.gz", ".zip"].iter().any(|ending| first.ends_with(ending));
        if first.starts_with(['.', '/']) || first.starts_with("file:") || archive {
            self.elsewhere.push(whole);
            return;
        }
        match requirement(offset, line) {
            Some(package) => self.packages.push(package),
            None => self.unreadable.push(whole),
        }
    }
}

/// The lines as pip joins them, without comments and outer blanks, each with its place. A backslash and the line's end
/// become blanks, so that every byte stands as far from the beginning as in the text.
fn logical_lines(text: &str) -> Vec<(usize, String)> {
    let (mut lines, mut joined, mut start, mut offset) = (Vec::new(), String::new(), 0, 0);
    for line in text.split_inclusive('\n') {
        // A comment ends what a backslash continues.
        let is_comment = line.trim_start().starts_with('#');
        match line.trim_end_matches('\n').strip_suffix('\\') {
            Some(continued) if !is_comment => {
                joined.push_str(continued);
                joined.push_str(&" ".repeat(line.len() - continued.len()));
            }
            _ => {
                joined.push_str(line);
                lines.push((start, std::mem::take(&mut joined)));
                start = offset + line.len();
            }
        }
        offset += line.len();
    }
    lines.push((start, joined));
    let bare = lines.into_iter().map(|(start, line)| {
        let line = &line[..comment(&line).unwrap_or(line.len())];
        let content = line.trim_start_matches('\u{feff}').trim_start();
        (start + line.len() - content.len(), content.trim_end().to_owned())
    });
    bare.filter(|(_, line)| !line.is_empty()).collect()
}

/// Where a comment begins: at a `#` with nothing or a blank before it.
fn comment(line: &str) -> Option<usize> {
    let mut hashes = line.match_indices('#').map(|(at, _)| at);
    hashes.find(|at| line[..*at].chars().next_back().is_none_or(char::is_whitespace))
}

fn requirement(offset: usize, line: &str) -> Option<Locked> {
    let end = line.find(|c: char| !(c.is_ascii_alphanumeric() || "-_.".contains(c))).unwrap_or(line.len());
    let name = &line[..end];
    if !name.starts_with(|c: char| c.is_ascii_alphanumeric()) {
        return None;
    }
    let mut rest = &line[end..];
    if let Some(extras) = rest.trim_start().strip_prefix('[') {
        rest = &extras[extras.find(']')? + 1..];
    }
    let begins = ["==", ">=", "<=", "~=", "!=", "<", ">", "@", ";", "(", "--"];
    let legal = rest.trim().is_empty() || begins.iter().any(|begin| rest.trim_start().starts_with(begin));
    if !legal {
        return None;
    }
    let options = rest.find("--").unwrap_or(rest.len());
    let specifier = &rest[..options];
    let by_address = specifier.trim_start().starts_with('@');
    let address_hash = || ["#sha256=", "#sha384=", "#sha512="].iter().any(|hash| specifier.contains(hash));
    let specifier = specifier.split(';').next().unwrap_or_default();
    let version = exact(specifier).map(|(at, version)| {
        let start = offset + (line.len() - rest.len()) + at;
        (version.to_owned(), start..start + version.len())
    });
    Some(Locked {
        name: normal(name),
        span: offset..offset + end,
        version: version.filter(|_| !by_address),
        by_address,
        hashed: rest[options..].contains("--hash") || (by_address && address_hash()),
    })
}

/// The version of `==1.0`, and where it stands.
fn exact(specifier: &str) -> Option<(usize, &str)> {
    let at = specifier.find("==")?;
    let version = specifier[at..].trim_start_matches('=').trim_start();
    let start = specifier.len() - version.len();
    let version = version.trim_end_matches([')', ' ', '\t']);
    let alone = specifier[..at].trim_matches([' ', '\t', '(']).is_empty();
    let one = !version.is_empty() && !version.contains([',', '*', ' ']);
    (alone && one).then_some((start, version))
}

/// A name as PEP 503 compares it.
fn normal(name: &str) -> String {
    let words = name.split(['-', '_', '.']).filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join("-").to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Name, version and whether there is a hash; spans are checked against the text.
    fn read(text: &str) -> Vec<(String, Option<String>, bool)> {
        let packages = Lock::parse(text).packages.into_iter().map(|package| {
            assert_eq!(normal(&text[package.span.clone()]), package.name);
            let version = package.version.map(|(version, span)| {
                assert_eq!(text[span], version);
                version
            });
            (package.name, version, package.hashed)
        });
        packages.collect()
    }

    fn one(text: &str) -> (String, Option<String>, bool) {
        let [package] = read(text).try_into().expect("one package");
        package
    }

    fn package(name: &str, version: &str, hashed: bool) -> (String, Option<String>, bool) {
        (name.to_owned(), (!version.is_empty()).then(|| version.to_owned()), hashed)
    }

    #[test]
    fn a_line_as_uv_and_pip_tools_write_it() {
        let text = concat!(
            "# a comment\n",
            "Uvicorn[standard]==0.40.0 ; python_version >= '3.11' \\\n",
            "    --hash=sha256:aa \\\n    --hash=sha256:bb\n    # via -r requirements.in\n",
        );
        assert_eq!(read(text), [package("uvicorn", "0.40.0", true)]);
    }

    #[test]
    fn forms_of_a_requirement() {
        assert_eq!(one("reflex==0.8.24.post1"), package("reflex", "0.8.24.post1", false));
        assert_eq!(one("  My_Package.Name == 1.0  # why"), package("my-package-name", "1.0", false));
        assert_eq!(one("a (==1.0) --hash sha256:aa"), package("a", "1.0", true));
        assert_eq!(one("a===1.0"), package("a", "1.0", false));
        assert_eq!(one("a [x, y] >= 1.0"), package("a", "", false));
        assert_eq!(one("a>=1.0,==1.*"), package("a", "", false));
        assert_eq!(one("a"), package("a", "", false));
        assert_eq!(one("\u{feff}a==1"), package("a", "1", false));
        assert_eq!(one("a @ https://example.com/a.whl#sha256=aa ; x == '1'"), package("a", "", true));
        assert_eq!(one("a==1 \\\n# a comment ends it\n  --hash=sha256:aa"), package("a", "1", false));
        assert_eq!(one("a \\\n==1"), package("a", "1", false));
    }

    #[test]
    fn what_is_no_requirement() {
        let lock = |text: &str| {
            let lock = Lock::parse(text);
            let shown = |spans: &[Range<usize>]| spans.iter().map(|span| text[span.clone()].to_owned()).collect();
            let (elsewhere, unreadable): (Vec<String>, Vec<String>) = (shown(&lock.elsewhere), shown(&lock.unreadable));
            (elsewhere, unreadable, lock.has_unnamed, lock.packages.len())
        };
        let texts = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
        assert_eq!(lock("--index-url https://x\n--pre\n-i https://x\n-f y\n"), (vec![], vec![], false, 0));
        let text = "-r a.txt # more\n-c b\n-e .\n--requirement=c\n./d\nd/e.whl\n";
        assert_eq!(lock(text).0, texts(&["-r a.txt", "-c b", "-e .", "--requirement=c", "./d", "d/e.whl"]));
        assert_eq!(lock("git+https://x/y\n"), (vec![], vec![], true, 0));
        let text = "version = 1\n[[package]]\n{ \"a\": 1 }\n";
        assert_eq!(lock(text).1, texts(&["version = 1", "[[package]]", "{ \"a\": 1 }"]));
        assert_eq!(lock("").3, 0);
    }

    proptest! {
        #[test]
        fn any_text_is_read(text in "([-a=#\\\\ \n;@(\\[\\]é\u{feff}.]|--hash|==1|://){0,40}") {
            let lock = Lock::parse(&text);
            for span in lock.elsewhere.iter().chain(&lock.unreadable) {
                prop_assert!(text.get(span.clone()).is_some());
            }
            read(&text);
        }
    }
}
