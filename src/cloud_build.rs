//! The part of a Cloud Build configuration that portalgen writes.
//!
//! Source: <https://cloud.google.com/build/docs/build-config-file-schema>.
#![expect(missing_docs, reason = "the fields are named and explained by the Cloud Build API")]

use serde::Serialize;

#[derive(Debug, Serialize)]
pub struct Build {
    pub steps: Vec<Step>,
    /// What is pushed once every step has ended well. The build's results name the digest of each.
    pub images: Vec<String>,
    pub timeout: &'static str,
}

#[derive(Debug, Serialize)]
pub struct Step {
    pub id: &'static str,
    /// The image that the step runs in.
    pub name: &'static str,
    pub env: Vec<&'static str>,
    pub args: Vec<String>,
}
