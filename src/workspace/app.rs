//! Reads the app's own files: the lock file and rxconfig.py, and whether what the Dockerfile copies is there.

use std::fs;
use std::path::Path;

use super::{Reader, reason, shown};
use crate::app_files::{AppFiles, ConfigFile, LockFile, Missing, Role, Unreadable};
use crate::config::PortalFile;
use crate::deployment::App;
use crate::finding::SourceId;
use crate::lock::Lock;
use crate::source::{KeyPath, Source};
use crate::{resolve, rxconfig, secrets, units};

impl Reader<'_> {
    /// What there is of the app, from portal.toml's folder.
    pub(super) fn app_files(&mut self, root: &Path, file: &PortalFile, portal: SourceId) -> AppFiles {
        let app = resolve::app(file);
        let mut files = AppFiles::default();
        // What was mended leads to nothing of the author's.
        let mended = |reader: &Self, name| reader.was_mended(portal, &key(name));
        let folder = root.join(app.source.as_str());
        if !mended(self, "source") {
            match folder.is_dir() {
                true => self.app_folder(&folder, &app, resolve::portal_keys(file).asgi, &mut files),
                false => files.missing.push(self.missing(Role::Source, root, app.source.as_str(), key("source"))),
            }
        }
        let lock = root.join(app.lock.as_str());
        if mended(self, "lock") || (files.lacks(Role::Source) && lock.starts_with(&folder)) {
            return files;
        }
        if is_there(&lock) {
            let read = self.app_file(&lock, key("lock"), &mut files.unreadable);
            files.lock = read.map(|(source, text)| LockFile { source, lock: Lock::parse(&text) });
        } else {
            files.missing.push(self.missing(Role::Lock, root, app.lock.as_str(), key("lock")));
        }
        files
    }

    /// What lies in the app's folder.
    fn app_folder(&mut self, folder: &Path, app: &App, asgi: KeyPath, files: &mut AppFiles) {
        let config = folder.join("rxconfig.py");
        if is_there(&config) {
            let read = self.app_file(&config, key("source"), &mut files.unreadable);
            files.config = read.map(|(source, text)| ConfigFile { source, settings: rxconfig::settings(&text) });
        } else {
            files.missing.push(self.missing(Role::Config, folder, "rxconfig.py", key("source")));
        }
        if !is_there(&folder.join(&app.package)) {
            files.missing.push(self.missing(Role::Package, folder, &app.package, key("package")));
        }
        let module = app.asgi.module();
        let top = module.split('.').next().unwrap_or_default();
        let top_is_there = [top.to_owned(), format!("{top}.py")].iter().any(|name| is_there(&folder.join(name)));
        let path = module.replace('.', "/");
        let forms = [format!("{path}.py"), format!("{path}/__init__.py")];
        if app.carries(top) && top_is_there && !forms.iter().any(|form| is_there(&folder.join(form))) {
            files.missing.push(self.missing(Role::Module, folder, &forms[0], asgi));
        }
        for (i, path) in app.include.iter().enumerate() {
            if !is_there(&folder.join(path.as_str())) {
                files.missing.push(self.missing(Role::Include, folder, path.as_str(), key("include").index(i)));
            }
        }
    }

    fn app_file(&mut self, path: &Path, key: KeyPath, unreadable: &mut Vec<Unreadable>) -> Option<(SourceId, String)> {
        let shown = shown(self.current, path);
        // A pipe would keep us waiting.
        let text = match fs::metadata(path) {
            Ok(metadata) if metadata.is_dir() => Err("it is a folder".to_owned()),
            Ok(metadata) if !metadata.is_file() => Err("it is no ordinary file".to_owned()),
            Ok(_) => fs::read_to_string(path).map_err(|error| reason(&error)),
            Err(error) => Err(reason(&error)),
        };
        match text {
            Ok(text) => {
                let text = text.replace("\r\n", "\n");
                let mut source = Source::plain(shown, text.as_str());
                source.hide(secrets::hidden_in_text(&text, &[]));
                self.sources.push(source);
                Some((SourceId(self.sources.len() - 1), text))
            }
            Err(reason) => {
                unreadable.push(Unreadable { path: shown, key, reason, is_folder: path.is_dir() });
                None
            }
        }
    }

    fn missing(&self, role: Role, base: &Path, wanted: &str, key: KeyPath) -> Missing {
        let near = match role {
            Role::Source | Role::Package | Role::Include | Role::Lock => near(role, base, wanted),
            // Their names follow from others.
            Role::Config | Role::Module => None,
        };
        Missing { role, path: shown(self.current, &base.join(wanted)), key, near }
    }
}

/// A key of `[app]`.
fn key(name: &str) -> KeyPath {
    KeyPath::new(["app", name])
}

fn is_there(path: &Path) -> bool {
    path.try_exists().unwrap_or(true)
}

/// The path with its first name that is not there put right, if that leads somewhere.
fn near(role: Role, base: &Path, wanted: &str) -> Option<String> {
    let names: Vec<_> = wanted.split('/').collect();
    let known = names.iter().scan(base.to_path_buf(), |folder, name| {
        folder.push(name);
        is_there(folder).then_some(())
    });
    let (before, rest) = names.split_at(known.count());
    let (wrong, after) = rest.split_first()?;
    let folder = before.iter().fold(base.to_path_buf(), |folder, name| folder.join(name));
    let suits = |name: &String| {
        let is_folder = folder.join(name).is_dir();
        match role {
            _ if name.starts_with('.') => false,
            Role::Source | Role::Package => is_folder,
            // What a lock file is made from is none.
            Role::Lock if after.is_empty() => !is_folder && !name.ends_with(".in"),
            _ => true,
        }
    };
    let entries = fs::read_dir(&folder).ok()?;
    let mut there: Vec<_> = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok()).collect();
    there.retain(suits);
    let right = units::closest(wrong, there.iter().map(String::as_str))?;
    let path = [before, &[right], after].concat().join("/");
    is_there(&base.join(&path)).then_some(path)
}
