//! The part of `serving.knative.dev/v1` Service that Cloud Run reads and portalgen writes.
//!
//! Annotations, quantities and variable values are strings, so that [`yaml`](crate::yaml) quotes what a reader might
//! take for a boolean or a number.
//!
//! Source: <https://docs.cloud.google.com/run/docs/reference/yaml/v1>.
#![expect(missing_docs, reason = "the fields are named and explained by the Knative API")]

use std::collections::BTreeMap;

use serde::Serialize;

pub type Annotations = BTreeMap<String, String>;
pub type Labels = BTreeMap<String, String>;

/// The label of a revision that says for which variant its image was built (`websocket-free-http2`): nothing else about
/// an image that is named by its digest does.
pub const IMAGE_LABEL: &str = "portalgen-image";

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Service {
    pub api_version: &'static str,
    pub kind: &'static str,
    pub metadata: Metadata,
    pub spec: ServiceSpec,
}

#[derive(Debug, Serialize)]
pub struct Metadata {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub namespace: Option<String>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub labels: Labels,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub annotations: Annotations,
}

#[derive(Debug, Serialize)]
pub struct ServiceSpec {
    pub template: RevisionTemplate,
    pub traffic: Vec<TrafficTarget>,
}

#[derive(Debug, Serialize)]
pub struct RevisionTemplate {
    pub metadata: Metadata,
    pub spec: RevisionSpec,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RevisionSpec {
    pub container_concurrency: u32,
    pub timeout_seconds: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub service_account_name: Option<String>,
    pub containers: Vec<Container>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Container {
    pub name: &'static str,
    pub image: String,
    pub ports: Vec<ContainerPort>,
    pub env: Vec<EnvVar>,
    pub resources: Resources,
    pub startup_probe: Probe,
    pub liveness_probe: Probe,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ContainerPort {
    pub name: &'static str,
    pub container_port: u32,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct EnvVar {
    pub name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value_from: Option<EnvVarSource>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct EnvVarSource {
    pub secret_key_ref: SecretKeySelector,
}

#[derive(Debug, Serialize)]
pub struct SecretKeySelector {
    pub name: String,
    pub key: String,
}

#[derive(Debug, Serialize)]
pub struct Resources {
    pub limits: BTreeMap<&'static str, String>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Probe {
    pub http_get: HttpGet,
    pub period_seconds: u32,
    pub timeout_seconds: u32,
    pub failure_threshold: u32,
}

#[derive(Debug, Serialize)]
pub struct HttpGet {
    pub path: &'static str,
    pub port: u32,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TrafficTarget {
    pub latest_revision: bool,
    pub percent: u8,
}
