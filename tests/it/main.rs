//! What a user sees, tested where the user stands: the built program in a folder of its own.

mod support;

mod app_files;
mod artifacts;
mod attach;
mod cli;
mod cloud_run;
mod compare_command;
mod determinism;
mod drift;
mod errors;
mod escape;
mod guide;
mod guide_page;
mod lint;
mod mutations;
mod oauth;
mod oauth_commands;
mod oauth_properties;
mod plan_command;
mod remedies;
mod render;
mod rules;
mod schema;
mod secrets;
mod structure;
mod tools;
mod uris;
mod verify;
