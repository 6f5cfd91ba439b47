//! Numbers that can only be in their range.

use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

use super::{BAD_VALUE, Invalid};

/// A whole number from `MIN` to `MAX`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "i64")]
pub struct Bounded<const MIN: u32, const MAX: u32>(u32);

impl<const MIN: u32, const MAX: u32> Bounded<MIN, MAX> {
    /// A number that is known when this is compiled.
    pub const fn constant(number: u32) -> Self {
        assert!(MIN <= number && number <= MAX, "out of range");
        Self(number)
    }

    /// The number.
    pub fn get(self) -> u32 {
        self.0
    }
}

impl<const MIN: u32, const MAX: u32> TryFrom<i64> for Bounded<MIN, MAX> {
    type Error = Invalid;

    fn try_from(number: i64) -> Result<Self, Invalid> {
        let in_range = u32::try_from(number).ok().filter(|number| (MIN..=MAX).contains(number));
        in_range.map(Self).ok_or_else(|| Invalid {
            id: BAD_VALUE,
            message: format!("{number} is out of range"),
            help: format!("write a number from {MIN} to {MAX}"),
        })
    }
}

impl<const MIN: u32, const MAX: u32> JsonSchema for Bounded<MIN, MAX> {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        format!("From{MIN}To{MAX}").into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "integer", "minimum": MIN, "maximum": MAX })
    }
}

/// A TCP port that an unprivileged program may listen on.
pub type Port = Bounded<1024, 65535>;

/// A project's number: what Google gives a project beside its ID.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "i64")]
pub struct ProjectNumber(i64);

impl ProjectNumber {
    /// What editors and programs can tell apart from its neighbours; Google's have 12 digits.
    const MAX: i64 = 999_999_999_999_999;
}

impl TryFrom<i64> for ProjectNumber {
    type Error = Invalid;

    fn try_from(number: i64) -> Result<Self, Invalid> {
        if (1..=Self::MAX).contains(&number) {
            return Ok(Self(number));
        }
        Err(Invalid {
            id: BAD_VALUE,
            message: format!("{number} is no project's number"),
            help: format!("write a number from 1 to {}", Self::MAX),
        })
    }
}

impl fmt::Display for ProjectNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

impl JsonSchema for ProjectNumber {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "ProjectNumber".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "integer", "minimum": 1, "maximum": Self::MAX })
    }
}

/// A number of CPUs that Cloud Run offers: 1, 2, 4, 6 or 8, or a fraction from 0.08 to below 1.
///
/// Source: <https://docs.cloud.google.com/run/docs/configuring/services/cpu>.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "f64")]
pub struct Cpu(f64);

impl Cpu {
    /// What may stand here, in words.
    pub const EXPECTS: &str = "1, 2, 4, 6 or 8, or a fraction from 0.08 to below 1 in thousandths";

    /// One CPU, Cloud Run's default.
    pub const ONE: Self = Self(1.0);

    /// The number of CPUs.
    pub fn get(self) -> f64 {
        self.0
    }
}

impl TryFrom<f64> for Cpu {
    type Error = Invalid;

    fn try_from(cpu: f64) -> Result<Self, Invalid> {
        let thousandths = (cpu * 1000.0).round() / 1000.0 == cpu;
        if [1.0, 2.0, 4.0, 6.0, 8.0].contains(&cpu) || ((0.08..1.0).contains(&cpu) && thousandths) {
            return Ok(Self(cpu));
        }
        Err(Invalid {
            id: BAD_VALUE,
            message: format!("Cloud Run has no instance with {cpu} CPUs"),
            help: format!("write {}", Self::EXPECTS),
        })
    }
}

impl fmt::Display for Cpu {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0 >= 1.0 { write!(f, "{}", self.0) } else { write!(f, "{}m", (self.0 * 1000.0).round()) }
    }
}

impl JsonSchema for Cpu {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Cpu".into()
    }

    fn inline_schema() -> bool {
        true
    }

    // By `if`: of an `anyOf`, taplo completes each side as a key of its own. tombi takes `number` alone for numbers with
    // a fraction, and completes the examples.
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": ["integer", "number"],
            "if": { "type": "number", "minimum": 1 },
            "then": { "enum": [1, 2, 4, 6, 8] },
            "else": { "minimum": 0.08, "multipleOf": 0.001 },
            "examples": [1, 2, 4, 6, 8],
        })
    }
}
