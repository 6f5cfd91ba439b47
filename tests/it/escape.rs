//! What goes into a template or a document comes out of its reader as it went in.

use std::collections::BTreeMap;
use std::fmt::Write;

use portalgen::template::render_source;
use proptest::prelude::*;
use serde_json::json;

use crate::support::Folder;

/// Text with more of what languages trip over than chance would bring.
pub(crate) fn text() -> impl Strategy<Value = String> {
    let trap = prop::sample::select(vec![
        "\"",
        "'",
        "`",
        "$",
        "${",
        "%{",
        "{{",
        "}}",
        "{%",
        "#",
        "\\",
        "\n",
        "\r",
        "\t",
        " ",
        ": ",
        "- ",
        "|",
        ">",
        "&",
        "*",
        "!",
        "%",
        "@",
        "~",
        "yes",
        "null",
        "1_000",
        "12:30",
        "é",
        "日本",
        "🚪",
        "\u{85}",
        "\u{2028}",
        "\u{feff}",
        "\u{1}",
        "\u{1b}",
        "\u{7f}",
        "a",
        "=",
        "<<",
        "---",
        "...",
        "$(id)",
        "${x}",
        "\\n",
        "<codespace-name>",
        "V9=",
    ]);
    prop::collection::vec(prop_oneof![4 => trap.prop_map(str::to_owned), 1 => "[^\u{0}]"], 0..12)
        .prop_map(|parts| parts.concat())
}

fn through_template(template: &str, source: &str, value: &str) -> String {
    render_source(template, source, &json!({ "value": value })).expect("a value that can be written")
}

proptest! {
    #[test]
    fn terraform_reads_back(value in text()) {
        let rendered = through_template("x.tf.j2", "value = {{ value }}\n", &value);
        let body: hcl::Body = hcl::parse(&rendered).map_err(|e| TestCaseError::fail(format!("{rendered}: {e}")))?;
        let attribute = body.attributes().next().expect("an attribute");
        let read = match attribute.expr() {
            hcl::Expression::String(text) => text.clone(),
            // A doubled sign makes it a template whose literal holds the single one.
            hcl::Expression::TemplateExpr(template) => {
                let template = hcl::Template::from_expr(template).expect("a template");
                let parts = template.elements().iter().map(|element| match element {
                    hcl::template::Element::Literal(text) => text.clone(),
                    other => panic!("an interpolation got through: {other:?}"),
                });
                parts.collect::<String>()
            }
            other => panic!("not a string: {other:?}"),
        };
        prop_assert_eq!(read, value);
    }

    /// What `docker run --env-file` makes of portal.env: a name, `=`, and the rest of the line as it stands.
    #[test]
    fn an_env_file_holds_each_variable_or_says_why_not(values in prop::collection::vec(text(), 1..8)) {
        let folder = Folder::minimal();
        let mut toml = folder.read("envs/demo.toml") + "\n[variables]\n";
        for (index, value) in values.iter().enumerate() {
            writeln!(toml, "V{index} = {}", toml::Value::from(value.as_str())).expect("a string");
        }
        folder.write("envs/demo.toml", &toml).run(&["render"]).expect(0);
        let file = folder.read("out/demo/portal.env");
        let read: BTreeMap<_, _> = file
            .split_terminator('\n')
            .filter(|line| !line.is_empty() && !line.starts_with('#'))
            .map(|line| line.split_once('=').expect("a variable"))
            .collect();
        let set = |(name, _): &(&&str, &&str)| !["FORWARDED_HOPS", "REFLEX_STATE_MANAGER_MODE"].contains(*name);
        for (name, value) in read.iter().filter(set) {
            let index: usize = name.trim_start_matches('V').parse().expect("one of ours, and nothing that a value made");
            prop_assert_eq!(*value, &values[index]);
        }
        for (index, value) in values.iter().enumerate() {
            let carried = !value.contains(['\n', '\r']) && !value.contains("<codespace-name>");
            prop_assert_eq!(read.contains_key(format!("V{index}").as_str()), carried, "{:?}", value);
        }
    }
}
