//! load_balancer.tf: names, hosts and addresses, and what a backend service in front of Cloud Run does not take.

use std::ops::Range;

use hcl_edit::expr::Expression;
use hcl_edit::structure::{Block, Body};

use super::syntax::Unreadable;
use super::syntax::hcl::{self, Argument, argument, arguments, labels, span, text};
use super::{Facts, Subject, due};

/// What the API refuses or ignores on a backend service whose backend is a serverless NEG.
const REFUSED: &[&str] = &["health_checks", "locality_lb_policy", "port_name", "session_affinity", "timeout_sec"];

pub(super) fn read(source: &str, facts: &mut Facts<'_>) -> Result<(), Unreadable> {
    let body = hcl::read(source)?;
    let mut reader = Reader { source, facts };
    for block in body.blocks() {
        let labels = labels(block);
        match (block.ident.as_str(), &labels[..]) {
            ("terraform", _) => block.body.get_blocks("backend").for_each(|backend| reader.state(&backend.body)),
            ("provider", ["google"]) => reader.place(&block.body, "provider"),
            ("locals", _) => reader.hosts(&block.body),
            ("resource", [kind, name]) => reader.resource(block, kind, name),
            ("output", ["redirect_uris"]) => reader.redirect_uris(&block.body),
            _ => {}
        }
    }
    Ok(())
}

struct Reader<'f, 's, 't> {
    source: &'s str,
    facts: &'f mut Facts<'t>,
}

impl Reader<'_, '_, '_> {
    fn say(&mut self, subject: Subject, key: impl Into<String>, argument: &Argument<'_>) {
        let value = text(argument.value, self.source);
        self.facts.add(subject, key.into(), value, span(argument.value), argument.span.clone());
    }

    fn say_if_there(&mut self, body: &Body, name: &str, subject: Subject, key: impl Into<String>) {
        if let Some(argument) = argument(body, name) {
            self.say(subject, key, &argument);
        }
    }

    fn place(&mut self, body: &Body, key: &str) {
        self.say_if_there(body, "project", Subject::Project, key);
        self.say_if_there(body, "region", Subject::Region, key);
    }

    /// The state's place: `portalgen/PROJECT/REGION/SERVICE` in a bucket.
    fn state(&mut self, body: &Body) {
        self.say_if_there(body, "bucket", Subject::Setting, "bucket");
        let Some(prefix) = argument(body, "prefix") else { return };
        let (value, at) = (text(prefix.value, self.source), span(prefix.value));
        let parts: Vec<_> = value.split('/').collect();
        let [root, project, region, service] = parts[..] else {
            return self.say(Subject::Setting, "prefix", &prefix);
        };
        let parts = [(Subject::Project, project), (Subject::Region, region), (Subject::Service, service)];
        // Behind the quote, and behind the slash.
        let mut start = at.start + root.len() + 2;
        for (subject, part) in parts {
            let end = (start + part.len()).min(at.end);
            let part_at: Range<usize> = start.min(end)..end;
            self.facts.add(subject, "prefix", part.to_owned(), part_at, prefix.span.clone());
            start = end + 1;
        }
        self.facts.add(Subject::Setting, "prefix", root.to_owned(), at, prefix.span.clone());
    }

    fn hosts(&mut self, body: &Body) {
        let Some(Expression::Object(certificates)) = argument(body, "certificates").map(|found| found.value) else {
            return;
        };
        for (key, value) in certificates.iter() {
            let (host, at) = hcl::key(key, self.source);
            self.facts.add(Subject::Host, host.clone(), "", at.clone(), at.clone());
            let Expression::Object(certificate) = value.expr() else { continue };
            for (key, value) in certificate.iter() {
                let (name, name_at) = hcl::key(key, self.source);
                if name == "name" {
                    let (said, value_at) = (text(value.expr(), self.source), span(value.expr()));
                    let statement = name_at.start..value_at.end;
                    self.facts.add(Subject::ResourceName, format!("certificate of {host}"), said, value_at, statement);
                }
            }
        }
    }

    fn resource(&mut self, block: &Block, kind: &str, label: &str) {
        let body = &block.body;
        let address = format!("{kind}.{label}");
        self.place(body, &address);
        if kind != "google_compute_managed_ssl_certificate" {
            self.say_if_there(body, "name", Subject::ResourceName, &address);
        }
        match kind {
            "google_compute_region_network_endpoint_group" => {
                for run in body.get_blocks("cloud_run") {
                    self.say_if_there(&run.body, "service", Subject::Service, &address);
                }
            }
            "google_compute_backend_service" => {
                self.say_if_there(body, "description", Subject::Setting, "description");
                self.say_if_there(body, "load_balancing_scheme", Subject::Setting, due::BACKEND_SCHEME);
                for log in body.get_blocks("log_config") {
                    self.say_if_there(&log.body, "enable", Subject::Setting, due::REQUEST_LOG);
                }
                if is_serverless(body, self.source) {
                    self.refused(block);
                }
            }
            "google_compute_global_forwarding_rule" => {
                for name in ["load_balancing_scheme", "port_range"] {
                    self.say_if_there(body, name, Subject::Setting, format!("{address}.{name}"));
                }
            }
            _ => {}
        }
    }

    fn refused(&mut self, block: &Block) {
        for argument in arguments(&block.body) {
            let value = text(argument.value, self.source);
            let refused = match argument.name {
                // What it does without the argument, written out.
                "session_affinity" => value != "NONE",
                "protocol" => value == "HTTP2" || value == "H2C",
                name => REFUSED.contains(&name),
            };
            if refused {
                self.say(Subject::RefusedByNeg, argument.name, &argument);
            }
        }
        for policies in block.body.get_blocks("locality_lb_policies") {
            let at = span(&policies.ident);
            self.facts.add(Subject::RefusedByNeg, "locality_lb_policies", "", at.clone(), at);
        }
    }

    fn redirect_uris(&mut self, body: &Body) {
        let Some(Expression::Array(uris)) = argument(body, "value").map(|found| found.value) else { return };
        for uri in uris.iter() {
            let at = span(uri);
            self.facts.add(Subject::RedirectUri, text(uri, self.source), "", at.clone(), at);
        }
    }
}

/// Whether a backend is a network endpoint group of a region, as a serverless one is.
fn is_serverless(body: &Body, source: &str) -> bool {
    let mut groups = body.get_blocks("backend").filter_map(|backend| argument(&backend.body, "group"));
    groups.any(|group| text(group.value, source).starts_with("google_compute_region_network_endpoint_group."))
}
