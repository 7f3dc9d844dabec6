//! What would help: for a request that is refused, the smallest changes that would allow it, and whom else each of them would let in.
//!
//! Ways that may lead to an allow are put together generously. Each is tried by deciding again, and then loses every part that it works without.

mod candidates;
mod draft;
mod edit;

use serde::Serialize;

use crate::who_can::Ask;
use candidates::Candidates;
use draft::Draft;
pub use edit::{Change, Edit};

/// Changes that together would allow a request. None of them can be left out.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Fix {
    /// The changes.
    pub edits: Vec<Edit>,
    /// Who of the others would be allowed the same through them, and is not now. Changes of the request itself let nobody in.
    pub also_allows: Vec<String>,
}

/// The smallest changes that would allow a request, those with the fewest parts first; none if it is allowed, or if nothing that can be changed would
/// help. `others` ask the same, each with the documents that are theirs.
pub fn explain(ask: &Ask<'_>, others: &[Ask<'_>]) -> Vec<Fix> {
    if ask.is_allowed() {
        return Vec::new();
    }
    let candidates = Candidates::of(ask);
    let mut fixes: Vec<Fix> = Vec::new();
    for way in candidates.ways() {
        // What allows already needs no more.
        let is_enough = |fix: &Fix| fix.edits.iter().all(|edit| way.contains(edit));
        if fixes.iter().any(is_enough) || !allows(ask, &way) {
            continue;
        }
        let edits = smallest(ask, way);
        let also_allows = others.iter().filter(|other| lets_in(ask, other, &edits)).map(|other| other.request.caller.to_string());
        fixes.push(Fix { also_allows: also_allows.collect(), edits });
    }
    fixes.sort_by_key(|fix| fix.edits.len());
    fixes
}

/// Whether the request would be allowed with all the changes.
fn allows(ask: &Ask<'_>, edits: &[Edit]) -> bool {
    Draft::of(ask, ask, edits).is_ok_and(|draft| draft.is_allowed(ask))
}

/// Whether somebody else would be allowed the same through the changes, and is not now.
fn lets_in(ask: &Ask<'_>, other: &Ask<'_>, edits: &[Edit]) -> bool {
    let of_request: Vec<Edit> = edits.iter().filter(|edit| edit.change.is_of_request()).cloned().collect();
    let is_allowed = |edits: &[Edit]| Draft::of(ask, other, edits).is_ok_and(|draft| draft.is_allowed(other));
    other.request.caller != ask.request.caller && is_allowed(edits) && !is_allowed(&of_request)
}

/// The changes without those that are not needed: first one by one; then, since leaving out several may work where leaving out one does not, among
/// all combinations of what is left, unless they are very many.
fn smallest(ask: &Ask<'_>, mut edits: Vec<Edit>) -> Vec<Edit> {
    let mut index = 0;
    while index < edits.len() {
        let mut fewer = edits.clone();
        fewer.remove(index);
        if allows(ask, &fewer) {
            (edits, index) = (fewer, 0);
        } else {
            index = index.saturating_add(1);
        }
    }
    if edits.len() > MAX_COMBINED {
        return edits;
    }
    let all = 1_u32.checked_shl(u32::try_from(edits.len()).unwrap_or(u32::MAX)).unwrap_or(0);
    let mut combinations: Vec<u32> = (0..all.saturating_sub(1)).collect();
    combinations.sort_by_key(|combination| combination.count_ones());
    let chosen = |combination: u32| -> Vec<Edit> {
        let is_in = |place: &usize| combination.checked_shr(u32::try_from(*place).unwrap_or(u32::MAX)).is_some_and(|bits| bits & 1 == 1);
        edits.iter().enumerate().filter(|(place, _)| is_in(place)).map(|(_, edit)| edit.clone()).collect()
    };
    combinations.into_iter().map(chosen).find(|fewer| allows(ask, fewer)).unwrap_or(edits)
}

/// 255 combinations of parts.
const MAX_COMBINED: usize = 8;

#[cfg(test)]
mod tests;
