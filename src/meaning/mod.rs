//! What a resolved environment means for whoever uses it, runs it and pays for it: in words, with its own numbers. It
//! judges nothing, which is the rules' part, and writes no file: DEPLOYMENT.md, api.env, `plan` and `compare` show it.

pub mod capacity;
pub mod consequences;
pub mod estimate;
pub mod token_delivery;
pub mod transition;
