//! Who can: everyone of a given list whose request would be allowed, each with the reason.

use serde::Serialize;
use waxseal_base::event::{FindingId, Verdict};

use crate::evaluate::{Documents, Request, evaluate, verdict};

/// A request together with what decides about it.
#[derive(Clone, Copy, Debug)]
pub struct Ask<'a> {
    /// What is asked, and by whom.
    pub request: Request<'a>,
    /// What decides, as it is for that caller.
    pub documents: Documents<'a>,
}

/// Someone whose request is allowed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Holder {
    /// The caller's ARN, or the name of a service.
    pub principal: String,
    /// Why, in one sentence for people: lower case, no full stop.
    #[serde(rename = "because")]
    pub reason: String,
    /// The statement or grant that decides, if one does.
    pub decided_by: Option<FindingId>,
}

impl Ask<'_> {
    /// Whether it is allowed.
    pub(crate) fn is_allowed(&self) -> bool {
        verdict(&self.request, &self.documents) == Verdict::Allow
    }
}

/// Whose request is allowed, in the order in which they are given. Ask the same of each: the caller and its documents differ, key and action do not.
pub fn who_can(asks: &[Ask<'_>]) -> Vec<Holder> {
    // Most can not, and nobody reads why.
    asks.iter()
        .filter(|ask| ask.is_allowed())
        .map(|ask| {
            let decision = evaluate(&ask.request, &ask.documents);
            Holder { principal: ask.request.caller.to_string(), reason: decision.because, decided_by: decision.decided_by }
        })
        .collect()
}
