//! service.yaml: every setting of the service, and what of it the Google Cloud CLI or Cloud Run refuses by its form.

use std::borrow::Cow;

use super::syntax::Unreadable;
use super::syntax::yaml::{self, Node};
use super::{Facts, Subject};
use crate::limits;

pub(super) fn read<'t>(text: &'t str, facts: &mut Facts<'t>) -> Result<(), Unreadable> {
    let root = yaml::read(text)?;
    let mut reader = Reader { facts };
    if let Some(metadata) = root.at(&["metadata"]) {
        reader.string(metadata, "name", Subject::Service, "name");
        reader.string(metadata, "namespace", Subject::Project, "namespace");
        reader.labels(metadata, "");
        reader.annotations(metadata, limits::REVISION_ANNOTATIONS, "Service");
    }
    if let Some(metadata) = root.at(&["spec", "template", "metadata"]) {
        reader.labels(metadata, "revision's ");
        reader.annotations(metadata, limits::SERVICE_ANNOTATIONS, "Revision");
    }
    if let Some(spec) = root.at(&["spec", "template", "spec"]) {
        reader.number(spec, "containerConcurrency", Subject::Setting, "containerConcurrency");
        reader.number(spec, "timeoutSeconds", Subject::RequestTimeout, "timeoutSeconds");
        reader.string(spec, "serviceAccountName", Subject::Setting, "serviceAccountName");
        let containers = spec.at(&["containers"]).map(Node::items).unwrap_or_default();
        // The one with a port gets the requests; the others stand beside it.
        let portal = containers.iter().find(|container| container.at(&["ports"]).is_some()).or(containers.first());
        portal.into_iter().for_each(|container| reader.container(container));
    }
    Ok(())
}

struct Reader<'f, 't> {
    facts: &'f mut Facts<'t>,
}

impl<'t> Reader<'_, 't> {
    fn number(&mut self, parent: &Node<'t>, key: &str, subject: Subject, called: impl Into<Cow<'t, str>>) {
        let Some((name, value)) = parent.entry(key) else { return };
        if let Some(text) = value.text() {
            let statement = name.span.start..value.span.end;
            self.facts.add(subject, called, text.clone(), value.span.clone(), statement);
        }
    }

    /// The same where Cloud Run wants a string.
    fn string(&mut self, parent: &Node<'t>, key: &str, subject: Subject, called: impl Into<Cow<'t, str>>) {
        self.number(parent, key, subject, called);
        if let Some((name, value)) = parent.entry(key) {
            self.unquoted(name, value);
        }
    }

    fn unquoted(&mut self, name: &Node<'t>, value: &Node<'t>) {
        if let (Some(taken_for), Some(text)) = (value.no_string(), value.text()) {
            let statement = name.span.start..value.span.end;
            self.facts.add(Subject::Unquoted, taken_for, text.clone(), value.span.clone(), statement);
        }
    }

    fn labels(&mut self, metadata: &Node<'t>, whose: &str) {
        let Some(labels) = metadata.at(&["labels"]) else { return };
        for (name, value) in labels.entries() {
            let Some(key) = name.text() else { continue };
            if whose.is_empty() && *key == "cloud.googleapis.com/location" {
                self.string(labels, key, Subject::Region, "location");
            } else {
                let called = format!("{whose}label {key}");
                if let Some(text) = value.text() {
                    let statement = name.span.start..value.span.end;
                    self.facts.add(Subject::Setting, called, text.clone(), value.span.clone(), statement);
                }
                self.unquoted(name, value);
            }
        }
    }

    /// `others` belong on the other level than this one.
    fn annotations(&mut self, metadata: &Node<'t>, others: &[&str], level: &'static str) {
        let Some(annotations) = metadata.at(&["annotations"]) else { return };
        for (name, value) in annotations.entries() {
            let (Some(key), Some(text)) = (name.text(), value.text()) else { continue };
            let statement = name.span.start..value.span.end;
            self.facts.add(Subject::Setting, key.clone(), text.clone(), value.span.clone(), statement.clone());
            if others.contains(&&**key) {
                self.facts.add(Subject::WrongLevel, level, key.clone(), name.span.clone(), statement);
            }
            self.unquoted(name, value);
        }
    }

    fn container(&mut self, container: &Node<'t>) {
        self.string(container, "image", Subject::Setting, "image");
        for port in container.at(&["ports"]).map(Node::items).unwrap_or_default() {
            self.number(port, "containerPort", Subject::ContainerPort, "containerPort");
            if let Some((name, value)) = port.entry("name") {
                let spoken = match value.text().map(|text| &**text) {
                    Some("h2c") => "HTTP/2",
                    Some("" | "http1") => "HTTP/1.1",
                    _ => "neither HTTP/1.1 nor HTTP/2",
                };
                let statement = name.span.start..value.span.end;
                self.facts.add(Subject::Http, "name", spoken, value.span.clone(), statement);
            }
        }
        for variable in container.at(&["env"]).map(Node::items).unwrap_or_default() {
            self.variable(variable);
        }
        if let Some(limits) = container.at(&["resources", "limits"]) {
            self.string(limits, "cpu", Subject::Setting, "cpu");
            self.string(limits, "memory", Subject::Setting, "memory");
        }
        for probe in ["startupProbe", "livenessProbe"] {
            self.probe(container, probe);
        }
    }

    fn variable(&mut self, variable: &Node<'t>) {
        let Some(name) = variable.at(&["name"]).and_then(Node::text).cloned() else { return };
        if let Some((key, value)) = variable.entry("value") {
            let statement = variable.span.start.min(key.span.start)..value.span.end;
            let text = value.text().cloned().unwrap_or_default();
            self.facts.add(Subject::Variable, name, text, value.span.clone(), statement);
            self.unquoted(key, value);
        } else if let Some((key, secret)) = variable.at(&["valueFrom"]).and_then(|from| from.entry("secretKeyRef")) {
            let part = |key: &str| secret.at(&[key]).and_then(Node::text).map(|text| &**text).unwrap_or_default();
            let value = super::due::secret(part("name"), part("key"));
            let marked = secret.at(&["name"]).unwrap_or(secret).span.clone();
            self.facts.add(Subject::Variable, name, value, marked, key.span.start..secret.span.end);
            for (key, value) in secret.entries() {
                self.unquoted(key, value);
            }
        } else {
            // Without a value it is empty.
            let span = variable.span.clone();
            self.facts.add(Subject::Variable, name, "", span.clone(), span);
        }
    }

    fn probe(&mut self, container: &Node<'t>, probe: &'static str) {
        let Some(node) = container.at(&[probe]) else { return };
        if let Some(request) = node.at(&["httpGet"]) {
            self.string(request, "path", Subject::ProbePath, probe);
            self.number(request, "port", Subject::ContainerPort, probe);
        }
        for number in ["periodSeconds", "timeoutSeconds", "failureThreshold"] {
            self.number(node, number, Subject::Probe, format!("{probe}.{number}"));
        }
    }
}
