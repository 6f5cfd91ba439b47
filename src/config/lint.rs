//! `[[lint.allow]]`, which both kinds of file have: the rules that the author lets pass, and why.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::units::{Reason, RuleId};

/// Exceptions from the rules.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Lint {
    /// Findings that are to pass, each with its reason. One that lets nothing pass is reported.
    pub allow: Vec<Allow>,
}

/// A rule that may find something in this file without a word.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Allow {
    /// The rule's id, as a finding shows it in brackets. `portalgen explain <id>` tells what it finds.
    pub rule: RuleId,
    /// Why it is right here, for whoever reads this next.
    pub reason: Reason,
}
