//! What the files of an image follow from.

use serde::Serialize;

use super::Ports;
use crate::units::{AsgiTarget, ExactVersion, ImageRef, RelativePath, SourceFolder};

/// What the four files of one image are rendered from: portal.toml, the strategy and HTTP/2, and nothing of any
/// environment, so that one digest can be promoted.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Image {
    /// The strategy, and `-http2` where it is on: the folder's name.
    pub variant: String,
    /// Where the files lie, from the repository's root.
    pub directory: String,
    /// Whether the strategy is `websocket`.
    pub websocket: bool,
    /// Reflex's name for it: `websocket` or `polling`.
    pub transport: &'static str,
    /// Whether nginx speaks cleartext HTTP/2.
    pub http2: bool,
    /// Ports.
    pub ports: Ports,
    /// Times of the container, in seconds.
    pub timeouts: ContainerTimeouts,
    /// The app.
    pub app: App,
    /// Base images.
    pub images: BaseImages,
    /// `api_url` of the build: a localhost address, which the client replaces by the page's own.
    pub api_url: String,
    /// The largest request body in bytes.
    pub client_max_body_size: u64,
    /// Connections of one nginx worker: two for each of the most requests that an instance gets, and room.
    pub worker_connections: u32,
    /// The app's own paths, as nginx routes them to the backend.
    pub backend_locations: Vec<Location>,
    /// The API's paths.
    pub api_locations: Vec<ApiLocation>,
}

impl Image {
    /// Its Dockerfile, from the repository's root.
    pub fn dockerfile(&self) -> String {
        format!("{}/Dockerfile", self.directory)
    }
}

/// Times inside the container, in seconds. They depend on the strategy alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct ContainerTimeouts {
    /// How long nginx waits for the backend to say something.
    pub proxy_read: u64,
    /// How long uvicorn lets requests end after SIGTERM; Cloud Run kills after 10.
    pub graceful_shutdown: u64,
    /// How long the backend may take to answer its first `/ping`.
    pub startup: u64,
}

/// The app inside the image.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct App {
    /// The folder with rxconfig.py.
    pub source: SourceFolder,
    /// The Python package.
    pub package: String,
    /// The ASGI application.
    pub asgi: AsgiTarget,
    /// The lock file.
    pub lock: RelativePath,
    /// Further files of `source`.
    pub include: Vec<RelativePath>,
    /// The Reflex version.
    pub reflex: ExactVersion,
}

impl App {
    /// Whether the image has this module of the app at the top, which the backend could import.
    pub fn carries(&self, module: &str) -> bool {
        let included = self.include.iter().any(|path| {
            let top = path.as_str().split('/').next().unwrap_or_default();
            top == module || top.strip_suffix(".py") == Some(module)
        });
        included || module == self.package || module == "rxconfig"
    }
}

/// The images that the Dockerfile starts from.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct BaseImages {
    /// Python on Debian 13.
    pub python: ImageRef,
    /// Node, for the build of the frontend only.
    pub node: ImageRef,
}

/// A path and who matches it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Location {
    /// The path.
    pub path: String,
    /// The path alone, and nothing below it.
    pub exact: bool,
}

/// A path of the API.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ApiLocation {
    /// The path.
    pub path: String,
    /// The path alone, and nothing below it.
    pub exact: bool,
    /// Whether the path is taken away before the request is passed on.
    pub strip: bool,
    /// A regular expression whose first group is what follows the path.
    pub pattern: String,
}
