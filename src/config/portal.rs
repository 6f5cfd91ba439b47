//! portal.toml: what is the same wherever the portal runs.

use schemars::JsonSchema;
use serde::Deserialize;

use super::defaults;
use super::lint::Lint;
use crate::units::{
    AsgiTarget, ExactVersion, ImageRef, Line, Memory, Port, PortalName, PythonPackage, PythonVersion, RelativePath,
    SourceFolder, UrlPath,
};

/// A Reflex portal: the app, its container and the API it belongs to. It is the same in every environment, so one
/// image is built from it and promoted.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PortalFile {
    /// The portal's name: lower-case letters, digits and hyphens. A Cloud Run service is called
    /// `<name>-<environment>` unless its environment says otherwise.
    pub name: PortalName,
    /// The Reflex app that the image carries.
    pub app: App,
    /// Ports and base images of the container.
    #[serde(default)]
    pub container: Container,
    /// The separate API service that owns sign-in: which of its paths the portal's host serves.
    #[serde(default)]
    pub api: Api,
    /// The OAuth client that all environments share.
    pub oauth: Oauth,
    /// Allowances: findings in portal.toml that are to pass.
    #[serde(default)]
    pub lint: Lint,
}

/// The Reflex app that the image carries.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct App {
    /// The folder with rxconfig.py and the app's package, relative to portal.toml: `examples/portal`; `.` where they
    /// lie beside it.
    pub source: SourceFolder,
    /// The app's Python package: `app_name` in rxconfig.py.
    pub package: PythonPackage,
    /// The ASGI application, called as a factory. Default: `<package>.<package>:app`, as Reflex lays it out.
    pub asgi: Option<AsgiTarget>,
    /// The lock file, relative to portal.toml, with a hash for every package (`pip install --require-hashes`).
    /// `reflex` and `uvicorn` must be in it, and `greenlet` where SQLAlchemy is.
    pub lock: RelativePath,
    /// The Python of the image, as two numbers: `3.11`.
    pub python: PythonVersion,
    /// The exact Reflex version that the lock file holds.
    pub reflex: ExactVersion,
    /// Further files and folders below `source` that the app needs at build or run time, such as `assets`. The
    /// Dockerfile copies `rxconfig.py`, the package and these, and nothing else.
    #[serde(default)]
    pub include: Vec<RelativePath>,
    /// Paths of the app's own routes (Reflex's `api_transformer`) beside Reflex's: `/reports/` is everything below
    /// it, `/status` that path alone. Any path not named here is answered with a page.
    #[serde(default)]
    pub backend_paths: Vec<UrlPath>,
    /// The largest request body, uploads included. What is above 32Mi reaches only environments with `http2 = true`:
    /// Cloud Run takes no more over HTTP/1. Default: `32Mi`.
    #[schemars(extend("default" = defaults::MAX_UPLOAD))]
    pub max_upload: Option<Memory>,
}

/// Ports and base images of the container.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Container {
    /// The port that nginx listens on and Cloud Run sends to; `PORT` overrides it at start.
    pub port: Port,
    /// The port of the Reflex backend behind nginx, on the loopback address only.
    pub backend_port: Port,
    /// The base image with Python, Debian 13 (`trixie`) with a tag or a digest. Default:
    /// `python:<app.python>-slim-trixie`.
    pub python_image: Option<ImageRef>,
    /// The image that Node is taken from to build the frontend; none of it is in the final image. Default:
    /// `node:22.21.1-trixie-slim`.
    #[schemars(extend("default" = defaults::NODE_IMAGE))]
    pub node_image: Option<ImageRef>,
}

impl Default for Container {
    fn default() -> Self {
        Self { port: Port::constant(8080), backend_port: Port::constant(8000), python_image: None, node_image: None }
    }
}

/// The separate API service that owns sign-in.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Api {
    /// Paths on the portal's host that nginx passes on to the API. In an environment without an API they answer 404.
    pub paths: Vec<ApiPath>,
}

/// A path on the portal's host that the API answers.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ApiPath {
    /// The path: `/auth/` is everything below it, `/login` that path alone.
    pub path: UrlPath,
    /// Take the path away before passing on: with `/api/`, a request for `/api/items` reaches the API as `/items`.
    #[serde(default)]
    pub strip: bool,
}

/// The OAuth client that all environments share.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Oauth {
    /// The client's name in the Google Cloud console, to find it by.
    pub client: Line,
    /// Where Google sends the user back to, on each of the portal's hosts. Default: `/auth/google/callback`.
    #[schemars(extend("default" = defaults::CALLBACK_PATH))]
    pub callback_path: Option<UrlPath>,
    /// Where sign-in begins: the path of the API's that redirects to Google, such as `/auth/google/login`. `portalgen
    /// verify` asks it, on the portal's host where `api.paths` covers it, and below `api.public_url`. Without it,
    /// sign-in is not asked.
    pub login_path: Option<UrlPath>,
}
