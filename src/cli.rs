//! The command line: clap types and their help texts, nothing else.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::meaning::estimate::HOURS_OF_MONTH;

const EXIT_CODES: &str = "\
Exit codes:
  0  clean (warnings included, unless --deny-warnings)
  1  an error in the configuration, or files that are not as rendered
  2  could not run: wrong usage, unreadable or malformed input, unusable output folder";

const VERIFY_EXIT_CODES: &str = "\
Exit codes:
  0  every check that was asked passed
  1  a check failed, or an error in the configuration
  2  could not run: wrong usage, unreadable or malformed input
  3  nothing failed, but something waits";

const OAUTH_EXIT_CODES: &str = "\
Exit codes:
  0  nothing to correct (warnings included, unless --deny-warnings)
  1  something to correct, or an error in the configuration
  2  could not run: wrong usage, unreadable or malformed input, no OAuth client";

/// What a line that a user reads should not pass.
pub const COLUMNS: usize = 80;

/// Turns one typed TOML file per environment into every file that runs a Reflex portal on Google Cloud Run.
#[derive(Debug, Parser)]
#[command(name = "portalgen", version, after_help = EXIT_CODES, max_term_width = COLUMNS, arg_required_else_help = true)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// The verbs.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Write the files of the named environments, or of all
    ///
    /// Writes what is missing or different below out/ beside portal.toml, and removes what is no longer rendered.
    /// Nothing is written while the configuration has an error. A file that portalgen did not write is never touched.
    #[command(after_help = EXIT_CODES)]
    Render(Render),
    /// Say whether the files are what render would write; changes nothing
    ///
    /// For CI. Each file is up to date, missing, stale (its source says something else now), edited by hand, or
    /// orphaned (no longer rendered), with what to do about it and a diff of what render would change.
    #[command(after_help = EXIT_CODES)]
    Check(Check),
    /// Say what is wrong with the configuration, and with what lies in out/; changes nothing
    ///
    /// The same rules as render and check go by. A finding that does not apply is allowed by `[[lint.allow]]` in its file,
    /// with a reason.
    #[command(after_help = EXIT_CODES)]
    Lint(Lint),
    /// Ask a running portal whether it is as it should be; changes no data and no settings
    ///
    /// Asks what a person would ask by hand after a deployment: name, certificate, /ping, pages and files, the socket
    /// and a visit's first event, uploads, sign-in and its callbacks. It leaves what one visit of the home page leaves:
    /// a session's state, which Redis drops after an hour, and memory when the instance ends. Each check passes, fails
    /// with the likely cause and where to look, or waits for something outside: a DNS record to create, a certificate
    /// that is being issued, a container that starts.
    #[command(after_help = VERIFY_EXIT_CODES)]
    Verify(Verify),
    /// Say what would follow from other values of some keys; changes nothing
    ///
    /// Which keys and files change and how, what lint would find then, what it means for users, cost and limits, what has
    /// to be there first, and what to do, step by step.
    #[command(after_help = EXIT_CODES)]
    Plan(Plan),
    /// Compare two environments, or one under both strategies, by what they mean
    ///
    /// A table by topic: how updates arrive, how many tabs can be open, when a connection ends, what is billed, affinity,
    /// state, rollouts, uploads, the load balancer. With --tabs and --hours, the instances, instance-hours and requests of
    /// a month; with prices, their cost, in the currency of the prices.
    #[command(after_help = EXIT_CODES)]
    Compare(Compare),
    /// What Google has to have registered for sign-in, and whether it has; changes nothing
    ///
    /// No API edits the redirect URIs of an OAuth client, so a person does, on its page in the console.
    #[command(after_help = OAUTH_EXIT_CODES)]
    Oauth(Oauth),
    /// Tell what a rule finds, why it matters and what to write instead; without a rule, list them
    Explain(Explain),
    /// Write the JSON Schemas that editors check and complete the TOML files with
    #[command(after_help = EXIT_CODES)]
    Schema(Schema),
}

/// Which environments, and where their files are.
#[derive(Debug, Args)]
pub struct Selection {
    /// Environments: by name (`demo`), by file, or all of a folder. Default: envs/ beside the portal.toml of this folder
    /// or the nearest above it
    #[arg(value_name = "ENV")]
    pub inputs: Vec<PathBuf>,
    /// Where the files are. Default: out/ beside portal.toml, which is also where the Dockerfile copies from
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Treat warnings as errors
    #[arg(long)]
    pub deny_warnings: bool,
}

