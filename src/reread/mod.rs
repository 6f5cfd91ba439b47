//! What the generated files say, read from their text and not from the templates that made them, so that facts that
//! stand in several files can be held against each other.
//!
//! A reader for each file turns its text into [`Fact`]s, each with its place. [`due`] says from the configuration what
//! each file has to state, [`disagreement`] holds the two together, and the rules with [`Check::Artifacts`] put into
//! words what does not agree. [`judge`] does so for what was just rendered, and for what somebody edited in the output
//! folder.
//!
//! [`Check::Artifacts`]: crate::rules::Check::Artifacts

use std::borrow::Cow;
use std::ops::Range;

mod cloudbuild_yaml;
mod deploy_sh;
mod deployment_md;
mod disagreement;
mod dockerfile;
mod due;
mod judge;
mod lists;
mod load_balancer_tf;
mod nginx_conf;
mod service_yaml;
mod start_sh;
mod syntax;
mod url_map;
mod wording;
mod written;

pub use disagreement::{Artifacts, Disagreement, Origin, Read, Statement};
pub use judge::{Check, Judgement, judge_edited, judge_rendered, rendered};
pub use syntax::Unreadable;
pub use wording::Said;

/// What a fact is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Subject {
    /// Where nginx listens and Cloud Run sends.
    ContainerPort,
    /// Where uvicorn listens and nginx sends.
    BackendPort,
    /// The address of the same.
    BackendAddress,
    /// `websocket` or `polling`.
    Transport,
    /// What Cloud Run and nginx speak.
    Http,
    /// A path that nginx routes, and where it leads.
    Location,
    /// What nginx takes away from a path.
    Rewrite,
    /// The paths that a map of nginx's is for.
    Map,
    /// The name that `proxy_pass` and `upstream` share.
    Upstream,
    /// What probes ask for.
    ProbePath,
    /// How long nginx waits for the backend, in seconds.
    ProxyTimeout,
    /// How long Cloud Run lets a request last.
    RequestTimeout,
    /// A number of a probe.
    Probe,
    /// How long start.sh waits for the backend.
    StartupLimit,
    /// How long the backend may take to end.
    GracefulLimit,
    /// How long idle connections to the backend are kept: by nginx, by uvicorn.
    KeepAlive,
    /// The service.
    Service,
    /// The name of a resource, which follows from the service's.
    ResourceName,
    /// The project.
    Project,
    /// The region.
    Region,
    /// A host of the portal.
    Host,
    /// A redirect URI to register.
    RedirectUri,
    /// A JavaScript origin to register.
    JavascriptOrigin,
    /// The redirect URI that the API sends.
    SentUri,
    /// An environment variable.
    Variable,
    /// What the build takes from the repository, and where it puts it.
    Copied,
    /// A path inside the container.
    Inside,
    /// Any other setting of the service, the load balancer or the image.
    Setting,
    /// A scalar that YAML takes for no string, where Cloud Run wants one.
    Unquoted,
    /// An annotation of the Service on the Revision, or the other way round.
    WrongLevel,
    /// An argument that a backend service in front of Cloud Run does not take.
    RefusedByNeg,
}

/// How the facts of a subject belong together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Keys {
    /// They all have the same value; the key says where it stands.
    Same,
    /// Each key has a value of its own. Others may stand there too.
    Some,
    /// Each key has a value of its own, and there are no others.
    All,
    /// No value is right.
    None,
}

impl Subject {
    pub(crate) fn keys(self) -> Keys {
        match self {
            Self::ContainerPort
            | Self::BackendPort
            | Self::BackendAddress
            | Self::Transport
            | Self::Http
            | Self::Upstream
            | Self::ProbePath
            | Self::ProxyTimeout
            | Self::RequestTimeout
            | Self::StartupLimit
            | Self::GracefulLimit
            | Self::Service
            | Self::Project
            | Self::Region
            | Self::SentUri => Keys::Same,
            Self::Rewrite | Self::Map | Self::Probe | Self::ResourceName | Self::Inside | Self::Setting => Keys::Some,
            Self::Location
            | Self::Host
            | Self::RedirectUri
            | Self::JavascriptOrigin
            | Self::Variable
            | Self::Copied => Keys::All,
            Self::KeepAlive | Self::Unquoted | Self::WrongLevel | Self::RefusedByNeg => Keys::None,
        }
    }
}

