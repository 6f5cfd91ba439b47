//! What a key is where nobody writes it, for the keys whose default is one constant. [`resolve`](crate::resolve) puts
//! them in, and the schema shows them.

/// The image that Node is taken from where portal.toml names none: Reflex 0.8 asks for 20.19 or newer.
pub(crate) const NODE_IMAGE: &str = "node:22.21.1-trixie-slim";

/// The path of the OAuth callback where portal.toml names none.
pub(crate) const CALLBACK_PATH: &str = "/auth/google/callback";

/// The largest request body where portal.toml names none: what Cloud Run takes over HTTP/1.
pub(crate) const MAX_UPLOAD: &str = "32Mi";

/// An instance's memory where its environment names none.
pub(crate) const MEMORY: &str = "512Mi";
