//! cloudbuild.yaml: builds and pushes the image by Cloud Build, for those who have no Docker.

use crate::cloud_build::{Build, Step};
use crate::deployment::Deployment;
use crate::yaml;

/// Docker, as Cloud Build provides it.
const DOCKER: &str = "gcr.io/cloud-builders/docker";

/// A build takes a few minutes. One that hangs is not paid for an hour, Cloud Build's own limit.
const TIMEOUT: &str = "1800s";

pub(super) fn render(deployment: &Deployment) -> Option<String> {
    let service = deployment.service.as_ref().filter(|service| !service.image.has_digest())?;
    let mut header = super::environment_header(deployment);
    header.extend([
        String::new(),
        "deploy.sh --cloud-build submits it and deploys the digest that it names; by".to_owned(),
        "hand, from the folder of portal.toml, which is uploaded less what .gitignore".to_owned(),
        "names:".to_owned(),
        format!("gcloud builds submit --project {} \\", service.project),
        format!("  --config {}/cloudbuild.yaml .", deployment.folder()),
    ]);
    let args = ["build", "--platform", "linux/amd64", "--file"].map(str::to_owned).into_iter();
    let args =
        args.chain([deployment.image.dockerfile(), "--tag".to_owned(), service.image.to_string(), ".".to_owned()]);
    let build = Build {
        steps: vec![Step {
            id: "build",
            name: DOCKER,
            // Without BuildKit, Dockerfile.dockerignore is not read.
            env: vec!["DOCKER_BUILDKIT=1"],
            args: args.collect(),
        }],
        images: vec![service.image.to_string()],
        timeout: TIMEOUT,
    };
    Some(yaml::document(&header, &build))
}
