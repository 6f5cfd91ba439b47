//! `[[lint.allow]]`, which both kinds of file have: the rules that the author lets pass, and why.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::units::{Reason, RuleId};

/// Allowances: findings that are to pass.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Lint {
    /// The allowances, each for one rule, with its reason. One that no finding needs is reported.
    pub allow: Vec<Allow>,
}

/// A rule whose findings in this file are allowed.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Allow {
    /// The rule's id, as a finding shows it in brackets. `portalgen explain <id>` tells what it finds.
    pub rule: RuleId,
    /// Why it is right here, for whoever reads this next.
    pub reason: Reason,
}