/// One thing that a file states.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fact<'t> {
    /// What it is about.
    pub subject: Subject,
    /// Which of several; for a subject that has one value, the word that it stands behind.
    pub key: Cow<'t, str>,
    /// What is said, in the form that all files share: seconds, not `5m`.
    pub value: Cow<'t, str>,
    /// Where the value stands, in bytes.
    pub at: Range<usize>,
    /// The whole statement, from its name to its value.
    pub statement: Range<usize>,
}

/// The facts of a file, as its reader finds them.
#[derive(Debug, Default)]
struct Facts<'t>(Vec<Fact<'t>>);

impl<'t> Facts<'t> {
    fn add(
        &mut self,
        subject: Subject,
        key: impl Into<Cow<'t, str>>,
        value: impl Into<Cow<'t, str>>,
        at: Range<usize>,
        statement: Range<usize>,
    ) {
        self.0.push(Fact { subject, key: key.into(), value: value.into(), at, statement });
    }
}

/// A kind of generated file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    Dockerfile,
    Dockerignore,
    NginxConf,
    StartSh,
    ServiceYaml,
    LoadBalancerTf,
    UrlMapHcl,
    AddPathMatcherSh,
    DeploySh,
    CloudbuildYaml,
    RedirectUris,
    OauthClient,
    PortalEnv,
    ApiEnv,
    DeploymentMd,
}

impl Kind {
    /// The kind of a file, by its name.
    pub(crate) fn of(name: &str) -> Option<Self> {
        Some(match name {
            "Dockerfile" => Self::Dockerfile,
            "Dockerfile.dockerignore" => Self::Dockerignore,
            "nginx.conf" => Self::NginxConf,
            "start.sh" => Self::StartSh,
            "service.yaml" => Self::ServiceYaml,
            "load_balancer.tf" => Self::LoadBalancerTf,
            "url_map.hcl" => Self::UrlMapHcl,
            "add-path-matcher.sh" => Self::AddPathMatcherSh,
            "deploy.sh" => Self::DeploySh,
            "cloudbuild.yaml" => Self::CloudbuildYaml,
            "redirect-uris.txt" => Self::RedirectUris,
            "oauth_client.json" => Self::OauthClient,
            "portal.env" => Self::PortalEnv,
            "api.env" => Self::ApiEnv,
            "DEPLOYMENT.md" => Self::DeploymentMd,
            _ => return None,
        })
    }

    /// What a file of this kind states.
    ///
    /// # Errors
    ///
    /// If the text is none of the file's language.
    pub(crate) fn read(self, text: &str) -> Result<Vec<Fact<'_>>, Unreadable> {
        let mut facts = Facts::default();
        match self {
            Self::Dockerfile => dockerfile::read(text, &mut facts)?,
            Self::Dockerignore => dockerfile::read_ignored(text, &mut facts),
            Self::NginxConf => nginx_conf::read(text, &mut facts)?,
            Self::StartSh => start_sh::read(text, &mut facts)?,
            Self::ServiceYaml => service_yaml::read(text, &mut facts)?,
            Self::LoadBalancerTf => load_balancer_tf::read(text, &mut facts)?,
            Self::UrlMapHcl => url_map::read(text, &mut facts)?,
            Self::AddPathMatcherSh => url_map::read_script(text, &mut facts)?,
            Self::DeploySh => deploy_sh::read(text, &mut facts)?,
            Self::CloudbuildYaml => cloudbuild_yaml::read(text, &mut facts)?,
            Self::RedirectUris => lists::redirect_uris(text, &mut facts),
            Self::OauthClient => lists::oauth_client(text, &mut facts)?,
            Self::PortalEnv => lists::variables(text, Subject::Variable, &mut facts)?,
            Self::ApiEnv => lists::variables(text, Subject::SentUri, &mut facts)?,
            Self::DeploymentMd => deployment_md::read(text, &mut facts),
        }
        Ok(facts.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::{ENVIRONMENT_RENDERERS, IMAGE_RENDERERS};

    #[test]
    fn every_artifact_is_read() {
        let names = IMAGE_RENDERERS.iter().map(|r| r.name).chain(ENVIRONMENT_RENDERERS.iter().map(|r| r.name));
        for name in names {
            assert!(Kind::of(name).is_some(), "{name}");
        }
    }
}
