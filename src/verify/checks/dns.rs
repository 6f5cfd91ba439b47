//! Whether the host's name has an address.

use std::net::SocketAddr;

use crate::verify::ask::NoAnswer;
use crate::verify::run::{Needs, Run};
use crate::verify::signatures::{Asked, no_answer};
use crate::verify::verdict::{Judged, Verdict};

pub(super) fn ask(run: &mut Run<'_>) {
    let site = run.site.clone();
    if run.asker.is_led(&site) {
        return run.not_asked("`--connect` says where it is");
    }
    if site.is_address() || site.is_local() {
        return run.not_asked("it is an address, or this machine");
    }
    run.asking(&format!("DNS {}", site.host));
    let judged = judge(&run.asker.look_up(&site, run.subject.limits.other), run.asked(&site));
    if run.note(format!("addresses of {}", site.host), judged) != Verdict::Passed {
        run.block(Needs::Name);
    }
}

fn judge(got: &Result<Vec<SocketAddr>, NoAnswer>, asked: Asked) -> Judged {
    match got {
        Ok(addresses) => {
            let mut shown: Vec<_> = addresses.iter().map(|address| address.ip().to_string()).collect();
            shown.dedup();
            shown.truncate(4);
            Judged::passed(shown.join(", "))
        }
        Err(failure) => no_answer(failure, asked),
    }
}

/// The verdict on a name without a record, where a load balancer is to stand.
#[cfg(test)]
pub(super) fn without_a_record() -> Judged {
    judge(&Err(NoAnswer::NoName), Asked { local: false, load_balancer: true, portal: true })
}
