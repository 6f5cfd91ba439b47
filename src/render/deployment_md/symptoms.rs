//! What people see when something is wrong, what can be behind it, and what finds it. An environment's page shows only
//! what can happen there.

use crate::config::environment::{Ingress, StateManager};
use crate::deployment::Deployment;

/// What people see.
#[derive(Debug)]
pub(super) struct Symptom {
    /// In their words.
    pub(super) seen: &'static str,
    /// Where it can be seen: everywhere, unless said.
    when: &'static [When],
    /// What can be behind it, the likeliest first.
    causes: &'static [Cause],
}

/// What can be behind it.
#[derive(Debug)]
pub(super) struct Cause {
    /// In a sentence, with names between backticks.
    pub(super) text: &'static str,
    /// What finds it.
    pub(super) found: Found,
    /// Where it can be.
    when: &'static [When],
}

/// What finds a cause.
#[derive(Debug, Clone, Copy)]
pub(super) enum Found {
    /// `portalgen lint`, by a rule.
    Rule(&'static str),
    /// `portalgen verify`, by a check and the cause that it names.
    Check(&'static str, &'static str),
    /// `portalgen oauth check`.
    Client,
}

/// Where a symptom can be seen, or a cause can be.
#[derive(Debug, Clone, Copy)]
enum When {
    Websocket,
    Polling,
    Http1,
    Http2,
    /// Something is in front of the service.
    Balanced,
    /// load_balancer.tf makes the load balancer.
    Created,
    /// There is a load balancer already.
    Attached,
    RunApp,
    Redis,
    /// State is in each instance.
    OwnState,
    ManyInstances,
    ScalesToZero,
    Api,
    RedirectUris,
    CallbackByApi,
}

impl When {
    fn holds(self, deployment: &Deployment) -> bool {
        let load_balancer = deployment.load_balancer.as_ref();
        let service = deployment.service.as_ref();
        match self {
            Self::Websocket => deployment.image.websocket,
            Self::Polling => !deployment.image.websocket,
            Self::Http1 => !deployment.image.http2,
            Self::Http2 => deployment.image.http2,
            Self::Balanced => {
                load_balancer.is_some()
                    || service.is_some_and(|service| service.ingress == Ingress::InternalAndCloudLoadBalancing)
            }
            Self::Created => load_balancer.is_some_and(|load_balancer| load_balancer.created.is_some()),
            Self::Attached => load_balancer.is_some_and(|load_balancer| load_balancer.attached.is_some()),
            Self::RunApp => !Self::Balanced.holds(deployment),
            Self::Redis => deployment.state_manager == StateManager::Redis,
            Self::OwnState => deployment.state_manager != StateManager::Redis,
            Self::ManyInstances => service.is_some_and(|service| service.max_instances > 1),
            Self::ScalesToZero => service.is_some_and(|service| service.min_instances == 0),
            Self::Api => deployment.api.is_some(),
            Self::RedirectUris => !deployment.oauth.redirect_uris.is_empty(),
            Self::CallbackByApi => deployment.oauth.callback == crate::deployment::Callback::Api,
        }
    }
}

/// The symptoms that an environment can show, each with its causes there.
pub(super) fn of(deployment: &Deployment) -> Vec<(&'static Symptom, Vec<&'static Cause>)> {
    let possible = |when: &[When]| when.iter().all(|when| when.holds(deployment));
    let symptoms = SYMPTOMS.iter().filter(|symptom| possible(symptom.when));
    symptoms
        .map(|symptom| (symptom, symptom.causes.iter().filter(|cause| possible(cause.when)).collect::<Vec<_>>()))
        .filter(|(_, causes)| !causes.is_empty())
        .collect()
}

use Found::{Check, Client, Rule};

const fn cause(text: &'static str, found: Found) -> Cause {
    Cause { text, found, when: &[] }
}

const fn only(when: &'static [When], text: &'static str, found: Found) -> Cause {
    Cause { text, found, when }
}

static SYMPTOMS: &[Symptom] = &[
    Symptom {
        seen: "WebSocket connection to `wss://...` failed",
        when: &[When::Websocket],
        causes: &[
            cause(
                "The image that is deployed was built for the other strategy, or a variable of the service changes \
                 `REFLEX_TRANSPORT`.",
                Check("transport", "transport-differs"),
            ),
            cause(
                "A proxy in front takes `Upgrade` away, as end-to-end HTTP/2 does.",
                Check("transport", "upgrade-stripped"),
            ),
            cause("`http2 = true` was written: no WebSocket passes it.", Rule("h2c-with-websocket")),
            cause("Cloud Run asks callers for a Google identity.", Check("ping", "iam-refuses")),
        ],
    },
    Symptom {
        seen: "Polls to `/_event` are answered 400, or the browser tries a WebSocket all the same",
        when: &[When::Polling],
        causes: &[
            cause(
                "A later request reached another instance than the one that opened the session.",
                Check("session-affinity", "session-on-another-instance"),
            ),
            cause("Session affinity is off.", Rule("polling-without-affinity")),
            cause(
                "The image that is deployed was built for the other strategy, or a variable of the service changes \
                 `REFLEX_TRANSPORT`.",
                Check("transport", "transport-differs"),
            ),
        ],
    },
    Symptom {
        seen: "CORS error, or 403 on the socket",
        when: &[],
        causes: &[
            cause(
                "The page was opened under another host than the one that nginx is asked for.",
                Check("transport", "own-origin-refused"),
            ),
            cause(
                "rxconfig.py has an `api_url` of its own, so that the page calls another host than its own.",
                Rule("setting-without-effect"),
            ),
            only(&[When::RunApp], "Cloud Run asks callers for a Google identity.", Rule("browsers-refused")),
        ],
    },
    Symptom {
        seen: "The page stands there and clicks do nothing (\"Cannot connect to server\")",
        when: &[],
        causes: &[
            cause("Client and backend speak different transports.", Check("transport", "transport-differs")),
            only(
                &[When::Polling],
                "The requests of a tab reach several instances.",
                Check("session-affinity", "session-on-another-instance"),
            ),
            only(
                &[When::Redis],
                "Redis does not answer, or `REFLEX_REDIS_URL` names another place.",
                Check("visit", "state-store-silent"),
            ),
            cause(
                "`api_url` has a path, so the backend does not know the socket's namespace.",
                Check("visit", "namespace-refused"),
            ),
            cause(
                "An event handler or a computed variable raised an error; its traceback is in the log.",
                Check("visit", "event-not-answered"),
            ),
        ],
    },
    Symptom {
        seen: "The socket is closed after some minutes",
        when: &[When::Websocket],
        causes: &[
            cause(
                "`timeout` is below an hour, and each WebSocket ends with it. An hour is Cloud Run's limit; the tab \
                 connects again by itself.",
                Rule("websocket-cut-early"),
            ),
            cause("nginx waits for less long than Cloud Run does.", Rule("timeout-disagrees")),
            cause("The instance ended, or a revision was replaced.", Check("visit", "session-ended")),
        ],
    },
    Symptom {
        seen: "Idle tabs lose their connection",
        when: &[When::Polling],
        causes: &[
            cause("`timeout` is shorter than a poll is held.", Rule("timeout-under-poll")),
            cause("The instance ended, or a revision was replaced.", Check("visit", "session-ended")),
        ],
    },
    Symptom {
        seen: "State is lost after a reload, a pause or a deployment",
        when: &[],
        causes: &[
            only(
                &[When::OwnState, When::ManyInstances],
                "State is in each instance's memory, and the tab reached another one.",
                Rule("state-in-memory"),
            ),
            only(
                &[When::OwnState, When::ScalesToZero],
                "The last instance ended after a pause.",
                Rule("no-warm-instance"),
            ),
            only(
                &[When::Redis],
                "Reflex is not told where Redis is, and keeps state in the instance.",
                Rule("redis-without-url"),
            ),
            only(
                &[When::Redis],
                "Redis is full or takes no writes. It forgets a tab after an hour without an event.",
                Check("visit", "event-not-answered"),
            ),
            only(
                &[When::Polling],
                "Affinity failed: it is best effort.",
                Check("session-affinity", "session-on-another-instance"),
            ),
        ],
    },
    Symptom {
        seen: "Google says `redirect_uri_mismatch`",
        when: &[When::RedirectUris],
        causes: &[
            cause(
                "The URI is not in the client, or differs by scheme, case or a final `/`; or it was entered less than \
                 a few hours ago.",
                Client,
            ),
            only(
                &[When::Api],
                "The API sends a URI that no environment registers.",
                Check("sign-in", "redirect-uri-not-registered"),
            ),
            only(
                &[When::Api],
                "The API makes the URI from the request, with `http`.",
                Check("sign-in", "redirect-uri-over-http"),
            ),
            only(
                &[When::Api],
                "The API makes the URI from the request, with the port inside the container.",
                Check("sign-in", "redirect-uri-with-inner-port"),
            ),
            only(
                &[When::Api],
                "The API's `GOOGLE_REDIRECT_URI` is another environment's.",
                Check("sign-in", "redirect-uri-of-another-host"),
            ),
        ],
    },
    Symptom {
        seen: "After Google, the home page comes and nobody is signed in",
        when: &[When::Api],
        causes: &[
            only(
                &[When::CallbackByApi],
                "The callback is answered with a page instead of by the API: the code is lost.",
                Check("callbacks", "page-instead-of-api"),
            ),
            cause("No path of nginx's leads the callback to anybody.", Rule("callback-unrouted")),
            cause("Sign-in begins on one host of the API and ends on another.", Rule("sign-in-on-another-host")),
        ],
    },
    Symptom {
        seen: "\"The user-provided container failed to start and listen on the port\"",
        when: &[],
        causes: &[
            cause(
                "start.sh says in the log what is wrong: a variable (it ends with 64), or a backend that ended or did \
                 not answer `/ping` in time.",
                Check("ping", "no-instance"),
            ),
            cause("The image does not carry the backend's module.", Rule("asgi-outside-image")),
            cause("A package is missing in the lock file.", Rule("lock-without-package")),
            cause("A variable is set that the image depends on.", Rule("variable-refused")),
            cause("A file of the image was edited, and its ports no longer agree.", Rule("port-disagrees")),
            only(
                &[When::Redis],
                "Redis cannot be reached over the network that is named.",
                Check("visit", "state-store-silent"),
            ),
        ],
    },
    Symptom {
        seen: "502, 503 or 504",
        when: &[],
        causes: &[
            cause("502 from nginx: the backend behind it has ended.", Check("ping", "backend-down")),
            cause("504 from nginx: the backend hangs.", Check("ping", "backend-hangs")),
            only(
                &[When::Api],
                "502 on the API's paths alone: nginx cannot reach the API.",
                Check("callbacks", "api-unreachable"),
            ),
            only(
                &[When::Balanced],
                "503 from the load balancer: its backend leads to no service.",
                Check("ping", "no-backend"),
            ),
            only(&[When::Http2], "nginx does not speak HTTP/2 on its port.", Check("http2", "no-http2")),
            only(
                &[When::Http1],
                "The port is named `h2c`, but nginx speaks HTTP/1.1.",
                Check("ping", "protocol-mismatch"),
            ),
            cause(
                "429, 500 or 503 from Cloud Run: all instances are busy, or a new one does not start.",
                Check("ping", "no-instance"),
            ),
        ],
    },
    Symptom {
        seen: "403 from Google (\"does not have permission to get URL\")",
        when: &[],
        causes: &[
            cause(
                "Cloud Run asks callers for a Google identity: `allow_unauthenticated` is off, or was not deployed.",
                Check("ping", "iam-refuses"),
            ),
            only(&[When::Balanced], "The service does not let the load balancer in.", Rule("load-balancer-shut-out")),
        ],
    },
    Symptom {
        seen: "404",
        when: &[],
        causes: &[
            cause(
                "Google's own page: `ingress` keeps this way closed, or it leads to another service.",
                Check("ping", "front-end-404"),
            ),
            only(
                &[When::Api],
                "nginx's, on a path of the API: it was started without `BACKEND_URL`.",
                Check("callbacks", "api-not-routed"),
            ),
            cause(
                "nginx's, on a path of the app: it is not in `app.backend_paths`.",
                Check("backend-paths", "not-routed"),
            ),
            cause("On a file of `/assets/`: page and files are of two builds.", Check("asset", "asset-missing")),
        ],
    },
    Symptom {
        seen: "413 on an upload",
        when: &[],
        causes: &[
            only(
                &[When::Http1],
                "It is larger than 32Mi, and Cloud Run takes no more over HTTP/1.",
                Rule("upload-without-http2"),
            ),
            cause("nginx allows less than `app.max_upload` says.", Check("upload", "upload-limit-default")),
        ],
    },
    Symptom {
        seen: "The browser warns of the certificate, or TLS fails",
        when: &[],
        causes: &[
            only(
                &[When::Created],
                "The host has no A record to the load balancer yet.",
                Check("dns", "dns-record-missing"),
            ),
            only(
                &[When::Created],
                "The certificate is still being issued: up to an hour after the A record.",
                Check("certificate", "certificate-pending"),
            ),
            only(
                &[When::Attached],
                "The load balancer's certificates lack this host: its owner adds one.",
                Check("certificate", "certificate-for-another-name"),
            ),
            cause("The name leads to another server.", Check("certificate", "certificate-for-another-name")),
        ],
    },
    Symptom {
        seen: "Blank page, or React's hydration error (418)",
        when: &[],
        causes: &[
            cause("A deep link is answered with the home page.", Check("deep-link", "home-page-for-every-path")),
            cause(
                "A missing file is answered with a page: tabs that were open during a deployment break.",
                Check("missing-asset", "page-for-missing-asset"),
            ),
            cause("The page was cached, and names files of an earlier build.", Check("page-caching", "page-cached")),
            cause("nginx finds no built client.", Check("home-page", "no-client")),
        ],
    },
    Symptom {
        seen: "The first visit after a pause is slow",
        when: &[When::ScalesToZero],
        causes: &[cause("An instance has to start for it: `min_instances = 0`.", Rule("no-warm-instance"))],
    },
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{rules, verify};

    #[test]
    fn what_finds_a_cause_is_there() {
        let pairs = verify::pairs();
        for cause in SYMPTOMS.iter().flat_map(|symptom| symptom.causes) {
            match cause.found {
                Rule(id) => assert!(rules::rule(id).is_some(), "{id} is no rule"),
                Check(check, id) => assert!(pairs.contains(&(check, id)), "{check} was never seen to name {id}"),
                Client => {}
            }
            assert!(cause.text.ends_with('.') && cause.text.matches('`').count() % 2 == 0, "{}", cause.text);
        }
    }
}
