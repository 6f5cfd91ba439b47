//! What goes into a template or a document comes out of its reader as it went in.

use portalgen::escape::Language;
use portalgen::template::render_source;
use proptest::prelude::*;
use serde_json::json;

/// Text with more of what languages trip over than chance would bring.
pub(crate) fn text() -> impl Strategy<Value = String> {
    let trap = prop::sample::select(vec![
        "\"", "'", "`", "$", "${", "%{", "{{", "}}", "{%", "#", "\\", "\n", "\r", "\t", " ", ": ", "- ", "|", ">", "&",
        "*", "!", "%", "@", "~", "yes", "null", "1_000", "12:30", "é", "日本", "🚪", "\u{85}", "\u{2028}", "\u{feff}",
        "\u{1}", "\u{1b}", "\u{7f}", "a", "=", "<<", "---", "...", "$(id)", "${x}", "\\n",
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

    #[test]
    fn only_plain_paths_reach_a_dockerignore(value in text()) {
        if let Ok(token) = Language::Dockerignore.token(&value) {
            prop_assert_eq!(token, value);
        }
    }
}
