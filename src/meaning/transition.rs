//! What lies between one state of an environment and another: which keys have another value, which consequences differ,
//! and what somebody has to do about it. It compares two [`Deployment`]s and decides nothing of either.
//! That a backend answers the other transport's client with 400 and 403 was seen with Reflex 0.8.24.post1.

use std::collections::BTreeSet;

use crate::config::Kind;
use crate::config::environment::{LoadBalancerMode, StateManager};
use crate::deployment::{Deployment, REDIS_URL_VARIABLE};
use crate::meaning::consequences::{self, Consequence};

/// A topic on which two environments differ, or agree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Topic {
    /// One of [`consequences::TOPICS`].
    pub name: &'static str,
    /// What holds of the one; nothing where the topic does not arise.
    pub before: Option<String>,
    /// What holds of the other.
    pub after: Option<String>,
}

impl Topic {
    /// Whether both say the same.
    pub fn is_same(&self) -> bool {
        self.before == self.after
    }
}

/// Every topic that arises in either, in order.
pub fn topics(before: &Deployment, after: &Deployment) -> Vec<Topic> {
    let (before, after) = (consequences::of(before), consequences::of(after));
    let text = |of: &[Consequence], topic: &str| of.iter().find(|c| c.topic == topic).map(|c| c.text.clone());
    let topics =
        consequences::TOPICS.iter().map(|name| Topic { name, before: text(&before, name), after: text(&after, name) });
    topics.filter(|topic| topic.before.is_some() || topic.after.is_some()).collect()
}

/// The keys whose default follows from other keys: each with the file that it is in, its path, and what it is, as TOML.
pub fn following(deployment: &Deployment) -> Vec<(Kind, &'static [&'static str], String)> {
    let quoted = |text: &str| format!("\"{text}\"");
    let mut keys: Vec<(Kind, &'static [&'static str], String)> = Vec::new();
    let mut environment = |path: &'static [&'static str], value| keys.push((Kind::Environment, path, value));
    if let Some(hops) = deployment.derived_variables.get("FORWARDED_HOPS") {
        environment(&["forwarded_hops"], hops.clone());
    }
    if let Some(url) = deployment.derived_variables.get("BACKEND_PUBLIC_URL") {
        environment(&["api", "public_url"], quoted(url));
    }
    if let Some(service) = &deployment.service {
        environment(&["cloud_run", "service"], quoted(&service.name));
        environment(&["cloud_run", "concurrency"], service.concurrency.to_string());
        let timeout = match service.timeout_seconds {
            hours if hours > 0 && hours.is_multiple_of(3600) => format!("{}h", hours / 3600),
            seconds => format!("{seconds}s"),
        };
        environment(&["cloud_run", "timeout"], quoted(&timeout));
    }
    keys.push((Kind::Portal, &["app", "asgi"], quoted(&deployment.image.app.asgi.to_string())));
    keys.push((Kind::Portal, &["container", "python_image"], quoted(&deployment.image.images.python.to_string())));
    keys
}

/// Whether the change makes another image, or the same one anew.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ImageChange {
    /// It stays as it is.
    None,
    /// The files of the same variant change.
    Rebuilt,
    /// Another variant is deployed.
    Another,
}

impl ImageChange {
    /// From the two states, and whether any file of the image differs.
    pub fn between(before: &Deployment, after: &Deployment, files_differ: bool) -> Self {
        match (before.image.directory == after.image.directory, files_differ) {
            (false, _) => Self::Another,
            (true, true) => Self::Rebuilt,
            (true, false) => Self::None,
        }
    }
}

/// What has to be there or be done beside writing the keys, rendering and deploying: whole sentences, in the order in
/// which they matter.
///
/// `folder` is the environment's output folder, as the user sees it.
pub fn needs(before: &Deployment, after: &Deployment, image: ImageChange, folder: &str) -> Vec<String> {
    let mut needs = Vec::new();
    if after.service.is_some() {
        image_needs(before, after, image, &mut needs);
    }
    service_needs(before, after, &mut needs);
    state_needs(before, after, &mut needs);
    let known: BTreeSet<_> = before.secret_refs().map(|(_, _, secret)| (&secret.secret, &secret.version)).collect();
    for (_, name, secret) in after.secret_refs().filter(|(_, _, s)| !known.contains(&(&s.secret, &s.version))) {
        needs.push(format!("Secret Manager has `{}` in version `{}`, for `{name}`.", secret.secret, secret.version));
    }
    let uris = |deployment: &Deployment| -> BTreeSet<String> {
        deployment.oauth.redirect_uris.iter().map(|entry| entry.uri.to_string()).collect()
    };
    for uri in uris(after).difference(&uris(before)) {
        needs.push(format!("Registered with the OAuth client `{}`: `{uri}`.", after.oauth.name));
    }
    for uri in uris(before).difference(&uris(after)) {
        needs.push(format!(
            "`{uri}` is asked for no longer: once all is deployed it can go from the OAuth client, unless another \
             environment asks for it."
        ));
    }
    load_balancer_needs(before, after, folder, &mut needs);
    tab_needs(before, after, image, &mut needs);
    needs
}