/// Arguments of `render`.
#[derive(Debug, Args)]
pub struct Render {
    /// Which environments.
    #[command(flatten)]
    pub selection: Selection,
    /// Say what would be written, and write nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Show what changes in each file
    #[arg(long)]
    pub diff: bool,
}

/// Arguments of `check`.
#[derive(Debug, Args)]
pub struct Check {
    /// Which environments.
    #[command(flatten)]
    pub selection: Selection,
}

/// Arguments of `lint`.
#[derive(Debug, Args)]
pub struct Lint {
    /// Which environments.
    #[command(flatten)]
    pub selection: Selection,
    /// How findings are written
    #[arg(long, value_enum, default_value_t = Format::Text, value_name = "FORMAT")]
    pub format: Format,
}

/// How findings are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people: an excerpt with a caret for each
    Text,
    /// For programs, as schemas/findings.schema.json describes
    Json,
    /// SARIF 2.1.0, which code hosts take
    Sarif,
    /// Annotations of GitHub Actions
    Github,
}

/// Arguments of `verify`.
#[derive(Debug, Args)]
pub struct Verify {
    /// The environment, by name or by file
    #[arg(value_name = "ENV")]
    pub environment: PathBuf,
    /// Where the portal is: https://HOST, or http://localhost:8080 for a container of your own. Default: https and the
    /// first of `hosts`; the others are then asked in short. The API is asked where the file says, in either case
    #[arg(long, value_name = "URL")]
    pub url: Option<String>,
    /// Connect to this host and port instead, while name and certificate stay. As curl's --connect-to, for any host:
    /// FOR_HOST:FOR_PORT:HOST:PORT. May be given several times
    #[arg(long, value_name = "HOST:PORT")]
    pub connect: Vec<String>,
    /// Take any certificate, the API's and the run.app address's too, and judge none: nobody in between is noticed
    #[arg(long)]
    pub insecure: bool,
    /// Ask again, for so many minutes at most, while nothing fails and something waits
    #[arg(long, value_name = "MINUTES", value_parser = minutes)]
    pub wait: Option<std::time::Duration>,
    /// How long an answer may take. Default: 15, and 60 for the first, which may have to start an instance
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..=3600))]
    pub timeout: Option<u64>,
    /// How the result is written
    #[arg(long, value_enum, default_value_t = VerifyFormat::Text, value_name = "FORMAT")]
    pub format: VerifyFormat,
}

/// How a verification is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum VerifyFormat {
    /// For people: a line for each check, and below it what it means and where to look
    Text,
    /// For programs, as schemas/verification.schema.json describes
    Json,
}

/// Arguments of `oauth`.
#[derive(Debug, Args)]
pub struct Oauth {
    /// What to do.
    #[command(subcommand)]
    pub verb: OauthVerb,
}

/// The verbs of `oauth`.
#[derive(Debug, Subcommand)]
pub enum OauthVerb {
    /// Print the exact URIs to register, ready to paste, with who asks for each and who answers it
    #[command(after_help = OAUTH_EXIT_CODES)]
    List(OauthList),
    /// Hold the client's file from Google's console against the environments
    ///
    /// The file is what the client's page offers for download. Of it, the redirect URIs, the JavaScript origins, the
    /// client's ID and its project are shown, and never the secret. Each finding has the line to paste or to remove.
    #[command(after_help = OAUTH_EXIT_CODES)]
    Check(OauthCheck),
}

/// Arguments of `oauth list`.
#[derive(Debug, Args)]
pub struct OauthList {
    /// Which environments.
    #[command(flatten)]
    pub of: OauthSelection,
}

/// Arguments of `oauth check`.
#[derive(Debug, Args)]
pub struct OauthCheck {
    /// The JSON file that the client's page in the console offers for download
    #[arg(long, value_name = "FILE")]
    pub client: PathBuf,
    /// Which environments.
    #[command(flatten)]
    pub of: OauthSelection,
    /// Treat warnings as errors
    #[arg(long)]
    pub deny_warnings: bool,
}

/// Which environments, and how the result is written.
#[derive(Debug, Args)]
pub struct OauthSelection {
    /// Environments: by name (`demo`), by file, or all of a folder. Default: envs/ beside the portal.toml of this folder
    /// or the nearest above it
    #[arg(value_name = "ENV")]
    pub inputs: Vec<PathBuf>,
    /// The name of the codespace, where an environment leaves it open. Default: CODESPACE_NAME, which every codespace
    /// sets, with GITHUB_CODESPACES_PORT_FORWARDING_DOMAIN in the place of app.github.dev. Only printed, never written
    #[arg(long, value_name = "NAME")]
    pub codespace: Option<String>,
    /// How the result is written
    #[arg(long, value_enum, default_value_t = OauthFormat::Text, value_name = "FORMAT")]
    pub format: OauthFormat,
}

