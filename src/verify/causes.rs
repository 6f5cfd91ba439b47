//! What is likely wrong, in words, and where to look: each cause once, whatever check finds it.

use super::verdict::Look::{Environment, Line, Outside, Owner, Portal};
use super::verdict::{Anchor, Cause};

/// Defines the causes, each under its id, and lists them all.
macro_rules! causes {
    ($($name:ident $id:literal $means:literal [$($look:expr),* $(,)?])+) => {
        $(
            pub(super) static $name: Cause = Cause { id: $id, means: $means, look: &[$($look),*] };
        )+

        /// All of them.
        #[cfg(test)]
        pub(super) static ALL: &[&Cause] = &[$(&$name),+];
    };
}

/// The container's log, where Cloud Run keeps it.
const LOG: &str = "the container's log: gcloud run services logs read SERVICE, or docker logs CONTAINER";

/// What the owner of a load balancer that exists has to look after.
const ADDRESS: &str = "the load balancer's address: gcloud compute forwarding-rules list --global";
const PROXY: &str = "the certificates of the load balancer's HTTPS proxy: gcloud compute target-https-proxies list";
const HTTP_PROXY: &str = "the load balancer's HTTP proxy: gcloud compute target-http-proxies list";

causes! {
    // Names and connections.
    DNS_RECORD_MISSING "dns-record-missing"
        "The name has no address yet. Create an A record for this host with the load balancer's address, which `terraform output address` prints where load_balancer.tf makes it; until then Google issues no certificate either."
        [Line(Anchor::Address), Owner(ADDRESS), Environment(&["hosts"])]
    NAME_UNKNOWN "name-unknown"
        "The name has no address, so nothing can be asked there. It is misspelled, or its DNS record is missing."
        [Environment(&["api", "url"])]
    HOST_UNKNOWN "host-unknown"
        "The name has no address, and it is none that waits for its load balancer. Check its spelling, in `hosts` or in --url; if that is right, its DNS record is missing."
        [Environment(&["hosts"])]
    API_NOT_LISTENING "api-not-listening"
        "Nothing listens where the API is to answer: it is not running, or its address is another one."
        [Environment(&["api", "url"]), Environment(&["api", "public_url"])]
    NAME_SERVER_SILENT "name-server-silent"
        "No name server answered this machine: that says nothing of the portal. Ask from a machine whose DNS works."
        [Outside("this machine's network: /etc/resolv.conf")]
    NOTHING_LISTENS_YET "nothing-listens-yet"
        "Nothing listens on this port of this machine, or in the container behind it. start.sh opens it once the backend has answered, which takes some seconds; if the container has ended, its log says why."
        [Outside(LOG), Line(Anchor::WaitForBackend)]
    CONNECTION_REFUSED "connection-refused"
        "A machine answers at this address, but nothing listens on the port: the DNS record leads elsewhere, or a load balancer there has no forwarding rule for it."
        [Line(Anchor::Address), Owner(ADDRESS), Environment(&["hosts"])]
    NO_CONNECTION "no-connection"
        "Packets get no answer: the DNS record leads to an address where nothing is, or a firewall drops them."
        [Line(Anchor::Address), Owner(ADDRESS), Environment(&["hosts"])]
    CUT_OFF "connection-cut"
        "The connection ended in the middle of an answer: the container ended, or a proxy gave up."
        [Outside(LOG)]
    EMPTY_REPLY "empty-reply"
        "The connection was accepted and closed without a word: nginx was asked for a protocol that it does not speak, or it ended. With the port name `h2c` nginx must have `http2 on;`, and without it must not expect HTTP/2."
        [Line(Anchor::PortName), Environment(&["http2"]), Line(Anchor::Listen)]
    HTTP2_ONLY "http2-only"
        "The port speaks HTTP/2 alone. Cloud Run's probes and services without the port name `h2c` speak HTTP/1.1 to it: nginx needs `listen` and `http2 on;` on separate lines (Debian 13), not `listen ... http2`."
        [Line(Anchor::Listen), Environment(&["http2"])]
    NO_HTTP2 "no-http2"
        "nginx does not speak cleartext HTTP/2 here. With the port name `h2c`, which `http2 = true` writes, Cloud Run speaks nothing else to it and every request ends with 502 or 503."
        [Environment(&["http2"]), Line(Anchor::Listen)]
    NOT_HTTP "not-http"
        "Something else than a web server listens on this port."
        [Portal(&["container", "port"])]
    NOT_WEBSOCKET "not-websocket"
        "The upgrade is answered with 101, but what follows is no WebSocket: a proxy on the way or another service answers in the backend's place."
        [Line(Anchor::Upgrade), Line(Anchor::Socket)]
    PROTOCOL_MISMATCH "protocol-mismatch"
        "Cloud Run could not speak with the container: the port name and nginx disagree. `h2c` needs `http2 on;` in nginx.conf, and a WebSocket does not pass `h2c` at all."
        [Line(Anchor::PortName), Environment(&["http2"]), Line(Anchor::Listen)]

    // Certificates.
    CERTIFICATE_PENDING "certificate-pending"
        "The load balancer has no certificate for this host yet. One that load_balancer.tf asks for is issued once the A record leads to the load balancer; that can take up to an hour, and some minutes more until it is everywhere. Where the load balancer was there before, its owner adds the host to its certificates."
        [Line(Anchor::Certificates), Owner(PROXY), Environment(&["hosts"])]
    CERTIFICATE_MISSING "certificate-missing"
        "The server refuses TLS for this name: it has no certificate for it."
        [Environment(&["hosts"])]
    CERTIFICATE_EXPIRED "certificate-expired"
        "The certificate is no longer valid, and every browser warns. A certificate that Google manages renews itself as long as the A record leads to the load balancer."
        [Line(Anchor::Certificates), Owner(PROXY), Environment(&["hosts"])]
    CERTIFICATE_NOT_YET_VALID "certificate-not-yet-valid"
        "The certificate is valid from a later time on: this machine's clock is wrong, or the server's was."
        [Outside("this machine's clock")]
    CERTIFICATE_FOR_ANOTHER_NAME "certificate-for-another-name"
        "The certificate is for other names. The DNS record leads to another server, or the load balancer's certificates lack this host."
        [Environment(&["hosts"]), Line(Anchor::Certificates), Owner(PROXY)]
    CERTIFICATE_SELF_SIGNED "certificate-self-signed"
        "The server made its certificate itself, and no browser trusts it. Behind the load balancer Google issues one."
        [Line(Anchor::Certificates), Owner(PROXY), Environment(&["hosts"])]
    CERTIFICATE_UNKNOWN_AUTHORITY "certificate-unknown-authority"
        "This machine does not know the authority that signed the certificate: it is a private one, or a proxy on the way puts itself in between, or the server leaves out the intermediate certificate. A root of your own is named by SSL_CERT_FILE."
        [Outside("this machine's root certificates: SSL_CERT_FILE")]
    CERTIFICATE_ENDS_SOON "certificate-ends-soon"
        "A certificate that Google manages is renewed a month before its end. This one was not: its host's A record no longer leads to the load balancer, or a CAA record keeps Google out; or its owner renews it by hand."
        [Line(Anchor::Certificates), Owner(PROXY), Environment(&["hosts"])]
    NOT_TLS "not-tls"
        "What listens there does not speak TLS: the address is to be asked with http, or a proxy is missing in front."
        [Environment(&["hosts"])]
    TLS_SILENT "tls-silent"
        "The connection stands, but nothing comes back to the beginning of TLS: the server hangs, or it waits for another protocol."
        [Environment(&["hosts"])]
    NO_ROOTS "no-root-certificates"
        "This machine has no root certificates to hold the portal's against. Install ca-certificates, or name a file of them by SSL_CERT_FILE."
        [Outside("this machine's root certificates: SSL_CERT_FILE")]
    TLS_FAULT "tls-fault"
        "TLS did not come about."
        [Line(Anchor::Certificates), Owner(PROXY), Environment(&["hosts"])]

    // Google's front end.
    IAM_REFUSES "iam-refuses"
        "Cloud Run asks callers for a Google identity, which no browser has and no load balancer adds. The portal needs `allow_unauthenticated = true`, rendered and deployed."
        [Environment(&["cloud_run", "allow_unauthenticated"]), Line(Anchor::Invoker)]
    FRONT_END_404 "front-end-404"
        "Google's front end answered, not the portal: `ingress` keeps this way closed, the default URL is off, or the URL map or the network endpoint group names another service."
        [Environment(&["cloud_run", "ingress"]), Line(Anchor::UrlMap), Line(Anchor::HostRule), Line(Anchor::EndpointGroup)]
    NO_INSTANCE "no-instance"
        "Cloud Run had no instance for the request: all are busy (`max_instances`, `concurrency`), or a new one does not start. The log names the failed start."
        [Environment(&["cloud_run", "max_instances"]), Line(Anchor::StartupProbe), Outside(LOG)]
    NO_BACKEND "no-backend"
        "The load balancer has nothing to pass the request on to: its backend service has no network endpoint group, or the service that this names is not deployed."
        [Line(Anchor::EndpointGroup), Environment(&["cloud_run", "service"])]

    // nginx and what is behind it.
    BACKEND_DOWN "backend-down"
        "nginx answers, but the backend behind it does not: it has ended, or it is still starting because nginx was started before it. start.sh starts nginx only once the backend answers, and ends when it ends."
        [Line(Anchor::StartBackend), Line(Anchor::WaitForBackend), Outside(LOG)]
    BACKEND_HANGS "backend-hangs"
        "The connection stands, but no answer comes: the backend hangs or is overloaded, or an instance is still starting. The liveness probe replaces a hung instance after some time."
        [Line(Anchor::ReadTimeout), Line(Anchor::StartBackend), Outside(LOG)]
    SERVER_ERROR "server-error"
        "The backend failed over the request. Its traceback is in the log."
        [Outside(LOG)]
    NGINX_ERROR "nginx-error"
        "nginx itself failed over the request: a file it may not read, a folder it cannot write, or a rule that goes in circles."
        [Outside(LOG), Line(Anchor::Pages)]
    NGINX_DEFAULT_SITE "nginx-default-site"
        "This is nginx's own welcome page: nginx runs with Debian's configuration and not with the generated nginx.conf."
        [Line(Anchor::Listen), Outside(LOG)]
    NO_CLIENT "no-client"
        "There is no built client where nginx looks for it, or it may not be read: the Dockerfile's export step left none."
        [Line(Anchor::Pages), Line(Anchor::Transport)]
    PAGE_INSTEAD_OF_BACKEND "page-instead-of-backend"
        "nginx has no location for this path and answers with a page, status 200: whoever asks takes that for success, and the backend never hears of it."
        [Line(Anchor::Ping), Line(Anchor::Socket), Line(Anchor::BackendPaths)]
    PAGE_INSTEAD_OF_API "page-instead-of-api"
        "nginx has no location for this path and answers with a page: the code that Google sends is lost without an error anywhere."
        [Portal(&["api", "paths"]), Line(Anchor::ApiPaths)]
    API_NOT_ROUTED "api-not-routed"
        "nginx's own 404: the container was started without BACKEND_URL, so the API's paths lead nowhere, or no location covers this one."
        [Environment(&["api", "url"]), Line(Anchor::ApiOrigin), Line(Anchor::ApiPaths)]
    API_UNREACHABLE "api-unreachable"
        "nginx could not reach the API: BACKEND_URL names a host that does not exist or answer, its certificate does not hold, or the API takes no traffic from here."
        [Environment(&["api", "url"]), Line(Anchor::ApiVerify), Outside(LOG)]
    API_SILENT "api-silent"
        "The API does not answer in time: it hangs, an instance of it is still starting, or the container finds no way to it."
        [Environment(&["api", "url"]), Line(Anchor::ApiOrigin), Outside("the API's log")]
    NOT_ROUTED "not-routed"
        "nginx answers 404 itself: no location passes this path to the backend."
        [Portal(&["app", "backend_paths"]), Line(Anchor::BackendPaths)]
    UNEXPECTED "unexpected-answer"
        "This is not what the portal answers here. Another service may stand behind the address, or another revision."
        [Environment(&["hosts"]), Line(Anchor::HostRule), Outside(LOG)]

    // Redirects.
    NO_HTTPS_REDIRECT "no-https-redirect"
        "Who types the address without https stays on plain http: session and token go over the wire for all to read."
        [Line(Anchor::RedirectToHttps), Owner(HTTP_PROXY), Environment(&["load_balancer", "mode"])]
    PORT_80_SILENT "port-80-silent"
        "Nothing answers on port 80, so who types the address without https gets no page: a load balancer there has no forwarding rule for http, or a firewall is in between."
        [Line(Anchor::RedirectToHttps), Owner(HTTP_PROXY), Environment(&["load_balancer", "mode"])]
    TEMPORARY_HTTPS_REDIRECT "temporary-https-redirect"
        "Browsers do not remember a temporary redirect, so each visit begins on plain http again. It is to be 301 or 308."
        [Line(Anchor::RedirectToHttps), Owner(HTTP_PROXY), Environment(&["load_balancer", "mode"])]
    REDIRECT_DROPS_PATH "redirect-drops-path"
        "The redirect to https does not lead to the path and the query that were asked for: links end elsewhere, and the parameters of a sign-in are lost."
        [Line(Anchor::RedirectToHttps), Owner(HTTP_PROXY), Environment(&["load_balancer", "mode"])]
    REDIRECT_TO_HTTP "redirect-to-http"
        "The redirect leads to plain http: nginx or the backend takes the scheme inside the container for the visitor's. nginx needs `absolute_redirect off;`, and must pass on the X-Forwarded-Proto that came in, not `$scheme`."
        [Line(Anchor::AbsoluteRedirect), Line(Anchor::ForwardedProto)]
    REDIRECT_TO_INNER_PORT "redirect-to-inner-port"
        "The redirect names the port inside the container, which nobody outside can reach: nginx needs `absolute_redirect off;`."
        [Line(Anchor::AbsoluteRedirect)]
    REDIRECT_ELSEWHERE "redirect-elsewhere"
        "The redirect leaves the host that was asked."
        [Line(Anchor::RedirectToHttps), Owner(HTTP_PROXY), Line(Anchor::AbsoluteRedirect)]

    // Pages and files.
    HOME_PAGE_FOR_EVERY_PATH "home-page-for-every-path"
        "A path without a file is answered with the home page's HTML, as `try_files $uri /index.html` does. React finds another page than the address asks for and throws a hydration error; the shell is `/__spa-fallback.html`."
        [Line(Anchor::Pages)]
    NO_FALLBACK "no-fallback"
        "A path without a file is not answered with the shell, so a dynamic route cannot be opened by its address or reloaded."
        [Line(Anchor::Pages)]
    PAGE_FOR_MISSING_ASSET "page-for-missing-asset"
        "A file that is not there is answered with a page, status 200. After a deployment, open tabs get HTML as JavaScript and break: `/assets/` needs `try_files $uri =404;`."
        [Line(Anchor::Assets)]
    ASSET_MISSING "asset-missing"
        "The home page names a file that is not there: page and files come from two builds, or two revisions answer in turn."
        [Line(Anchor::Assets), Outside(LOG)]
    ASSET_TYPE "asset-type"
        "Browsers refuse a script or a style sheet of the wrong type: nginx does not include its mime.types."
        [Line(Anchor::MimeTypes)]
    ASSET_NOT_CACHED "asset-not-cached"
        "Names below `/assets/` carry a hash of the content, so they can be kept for ever. Without `immutable` each visit asks for each again."
        [Line(Anchor::AssetCache)]
    NOT_COMPRESSED "not-compressed"
        "Three times as many bytes as needed. nginx compresses only what `gzip_types` lists, and behind a proxy, which sends Via, only with `gzip_proxied any;`."
        [Line(Anchor::Gzip)]
    PAGE_CACHED "page-cached"
        "Without `no-cache` a browser may keep the page, which names the files of the last build: after a deployment it asks for files that are gone."
        [Line(Anchor::PageCache)]
    QUERY_STORED "page-with-query-stored"
        "A page that is asked for with a query may have a code or a token in its address. Without `no-store` browsers and proxies may keep it under that address."
        [Line(Anchor::PageCache)]
    HEADERS_MISSING "security-headers-missing"
        "The headers are lost. In nginx an `add_header` in a location drops all that stand above it, and without `always` errors go without."
        [Line(Anchor::SecurityHeaders)]

    // The socket.
    TRANSPORT_DIFFERS "transport-differs"
        "The backend refuses the strategy's transport: build and run time disagree. The image sets REFLEX_TRANSPORT for both; a variable of the service must not change it, and the deployed image must be the strategy's own."
        [Line(Anchor::Transport), Environment(&["strategy"]), Environment(&["variables"])]
    UPGRADE_STRIPPED "upgrade-stripped"
        "The request to open a WebSocket reached the backend as an ordinary one: nginx does not pass `Upgrade` on, or a proxy in front strips it, as end-to-end HTTP/2 does."
        [Line(Anchor::Upgrade), Environment(&["http2"])]
    ORIGIN_REFUSED "own-origin-refused"
        "The portal's own page may not open the socket: its address reaches nginx as another host, or REFLEX_CORS_ALLOWED_ORIGINS lacks it."
        [Line(Anchor::ForeignPage), Environment(&["variables"])]
    OTHER_TRANSPORT_OPEN "other-transport-open"
        "The transport opens that the strategy does without: the deployed image was built or is run for the other strategy."
        [Line(Anchor::Transport), Environment(&["strategy"]), Environment(&["cloud_run", "image"])]
    FOREIGN_ORIGIN_ADMITTED "foreign-origin-admitted"
        "Any site's page may open the socket in a visitor's name: Reflex admits every origin, and nginx does not ask."
        [Line(Anchor::ForeignPage), Line(Anchor::Socket)]
    SESSION_LOST "session-on-another-instance"
        "The session began on one instance, and a later request landed on another, which does not know it. Long polling needs session affinity, and one process an instance."
        [Environment(&["cloud_run", "session_affinity"]), Line(Anchor::Affinity), Line(Anchor::StartBackend)]
    NAMESPACE_REFUSED "namespace-refused"
        "The backend does not know Socket.IO's namespace `/_event`, so the page connects, is turned away, and clicks do nothing. Reflex makes the name from the path of `api_url`: rxconfig.py, or REFLEX_API_URL at run time, gives it one."
        [Portal(&["app", "source"]), Environment(&["variables"]), Line(Anchor::Transport)]
    STATE_STORE_SILENT "state-store-silent"
        "The session opens, and then Reflex waits for Redis: the page stands there, and clicks do nothing. Redis is gone or hangs, REFLEX_REDIS_URL names another place, or the service has no way to its network."
        [Environment(&["secrets", "REFLEX_REDIS_URL"]), Environment(&["cloud_run", "network"]), Outside(LOG)]
    EVENT_NOT_ANSWERED "event-not-answered"
        "The session stands, but Reflex does not answer events: the page stands there, and clicks do nothing. A variable that the app computes raised an error, whose traceback is in the log, or the state could not be read or stored: Redis is full or takes no writes."
        [Outside(LOG), Environment(&["state_manager"])]
    SESSION_ENDED "session-ended"
        "The backend or a proxy closed the session in the middle of it: the backend ended, or a revision is being replaced. Browsers connect again, and each time it happens anew."
        [Outside(LOG), Line(Anchor::ReadTimeout), Line(Anchor::StartBackend)]

    // Uploads and paths that are not public.
    UPLOAD_LIMIT_DEFAULT "upload-limit-default"
        "A small upload is refused: nginx's own limit of 1 MiB is in force, or another below what `app.max_upload` says."
        [Line(Anchor::BodySize), Portal(&["app", "max_upload"])]
    UPLOAD_NOT_ROUTED "upload-not-routed"
        "nginx answers uploads itself: no location passes `/_upload` to the backend."
        [Line(Anchor::Upload)]
    UPLOAD_UNLIMITED "upload-unlimited"
        "A body over the limit is not refused at once: `client_max_body_size` is missing or larger than `app.max_upload`, so uploads fill the instance's memory. (A proxy that first waits for the whole body looks the same.)"
        [Line(Anchor::BodySize), Portal(&["app", "max_upload"])]
    PRIVATE_PATH_OPEN "private-path-open"
        "What is meant for the inside is open to all: it tells of the database and of routes, and costs the backend work."
        [Line(Anchor::PrivatePaths)]
    PRIVATE_PATH_IS_A_PAGE "private-path-is-a-page"
        "A page comes with status 200, so a monitor that asks here finds the portal healthy whatever happens."
        [Line(Anchor::PrivatePaths)]
    RUN_APP_OPEN "run-app-open"
        "The service answers on its run.app address, so whoever knows it goes round the load balancer. What is deployed is not what the file says."
        [Environment(&["cloud_run", "ingress"]), Environment(&["cloud_run", "default_url"]), Line(Anchor::Ingress)]
    RUN_APP_NOT_BY_INGRESS "run-app-closed-by-iam-alone"
        "The address answers, and only the missing identity keeps callers out: neither `ingress` nor `default_url` is in force there."
        [Environment(&["cloud_run", "ingress"]), Line(Anchor::Ingress)]

    // Sign-in.
    SIGN_IN_NOT_STARTED "sign-in-not-started"
        "Asked for sign-in, the API does not redirect to Google."
        [Portal(&["oauth", "login_path"]), Outside("the API's log")]
    SIGN_IN_ELSEWHERE "sign-in-elsewhere"
        "Sign-in leads to another host than Google's."
        [Portal(&["oauth", "login_path"]), Outside("the API's configuration")]
    SIGN_IN_TO_ITSELF "sign-in-to-itself"
        "Sign-in redirects to its own host and not to Google's. If only the final slash is new there, as frameworks add it, write `login_path` with it."
        [Portal(&["oauth", "login_path"]), Outside("the API's log")]
    NO_REDIRECT_URI "no-redirect-uri-sent"
        "The API sends no redirect URI, so Google refuses the sign-in."
        [Environment(&["oauth", "redirect_uri"]), Outside("the API's GOOGLE_REDIRECT_URI, as api.env has it")]
    REDIRECT_URI_NOT_HTTPS "redirect-uri-over-http"
        "The API makes its redirect URI from the request and takes the scheme inside the container for the visitor's: Google refuses http. X-Forwarded-Proto must be passed on as it came, or GOOGLE_REDIRECT_URI be set."
        [Line(Anchor::ForwardedProto), Environment(&["oauth", "redirect_uri"])]
    REDIRECT_URI_INNER_PORT "redirect-uri-with-inner-port"
        "The redirect URI names the port inside the container, where Google cannot send anybody."
        [Line(Anchor::AbsoluteRedirect), Environment(&["oauth", "redirect_uri"])]
    REDIRECT_URI_UNREGISTERED "redirect-uri-not-registered"
        "No environment registers this URI, so Google answers `redirect_uri_mismatch`. Register what the API sends, or let it send what is registered: Google compares to the letter."
        [Environment(&["oauth", "redirect_uris"]), Environment(&["oauth", "redirect_uri"]), Outside("https://console.cloud.google.com/auth/clients")]
    REDIRECT_URI_OF_ANOTHER_HOST "redirect-uri-of-another-host"
        "The URI is registered, but it is not the one that this environment's API is to send: its GOOGLE_REDIRECT_URI is another environment's."
        [Environment(&["oauth", "redirect_uri"]), Outside("the API's GOOGLE_REDIRECT_URI, as api.env has it")]
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{ALL, CERTIFICATE_PENDING};
    use crate::app_files::AppFiles;
    use crate::config::{EnvironmentFile, PortalFile};
    use crate::finding::SourceId;
    use crate::source::Source;
    use crate::verify::lookup::Places;
    use crate::verify::verdict::Look::Owner;
    use crate::{render, resolve};

    #[test]
    fn each_cause_has_a_name_of_its_own_and_a_place_to_look_at() {
        let ids: BTreeSet<_> = ALL.iter().map(|cause| cause.id).collect();
        assert_eq!(ids.len(), ALL.len());
        for cause in ALL {
            assert!(cause.means.ends_with(['.', ')']) && !cause.look.is_empty(), "{}", cause.id);
            assert!(cause.id.chars().all(|c| c.is_ascii_lowercase() || c == '-' || c.is_ascii_digit()), "{}", cause.id);
        }
    }

    /// Where the load balancer is made, where it was there before, and where there is none.
    #[test]
    fn each_cause_leads_somewhere_in_every_mode() {
        let portal_text = include_str!("../../tests/fixtures/minimal/portal.toml");
        let minimal = include_str!("../../tests/fixtures/minimal/envs/demo.toml");
        let attach = include_str!("../../tests/fixtures/attach/envs/demo.toml");
        let create = attach.replace(
            "mode = \"attach\"\nload_balancing_scheme = \"EXTERNAL_MANAGED\"\nurl_map = \"shared-url-map\"",
            "mode = \"create\"",
        );
        let portal_file: PortalFile = toml::from_str(portal_text).unwrap();
        let portal = resolve::portal(&portal_file, SourceId(0), AppFiles::default());
        for (text, owners) in [(minimal, false), (attach, true), (&create, false)] {
            let written: EnvironmentFile = toml::from_str(text).unwrap();
            let name = "demo".parse().unwrap();
            let deployment = resolve::deployment(&portal_file, &portal, &name, "envs/demo.toml", SourceId(1), &written);
            let sources = [Source::parse("portal.toml", portal_text).0, Source::parse("envs/demo.toml", text).0];
            let artifacts = render::artifacts(std::slice::from_ref(&deployment), false);
            let places = Places {
                deployment: &deployment,
                sources: &sources,
                artifacts: artifacts.iter().collect(),
                out: "out",
            };
            for cause in ALL {
                let found: Vec<_> = cause.look.iter().filter_map(|look| places.find(*look)).collect();
                assert!(!found.is_empty(), "{}: nowhere to look", cause.id);
            }
            let owner =
                CERTIFICATE_PENDING.look.iter().any(|look| matches!(look, Owner(_)) && places.find(*look).is_some());
            assert_eq!(owner, owners, "{text}");
        }
    }
}