fn image_needs(before: &Deployment, after: &Deployment, image: ImageChange, needs: &mut Vec<String>) {
    let (Some(old), Some(new)) = (&before.service, &after.service) else { return };
    let directory = &after.image.directory;
    match image {
        ImageChange::None => return,
        ImageChange::Rebuilt => needs.push(format!("The image is built anew from `{directory}`, and pushed.")),
        ImageChange::Another if before.image.transport != after.image.transport => needs.push(format!(
            "Another image is built, from `{directory}`, and pushed. Its Dockerfile sets `REFLEX_TRANSPORT={}` for \
             client and backend alike; rxconfig.py stays as it is.",
            after.image.transport
        )),
        ImageChange::Another => needs.push(format!("Another image is built, from `{directory}`, and pushed.")),
    }
    if old.image == new.image {
        needs.push(match (new.image.has_digest(), image) {
            (true, _) => format!(
                "`cloud_run.image` names the present image by its digest (`{}`): it gets the digest of the new one.",
                consequences::shortened(&new.image)
            ),
            (false, ImageChange::Another) => format!(
                "`cloud_run.image` still says `{}`, where the image of `{}` is: give the new one a tag of its own, so \
                 that the old one stays to go back to, and plan both at once with `--set cloud_run.image=...`.",
                consequences::shortened(&new.image),
                before.image.variant
            ),
            (false, _) => format!(
                "`cloud_run.image` still says `{}`: a new tag keeps the present image, to go back to.",
                consequences::shortened(&new.image)
            ),
        });
    }
}

fn service_needs(before: &Deployment, after: &Deployment, needs: &mut Vec<String>) {
    match (&before.service, &after.service) {
        (Some(old), Some(new)) => {
            if (&old.project, &old.region, &old.name) != (&new.project, &new.region, &new.name) {
                needs.push(format!(
                    "The service `{}` in `{}` of `{}` goes on beside the new one until somebody deletes it.",
                    old.name, old.region, old.project
                ));
            }
            if old.timeout_seconds != new.timeout_seconds {
                needs.push(format!(
                    "The request timeout goes from {} to {}: service.yaml says so, and the load balancer needs no \
                     change for it.",
                    consequences::time(old.timeout_seconds),
                    consequences::time(new.timeout_seconds)
                ));
            }
        }
        (Some(old), None) => needs.push(format!(
            "The service `{}` in `{}` of `{}` goes on until somebody deletes it.",
            old.name, old.region, old.project
        )),
        (None, Some(_)) => needs.push("The image is built and pushed, and the service deployed.".to_owned()),
        (None, None) => {}
    }
}

fn state_needs(before: &Deployment, after: &Deployment, needs: &mut Vec<String>) {
    let redis = |deployment: &Deployment| deployment.state_manager == StateManager::Redis;
    if redis(after) && !redis(before) {
        needs.push(format!(
            "A Redis that every instance reaches, and its address as the secret `{REDIS_URL_VARIABLE}`. State that is in \
             memory now is lost."
        ));
    }
    let several = after.service.as_ref().is_some_and(|service| service.max_instances > 1);
    if after.image.websocket && !before.image.websocket && several && !redis(after) {
        needs.push(
            "Redis, or `max_instances = 1`, before state matters: each time its WebSocket ends, a tab may come back to \
             an instance that knows nothing of it."
                .to_owned(),
        );
    }
}

fn load_balancer_needs(before: &Deployment, after: &Deployment, folder: &str, needs: &mut Vec<String>) {
    use LoadBalancerMode::{Attach, Create, None};
    if before.load_balancer_mode == Attach && after.load_balancer_mode == None {
        needs.push(
            "The owner of the URL map takes the host rule and the path matcher out of it first: a backend service that \
             a map leads to cannot be deleted."
                .to_owned(),
        );
    }
    match (before.load_balancer_mode, after.load_balancer_mode) {
        (Create | Attach, None) => needs.push(
            "What load_balancer.tf has made goes on, and is billed, unless Terraform destroys it before the file is \
             removed."
                .to_owned(),
        ),
        (None, Create | Attach) => needs.push(format!("Terraform is applied in `{folder}`.")),
        (Create, Attach) => needs.push(format!(
            "The other load balancer serves the hosts before Terraform is applied in `{folder}`: that deletes the \
             present one, with its address and certificates."
        )),
        (Attach, Create) => needs.push(format!(
            "Terraform is applied in `{folder}`, and the hosts leave the other load balancer's URL map once the DNS \
             records lead to the new address."
        )),
        _ if before.load_balancer != after.load_balancer => {
            needs.push(format!("Terraform is applied in `{folder}`: load_balancer.tf changes."));
        }
        _ => {}
    }
    if after.load_balancer.is_some() {
        for host in after.hosts.iter().filter(|host| !before.hosts.contains(host)) {
            needs.push(format!("A DNS record leads from `{host}` to the load balancer's address."));
        }
    }
}

fn tab_needs(before: &Deployment, after: &Deployment, image: ImageChange, needs: &mut Vec<String>) {
    if image == ImageChange::None || before.service.is_none() || after.service.is_none() {
        return;
    }
    needs.push(match (before.image.websocket, after.image.websocket) {
        (false, true) => {
            "Tabs that are open have the other client until they are loaded again: the new backend answers \
                          their polls with 400, clicks do nothing, and the page says that it cannot connect. Deploy \
                          when few are open, and have them loaded again."
                .to_owned()
        }
        (true, false) => {
            "Tabs that are open have the other client until they are loaded again: the new backend refuses \
                          their WebSocket with 403, clicks do nothing, and the page says that it cannot connect. \
                          Deploy when few are open, and have them loaded again."
                .to_owned()
        }
        _ => "Tabs that are open have the old build's client until they are loaded again; what of it they have \
              not fetched yet is no longer there."
            .to_owned(),
    });
    needs.push(
        "All traffic goes to the new revision at once. Split between two, a page of one build would ask the other for \
         its files."
            .to_owned(),
    );
}
