//! service.yaml: the Knative Service that `gcloud run services replace` takes. The file is the whole service: what it
//! leaves out is removed.

use std::collections::BTreeMap;

use crate::config::environment::{ExecutionEnvironment, Ingress, VpcEgress};
use crate::deployment::{Deployment, ProbeTimes, Service};
use crate::knative::{
    Annotations, Container, ContainerPort, EnvVar, EnvVarSource, HttpGet, IMAGE_LABEL, Labels, Metadata, Probe,
    Resources, RevisionSpec, RevisionTemplate, SecretKeySelector, Service as KnativeService, ServiceSpec,
    TrafficTarget,
};
use crate::yaml;

/// Answered by the backend through nginx, so a probe passes only when both are up.
const PROBE_PATH: &str = "/ping";

pub(super) fn render(deployment: &Deployment) -> Option<String> {
    let service = deployment.service.as_ref()?;
    Some(yaml::document(&super::environment_header(deployment), &knative(deployment, service)))
}

fn knative(deployment: &Deployment, service: &Service) -> KnativeService {
    let labels: Labels = service.labels.iter().map(|(key, value)| (key.to_string(), value.to_string())).collect();
    let mut revision_labels = labels.clone();
    revision_labels.insert(IMAGE_LABEL.to_owned(), deployment.image.variant.clone());
    let mut service_labels = labels;
    service_labels.insert("cloud.googleapis.com/location".to_owned(), service.region.to_string());
    KnativeService {
        api_version: "serving.knative.dev/v1",
        kind: "Service",
        metadata: Metadata {
            name: Some(service.name.clone()),
            namespace: Some(service.project.to_string()),
            labels: service_labels,
            annotations: service_annotations(deployment, service),
        },
        spec: ServiceSpec {
            template: RevisionTemplate {
                metadata: Metadata {
                    name: None,
                    namespace: None,
                    labels: revision_labels,
                    annotations: revision_annotations(service),
                },
                spec: RevisionSpec {
                    container_concurrency: service.concurrency,
                    timeout_seconds: service.timeout_seconds,
                    service_account_name: service.service_account.as_ref().map(ToString::to_string),
                    containers: vec![container(deployment, service)],
                },
            },
            traffic: vec![TrafficTarget { latest_revision: true, percent: 100 }],
        },
    }
}

/// Annotations that Cloud Run takes on the Service and refuses on the Revision.
fn service_annotations(deployment: &Deployment, service: &Service) -> Annotations {
    let mut annotations = Annotations::new();
    let mut set = |key: &str, value: &str| annotations.insert(format!("run.googleapis.com/{key}"), value.to_owned());
    let ingress = match service.ingress {
        Ingress::All => "all",
        Ingress::InternalAndCloudLoadBalancing => "internal-and-cloud-load-balancing",
        Ingress::Internal => "internal",
    };
    set("ingress", ingress);
    if !service.default_url {
        set("default-url-disabled", "true");
    }
    if service.allow_unauthenticated {
        // Public without binding `allUsers`, which an organisation's policy may forbid and this file cannot hold.
        set("invoker-iam-disabled", "true");
    }
    if let Some(description) = &deployment.description {
        set("description", description.as_str());
    }
    annotations
}

/// Annotations that Cloud Run takes on the Revision and refuses on the Service.
fn revision_annotations(service: &Service) -> Annotations {
    let mut annotations = Annotations::new();
    let mut set = |key: &str, value: String| annotations.insert(key.to_owned(), value);
    set("autoscaling.knative.dev/minScale", service.min_instances.to_string());
    set("autoscaling.knative.dev/maxScale", service.max_instances.to_string());
    set("run.googleapis.com/sessionAffinity", service.session_affinity.to_string());
    set("run.googleapis.com/cpu-throttling", service.cpu_throttling.to_string());
    set("run.googleapis.com/startup-cpu-boost", service.cpu_boost.to_string());
    if let Some(execution_environment) = service.execution_environment {
        let name = match execution_environment {
            ExecutionEnvironment::Gen1 => "gen1",
            ExecutionEnvironment::Gen2 => "gen2",
        };
        set("run.googleapis.com/execution-environment", name.to_owned());
    }
    let interface: BTreeMap<_, _> = [("network", &service.network), ("subnetwork", &service.subnet)]
        .into_iter()
        .filter_map(|(key, name)| Some((key, name.as_ref()?.as_str())))
        .collect();
    if !interface.is_empty() {
        let json = serde_json::to_string(&[interface]).expect("strings can be written");
        set("run.googleapis.com/network-interfaces", json);
        let egress = match service.vpc_egress {
            Some(VpcEgress::AllTraffic) => "all-traffic",
            Some(VpcEgress::PrivateRangesOnly) | None => "private-ranges-only",
        };
        set("run.googleapis.com/vpc-access-egress", egress.to_owned());
    }
    annotations
}

fn container(deployment: &Deployment, service: &Service) -> Container {
    let port = deployment.image.ports.container;
    let probe = |times: ProbeTimes| Probe {
        http_get: HttpGet { path: PROBE_PATH, port },
        period_seconds: times.period_seconds,
        timeout_seconds: times.timeout_seconds,
        failure_threshold: times.failure_threshold,
    };
    Container {
        name: "portal",
        image: service.image.to_string(),
        ports: vec![ContainerPort { name: if deployment.image.http2 { "h2c" } else { "http1" }, container_port: port }],
        env: env(deployment),
        resources: Resources {
            limits: BTreeMap::from([("cpu", service.cpu.to_string()), ("memory", service.memory.to_string())]),
        },
        startup_probe: probe(service.startup_probe),
        liveness_probe: probe(service.liveness_probe),
    }
}

fn env(deployment: &Deployment) -> Vec<EnvVar> {
    let plain =
        |name: &str, value: &str| EnvVar { name: name.to_owned(), value: Some(value.to_owned()), value_from: None };
    let derived = deployment.derived_variables.iter().map(|(name, value)| plain(name, value));
    let variables = deployment.variables.iter().map(|(name, value)| plain(name.as_str(), value.as_str()));
    let secrets = deployment.secrets.iter().map(|(name, secret)| EnvVar {
        name: name.to_string(),
        value: None,
        value_from: Some(EnvVarSource {
            secret_key_ref: SecretKeySelector { name: secret.secret.to_string(), key: secret.version.to_string() },
        }),
    });
    let mut env: Vec<_> = derived.chain(variables).chain(secrets).collect();
    env.sort_by(|a, b| a.name.cmp(&b.name));
    env
}
