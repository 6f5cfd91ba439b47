//! What is said of an answer: a verdict, what came, and for what is not right the cause and where to look.

/// How a check ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// It is as it should be.
    Passed,
    /// It is not.
    Failed,
    /// It is not yet: something outside has to happen first.
    Waiting,
}

/// A verdict and its grounds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Judged {
    pub(super) verdict: Verdict,
    /// What came, in a few words.
    pub(super) came: String,
    /// Why, unless it passed.
    pub(super) cause: Option<&'static Cause>,
}

impl Judged {
    pub(super) fn passed(came: impl Into<String>) -> Self {
        Self { verdict: Verdict::Passed, came: came.into(), cause: None }
    }

    pub(super) fn failed(came: impl Into<String>, cause: &'static Cause) -> Self {
        Self { verdict: Verdict::Failed, came: came.into(), cause: Some(cause) }
    }

    pub(super) fn waiting(came: impl Into<String>, cause: &'static Cause) -> Self {
        Self { verdict: Verdict::Waiting, came: came.into(), cause: Some(cause) }
    }
}

/// A likely cause of what is not right.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Cause {
    /// Its name, for programs.
    pub(super) id: &'static str,
    /// What it means, in a sentence or two.
    pub(super) means: &'static str,
    /// Where to look, the likeliest first.
    pub(super) look: &'static [Look],
}

/// A place to look at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Look {
    /// A key of the environment's file.
    Environment(&'static [&'static str]),
    /// A key of portal.toml.
    Portal(&'static [&'static str]),
    /// A line of a rendered file.
    Line(Anchor),
    /// A place outside.
    Outside(&'static str),
    /// A place outside, where the load balancer was there before.
    Owner(&'static str),
}

/// Defines the anchors: each with the rendered file that has it, and how its line begins.
macro_rules! anchors {
    ($($name:ident $file:literal $text:literal)+) => {
        /// A line of a rendered file, by how it begins.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        #[expect(missing_docs, reason = "each is named as what the line does")]
        pub enum Anchor {
            $($name),+
        }

        impl Anchor {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$name),+];

            /// The file's name.
            pub fn file(self) -> &'static str {
                match self {
                    $(Self::$name => $file),+
                }
            }

            /// How the line begins, behind its indentation.
            pub fn text(self) -> &'static str {
                match self {
                    $(Self::$name => $text),+
                }
            }
        }
    };
}

anchors! {
    Listen "nginx.conf" "listen "
    Ping "nginx.conf" "location = /ping {"
    Socket "nginx.conf" "location /_event/ {"
    ForeignPage "nginx.conf" "map \"$http_sec_fetch_site"
    Upgrade "nginx.conf" "proxy_set_header Upgrade "
    ReadTimeout "nginx.conf" "proxy_read_timeout "
    Upload "nginx.conf" "location = /_upload {"
    BodySize "nginx.conf" "client_max_body_size "
    PrivatePaths "nginx.conf" "location ~ ^/(?:_health"
    BackendPaths "nginx.conf" "# The app's own routes."
    ApiPaths "nginx.conf" "# The API's paths."
    ApiVerify "nginx.conf" "proxy_ssl_trusted_certificate "
    Assets "nginx.conf" "location /assets/ {"
    Pages "nginx.conf" "try_files $uri $uri.html "
    PageCache "nginx.conf" "map $request_uri $page_cache {"
    AssetCache "nginx.conf" "set $cache_control \"public"
    SecurityHeaders "nginx.conf" "add_header Referrer-Policy "
    MimeTypes "nginx.conf" "include /etc/nginx/mime.types;"
    Gzip "nginx.conf" "gzip on;"
    AbsoluteRedirect "nginx.conf" "absolute_redirect off;"
    ForwardedProto "nginx.conf" "map \"$forwarded_hops $http_x_forwarded_proto\""
    StartBackend "start.sh" "start_backend() {"
    WaitForBackend "start.sh" "wait_for_backend() {"
    ApiOrigin "start.sh" "readonly api_origin="
    Transport "Dockerfile" "REFLEX_TRANSPORT="
    PortName "service.yaml" "ports:"
    Ingress "service.yaml" "run.googleapis.com/ingress:"
    Invoker "service.yaml" "run.googleapis.com/invoker-iam-disabled:"
    Affinity "service.yaml" "run.googleapis.com/sessionAffinity:"
    StartupProbe "service.yaml" "startupProbe:"
    Address "load_balancer.tf" "output \"address\" {"
    EndpointGroup "load_balancer.tf" "resource \"google_compute_region_network_endpoint_group\""
    UrlMap "load_balancer.tf" "resource \"google_compute_url_map\" \"portal\""
    Certificates "load_balancer.tf" "resource \"google_compute_managed_ssl_certificate\""
    RedirectToHttps "load_balancer.tf" "https_redirect = true"
    HostRule "url_map.hcl" "host_rule {"
}

/// What a server wrote, as it may be shown: short, on one line, without control characters.
pub(super) fn shown(text: &str) -> String {
    const MOST: usize = 80;
    let mut shown: String = visible(&text.chars().take(MOST).collect::<String>());
    if text.chars().nth(MOST).is_some() {
        shown.push_str("...");
    }
    shown
}

/// Characters of a server that control a terminal, or that turn or hide what stands beside them, must not reach it.
pub(super) fn visible(text: &str) -> String {
    let hidden = |c: char| c.is_control() || !c.is_ascii() && !c.is_alphanumeric() && c.escape_debug().len() > 1;
    let visible = |c: char| if hidden(c) { c.escape_debug().collect::<Vec<_>>() } else { vec![c] };
    text.chars().flat_map(visible).collect()
}

#[cfg(test)]
mod tests {
    use super::visible;

    #[test]
    fn what_hides_or_turns_text_is_shown_as_its_number() {
        assert_eq!(visible("a\x1b[31m\u{9b}b\n"), "a\\u{1b}[31m\\u{9b}b\\n");
        for (hidden, shown) in [
            ('\u{202e}', "\\u{202e}"),
            ('\u{200b}', "\\u{200b}"),
            ('\u{2066}', "\\u{2066}"),
            ('\u{feff}', "\\u{feff}"),
            ('\u{e0041}', "\\u{e0041}"),
        ] {
            assert_eq!(visible(&hidden.to_string()), shown);
        }
        for plain in ["it's \"this\" \\ that", "Zürich, 東京, मुंबई"] {
            assert_eq!(visible(plain), plain);
        }
    }
}