/// How the result of `oauth` is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum OauthFormat {
    /// For people: lines to paste or to remove
    Text,
    /// For programs, as schemas/oauth-list.schema.json and schemas/oauth-check.schema.json describe
    Json,
}

/// Minutes, parts of them too.
fn minutes(text: &str) -> Result<std::time::Duration, String> {
    let minutes = text.parse::<f64>().ok().filter(|minutes| *minutes > 0.0 && *minutes <= 1440.0);
    let minutes = minutes.ok_or_else(|| "write a number above 0, at most 1440".to_owned())?;
    Ok(std::time::Duration::from_secs_f64(minutes * 60.0))
}

/// Arguments of `plan`.
#[derive(Debug, Args)]
pub struct Plan {
    /// The environment, by name or by file
    #[arg(value_name = "ENV")]
    pub environment: PathBuf,
    /// A key and the value that it is to have, with the names of its tables: strategy=websocket,
    /// cloud_run.max_instances=3, 'hosts=["a.example.com"]'. A text needs no quotes. A key that only portal.toml has is
    /// set there, for every environment. May be given several times
    #[arg(long, value_name = "KEY=VALUE", required = true)]
    pub set: Vec<String>,
    /// Where the files are. Default: out/ beside portal.toml
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
}

/// Arguments of `compare`.
#[derive(Debug, Args)]
pub struct Compare {
    /// Two environments, or one for both of its strategies, by name or by file
    #[arg(value_name = "ENV", required = true, num_args = 1..=2)]
    pub environments: Vec<PathBuf>,
    /// Tabs that are open at once
    #[arg(long, value_name = "N", value_parser = tabs, allow_negative_numbers = true)]
    pub tabs: Option<u64>,
    /// Hours a month in which they are open, at most 730
    #[arg(long, value_name = "H", value_parser = hours, requires = "tabs")]
    pub hours: Option<f64>,
    /// Events of each tab an hour, clicks and the like: with long polling, each makes two requests
    #[arg(long, value_name = "E", value_parser = amount, requires = "hours")]
    pub events: Option<f64>,
    /// What one vCPU of an active instance costs a second
    #[arg(long, value_name = "PRICE", value_parser = amount, requires = "hours")]
    pub price_vcpu_second: Option<f64>,
    /// What one GiB of memory of an active instance costs a second
    #[arg(long, value_name = "PRICE", value_parser = amount, requires = "hours")]
    pub price_gib_second: Option<f64>,
    /// What one vCPU of an instance that is kept warm costs a second
    #[arg(long, value_name = "PRICE", value_parser = amount, requires = "hours")]
    pub price_idle_vcpu_second: Option<f64>,
    /// What one GiB of memory of an instance that is kept warm costs a second
    #[arg(long, value_name = "PRICE", value_parser = amount, requires = "hours")]
    pub price_idle_gib_second: Option<f64>,
    /// What a million requests cost
    #[arg(long, value_name = "PRICE", value_parser = amount, requires = "hours")]
    pub price_million_requests: Option<f64>,
}

/// Tabs, of which there are no parts.
fn tabs(text: &str) -> Result<u64, String> {
    text.parse().map_err(|_| "write a whole number, 0 or above".to_owned())
}

/// A number that counts or costs something.
fn amount(text: &str) -> Result<f64, String> {
    let amount = text.parse::<f64>().ok().filter(|amount| (0.0..=1e12).contains(amount));
    amount.ok_or_else(|| "write a number, 0 or above".to_owned())
}

/// Hours of a month.
fn hours(text: &str) -> Result<f64, String> {
    let hours = amount(text).ok().filter(|hours| *hours <= HOURS_OF_MONTH);
    hours.ok_or_else(|| format!("write a number of hours, at most the {HOURS_OF_MONTH} that a month has on average"))
}

/// Arguments of `explain`.
#[derive(Debug, Args)]
pub struct Explain {
    /// A rule's id, as findings show it in brackets
    pub rule: Option<String>,
    /// Print every rule as the page docs/rules.md
    #[arg(long, conflicts_with = "rule")]
    pub markdown: bool,
}

/// Arguments of `schema`.
#[derive(Debug, Args)]
pub struct Schema {
    /// Fail if the schemas are not up to date, and write nothing
    #[arg(long)]
    pub check: bool,
    /// Where the schemas are. Default: schemas/ beside portal.toml, or here where there is none
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
}
