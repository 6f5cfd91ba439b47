//! Which files are judged: all that was rendered, and what of the output folder is not as portalgen wrote it.

use std::collections::BTreeMap;

use super::Kind;
use super::disagreement::{Artifacts, Of, Origin, Read};
use super::syntax::Unreadable;
use crate::deployment::Deployment;
use crate::finding::{Finding, SourceId};
use crate::layout;
use crate::plan::{Folder, Out, Plan, Status};
use crate::source::Source;

/// Everything that was rendered, read back.
pub fn rendered<'a>(deployments: &'a [Deployment], folders: &'a [Folder]) -> Vec<Read<'a>> {
    let mut reads = Vec::new();
    for folder in folders {
        let Some(of) = owner(deployments, folder) else { continue };
        for artifact in &folder.artifacts {
            let Some(kind) = Kind::of(&artifact.name) else { continue };
            let path = artifact.path();
            reads.push(read(kind, of, folder, path, &artifact.contents, Origin::Rendered));
        }
    }
    reads
}

fn owner<'a>(deployments: &'a [Deployment], folder: &Folder) -> Option<Of<'a>> {
    if folder.path.is_empty() {
        return Some(Of::All(deployments));
    }
    if layout::is_image_folder(&folder.path) {
        let uses = |deployment: &&Deployment| layout::image_folder(&deployment.image.variant) == folder.path;
        return deployments.iter().find(uses).map(|deployment| Of::Image(&deployment.image, deployment));
    }
    deployments.iter().find(|deployment| deployment.environment.as_str() == folder.path).map(Of::Environment)
}

fn read<'a>(kind: Kind, of: Of<'a>, folder: &'a Folder, path: String, text: &'a str, origin: Origin) -> Read<'a> {
    let (facts, unreadable) = match kind.read(text) {
        Ok(facts) => (facts, None),
        Err(unreadable) => (Vec::new(), Some(unreadable)),
    };
    Read { kind, of, folder, path, text, origin, facts, unreadable }
}

/// What was found, and the files that it points into beside the TOML files that were there before.
#[derive(Debug, Default)]
pub struct Judgement {
    /// In the order of files and lines.
    pub findings: Vec<Finding>,
    /// To be put behind the TOML files.
    pub sources: Vec<Source>,
}

/// The rules over generated files.
pub type Check = fn(&Artifacts<'_>) -> Vec<Finding>;

/// Judges what was just rendered. Whatever is found is portalgen's own mistake.
pub fn judge_rendered(check: Check, rendered: &[Read<'_>], sources: &[Source], out: &Out) -> Judgement {
    judge(check, rendered, &[], sources, out)
}

/// Judges what was edited in the output folder, by what was rendered and lies there as it should.
pub fn judge_edited(check: Check, rendered: &[Read<'_>], plan: &Plan, sources: &[Source]) -> Judgement {
    let status: BTreeMap<_, _> = plan.changes.iter().map(|change| (change.path.as_str(), change)).collect();
    let mut edited = Vec::new();
    let mut intact = Vec::new();
    for counterpart in rendered {
        let Some(change) = status.get(counterpart.path.as_str()) else { continue };
        let origin = match change.status {
            Status::UpToDate => {
                intact.push(counterpart);
                continue;
            }
            Status::EditedByHand if change.mode_only => continue,
            Status::EditedByHand => Origin::Edited,
            Status::NotOurs => Origin::Foreign,
            Status::Missing | Status::Stale | Status::Orphaned | Status::OrphanedAndEdited => continue,
        };
        let before = change.before.as_deref().unwrap_or_default();
        let Read { kind, of, folder, ref path, .. } = *counterpart;
        edited.push(match std::str::from_utf8(before) {
            Ok(text) => read(kind, of, folder, path.clone(), text, origin),
            Err(_) => {
                let unreadable = Some(Unreadable::new("it is no UTF-8 text", 0..0));
                Read { kind, of, folder, path: path.clone(), text: "", origin, facts: Vec::new(), unreadable }
            }
        });
    }
    judge(check, &edited, &intact, sources, &plan.out)
}

fn judge(check: Check, judged: &[Read<'_>], intact: &[&Read<'_>], sources: &[Source], out: &Out) -> Judgement {
    let artifacts = Artifacts::new(judged, intact, sources, &out.shown);
    let mut findings = check(&artifacts);
    // Of all the files, those that a finding points into become sources.
    let mut numbers = BTreeMap::new();
    let first = sources.len();
    for place in findings.iter().flat_map(|finding| &finding.places).filter(|place| place.source.0 >= first) {
        numbers.insert(place.source, SourceId(0));
    }
    let mut shown = Vec::new();
    for (i, (file, id)) in numbers.iter_mut().enumerate() {
        let read = artifacts.files[file.0 - first];
        shown.push(Source::plain(out.display(&read.path), read.text));
        *id = SourceId(first + i);
    }
    for place in findings.iter_mut().flat_map(|finding| &mut finding.places) {
        place.source = numbers.get(&place.source).copied().unwrap_or(place.source);
    }
    findings.sort_by_key(|finding| {
        let place = finding.places.first();
        let place =
            place.map(|place| (place.source, shown.get(place.source.0 - first).map(|s| place.at.span(s).start)));
        (place, finding.id, finding.message.clone())
    });
    Judgement { findings, sources: shown }
}
