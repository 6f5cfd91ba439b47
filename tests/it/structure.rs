//! The floors of the house: no module of the library imports, by whatever way, one that imports it.

use std::collections::{BTreeMap, BTreeSet};

use crate::support::{read, repository, walk};

#[test]
fn no_import_leads_back() {
    let source = repository().join("src");
    let mut imports: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    walk(&source, &mut |path| {
        let below = path.strip_prefix(&source).expect("below src");
        let module = below.iter().next().expect("a name").to_string_lossy().replace(".rs", "");
        let text = read(path);
        let code =
            text.lines().take_while(|line| *line != "#[cfg(test)]").filter(|line| !line.trim_start().starts_with("//"));
        let code = code.collect::<Vec<_>>().join(" ");
        for rest in code.split("crate::").skip(1) {
            // `crate::one::Item`, or `crate::{one, two::Item}`.
            let names = match rest.strip_prefix('{') {
                Some(list) => list.split('}').next().unwrap_or_default().split(',').collect(),
                None => vec![rest],
            };
            let word = |name: &str| {
                name.trim().split(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap_or_default().to_owned()
            };
            imports.entry(module.clone()).or_default().extend(names.into_iter().map(word));
        }
    });
    imports.retain(|module, _| !matches!(module.as_str(), "lib" | "main"));
    assert!(imports.len() > 20, "{imports:?}");
    for module in imports.keys() {
        let mut reached = BTreeSet::new();
        let mut open: Vec<_> = imports[module].iter().filter(|name| *name != module).collect();
        while let Some(next) = open.pop() {
            if reached.insert(next) {
                open.extend(imports.get(next).into_iter().flatten().filter(|name| *name != next));
            }
        }
        assert!(!reached.contains(module), "{module} imports {:?}, which lead back to it", imports[module]);
    }
}
