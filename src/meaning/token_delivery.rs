//! What it means for an environment how the API hands its token to the portal: what the API and the portal's code have to
//! do, what nginx does, and who logs what. api.env says it to whoever runs the API.
//!
//! nginx.conf is the same for every environment, and so is what it does here: it logs paths without their queries, sends
//! `Referrer-Policy: no-referrer`, and answers a page that is asked for with a query with `Cache-Control: no-store`.

use crate::config::environment::{Ingress, TokenDelivery};
use crate::deployment::{CookieScope, Deployment, Service};

/// What one way of handing over the token means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Meaning {
    /// The way, as `token_delivery` has it.
    pub delivery: &'static str,
    /// In a sentence: where the token is on its way.
    pub summary: String,
    /// What it asks of whom, and what is done about it, in this order: the API, the portal, nginx, the browser, logs.
    pub points: Vec<Point>,
    /// What keeps tokens out of Cloud Run's request log, where they would be in it.
    pub log_exclusion: Option<LogExclusion>,
}

/// What a log sink is to leave out: `gcloud logging sinks update _Default --add-exclusion EXCLUSION --project PROJECT`.
///
/// Source: <https://cloud.google.com/sdk/gcloud/reference/logging/sinks/update>.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogExclusion {
    /// The project whose log it is.
    pub project: String,
    /// Name and filter, as gcloud takes them.
    pub exclusion: String,
}

/// One thing that it means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Point {
    /// Whom or what it is about.
    pub topic: &'static str,
    /// What there is to know, in whole sentences.
    pub text: String,
}

/// Whom or what a [`Point`] can be about.
pub const TOPICS: &[&str] = &["the API", "the portal", "nginx", "the browser", "logs"];

/// What nginx does for every address that may hold a code or a token.
///
/// Source of what Cloud Run does: <https://docs.cloud.google.com/run/docs/container-contract>.
fn nginx(deployment: &Deployment) -> Point {
    let mut text = String::from(
        "It logs paths without their queries, sends `Referrer-Policy: no-referrer` with every answer, and answers a page that is asked for with a query with `Cache-Control: no-store`.",
    );
    if deployment.service.as_ref().is_some_and(|service| service.session_affinity) {
        text.push_str(" In an answer that sets Cloud Run's affinity cookie, as the first of a visit does, Cloud Run makes that `private`.");
    }
    point("nginx", text)
}

/// What this environment's way of handing over the token means; nothing where the API signs nobody in.
pub fn meaning(deployment: &Deployment) -> Option<Meaning> {
    let sign_in = deployment.oauth.sign_in.as_ref()?;
    let (delivery, summary, points) = match deployment.oauth.token_delivery {
        TokenDelivery::Cookie => {
            ("cookie", "No address ever holds the token.", cookie(&sign_in.cookie, is_behind(deployment)))
        }
        TokenDelivery::Code => (
            "code",
            "The address holds a code that is worth nothing once it has been used; the token itself never passes the browser.",
            code(deployment),
        ),
        TokenDelivery::Fragment => (
            "fragment",
            "The address holds the token behind `#`, which a browser keeps to itself: no server and no log gets it, its history does.",
            fragment(),
        ),
        TokenDelivery::Query => (
            "query",
            "The address holds the token behind `?`: it stays in the browser's history and goes into every log on the way. What is done about it makes that less, and does not undo it.",
            query(deployment, &sign_in.cookie),
        ),
    };
    let logged = deployment.oauth.token_delivery == TokenDelivery::Query;
    let log_exclusion = deployment.service.as_ref().filter(|_| logged).map(log_exclusion);
    Some(Meaning { delivery, summary: summary.to_owned(), points, log_exclusion })
}

fn point(topic: &'static str, text: impl Into<String>) -> Point {
    Point { topic, text: text.into() }
}

/// Whether a load balancer is in front, whoever made it.
fn is_behind(deployment: &Deployment) -> bool {
    let shut = |service: &Service| service.ingress == Ingress::InternalAndCloudLoadBalancing;
    deployment.load_balancer.is_some() || deployment.service.as_ref().is_some_and(shut)
}

fn cookie(scope: &CookieScope, behind: bool) -> Vec<Point> {
    let api = match scope {
        CookieScope::Host => "Answers the callback with `Set-Cookie: __Host-NAME=TOKEN; Path=/; HttpOnly; Secure; SameSite=Lax` and a redirect to the portal whose address holds no token. The callback arrives on the portal's own host, so the cookie needs no `Domain`, and no other host gets it.".to_owned(),
        CookieScope::Domain(domain) => format!("Answers the callback with `Set-Cookie: NAME=TOKEN; Domain={domain}; Path=/; HttpOnly; Secure; SameSite=Lax` and a redirect to the portal whose address holds no token. The cookie goes to every host of `{domain}`, other environments' too: NAME must be this environment's own."),
        CookieScope::Nowhere => "A cookie that it sets in its answer to the callback never reaches the portal, which is another site.".to_owned(),
        CookieScope::Unknown => "Answers the callback with `Set-Cookie: NAME=TOKEN; Domain=DOMAIN; Path=/; HttpOnly; Secure; SameSite=Lax` and a redirect to the portal whose address holds no token. DOMAIN is what the API's host and the portal's have in common.".to_owned(),
    };
    vec![
        point("the API", api),
        point(
            "the portal",
            "Its backend reads the cookie from the headers that opened the connection (`self.router.headers.cookie`). `rx.Cookie` runs in the browser, where `HttpOnly` hides it.",
        ),
        point(
            "nginx",
            "It opens the socket, which the browser sends the cookie along with, to the portal's own pages alone.",
        ),
        point(
            "logs",
            match behind {
                true => "Neither nginx nor Cloud Run nor the load balancer logs cookies.",
                false => "Neither nginx nor Cloud Run logs cookies.",
            },
        ),
    ]
}

fn code(deployment: &Deployment) -> Vec<Point> {
    vec![
        point(
            "the API",
            "Redirects to the portal with a code of its own making in the query: at least 128 random bits, good once and for 60 seconds at most. It gives the token for it to the portal's backend alone, which proves that it began this sign-in (as PKCE does, RFC 7636): a code that somebody else got hold of, or slipped to a user, is then worth nothing.",
        ),
        point(
            "the portal",
            "Its backend sends the code to the API in the body of a POST to `BACKEND_URL`, keeps the token, and takes the code out of the address (`history.replaceState`).",
        ),
        nginx(deployment),
        point(
            "logs",
            match is_behind(deployment) {
                true => {
                    "Cloud Run's request log and the load balancer's hold the address with the code. It has been used by the time anybody reads it there, so they stay on."
                }
                false => {
                    "Cloud Run's request log holds the address with the code. It has been used by the time anybody reads it there, so it stays on."
                }
            },
        ),
    ]
}

fn fragment() -> Vec<Point> {
    vec![
        point("the API", "Redirects to the portal with the token behind `#`. It should be short-lived."),
        point(
            "the portal",
            "A script of the page reads it from `location.hash` and takes it out of the address before it does anything else (`history.replaceState`). Every script in the page can read it, so the page that it arrives on should load none of others.",
        ),
        point("nginx", "It never gets what stands behind `#`."),
        point("the browser", "Its history keeps the address until the portal has replaced it."),
        point("logs", "They never get what stands behind `#`."),
    ]
}

fn query(deployment: &Deployment, scope: &CookieScope) -> Vec<Point> {
    let better = match scope {
        CookieScope::Nowhere => "Better: a code that works once, `token_delivery = \"code\"`.",
        _ => "Better: a cookie, or a code that works once.",
    };
    let mut logs = String::from(
        "Cloud Run's request log holds whole addresses (`httpRequest.requestUrl`), and nothing in a container or in service.yaml changes that. The command below keeps requests with a query out of the project's log from then on, all but the socket's, whose query never holds this token. Those that reach the container still have their line in nginx's log, without the query; what Cloud Run answers by itself (429, 500, 503, or 403 to one who may not call it) then leaves none. It reaches no other sink than `_Default`, and nothing that is in the log already.",
    );
    if deployment.service.is_none() {
        logs = "Every proxy on the way may log whole addresses.".to_owned();
    } else if deployment.load_balancer.is_some() {
        logs.push_str(" The load balancer's log would hold them as well: load_balancer.tf leaves it off.");
    } else if is_behind(deployment) {
        logs.push_str(" The load balancer's log holds them as well, where its owner has switched it on.");
    }
    vec![
        point(
            "the API",
            format!(
                "Redirects to the portal with the token behind `?`. It should be short-lived, and good for little. {better}"
            ),
        ),
        point(
            "the portal",
            "Takes the token out of the address as soon as it has read it (`history.replaceState`), so that it is neither bookmarked nor shared.",
        ),
        nginx(deployment),
        point(
            "the browser",
            "Its history keeps the address until the portal has replaced it, and so does every device that it shares its history with.",
        ),
        point("logs", logs),
    ]
}

/// Keeps what is asked for with a query out of the log bucket `_Default`: no filter knows what the API calls its token.
/// Sockets, each of whose polls has a query, stay in.
///
/// Source: <https://cloud.google.com/sdk/gcloud/reference/logging/sinks/update> and
/// <https://cloud.google.com/logging/docs/view/logging-query-language>.
fn log_exclusion(service: &Service) -> LogExclusion {
    let Service { name, project, region, .. } = service;
    let filter = [
        "LOG_ID(\"run.googleapis.com/requests\")".to_owned(),
        format!("resource.labels.service_name=\"{name}\""),
        format!("resource.labels.location=\"{region}\""),
        "httpRequest.requestUrl=~\"[?]\"".to_owned(),
        // What comes before the first question mark: behind it, anything may stand.
        "NOT httpRequest.requestUrl=~\"^[^?]*/_event/?[?]\"".to_owned(),
    ];
    let exclusion = format!("name={name}-queries,filter={}", filter.join(" AND "));
    LogExclusion { project: project.to_string(), exclusion }
}
