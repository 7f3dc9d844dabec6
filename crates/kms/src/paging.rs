//! Lists in pages: so many entries, and a marker where the next page begins.

use waxseal_kms_api::fault::{Fault, FaultCode};
use waxseal_kms_api::operation::Operation;

use crate::validation::Validation;

/// One page of a list.
pub(crate) struct Page<T> {
    pub(crate) items: Vec<T>,
    /// Where the next page begins; none if this is the last.
    pub(crate) next_marker: Option<String>,
}

/// Takes a page from what is left of a list. The marker names the first entry of the next page.
pub(crate) fn page<T>(
    rest: impl IntoIterator<Item = Result<T, Fault>>,
    limit: Option<u32>,
    default_limit: usize,
    marker: impl FnOnce(&T) -> String,
) -> Result<Page<T>, Fault> {
    let limit = limit.and_then(|limit| usize::try_from(limit).ok()).unwrap_or(default_limit);
    let mut rest = rest.into_iter();
    let items = rest.by_ref().take(limit).collect::<Result<_, _>>()?;
    let next_marker = rest.next().transpose()?.map(|next| marker(&next));
    Ok(Page { items, next_marker })
}

/// The limits that `Limit` and `Marker` have.
pub(crate) fn limits(validation: Validation, limit: Option<u32>, max: u32, marker: Option<&str>) -> Validation {
    validation.value("limit", limit, 1..=max).length("marker", marker.map_or(1, |marker| marker.chars().count()), 1..=1024)
}

/// What a marker says; `None` from `read` is a marker that the operation never made.
pub(crate) fn read_marker<'a, T>(
    marker: Option<&'a str>,
    operation: Operation,
    read: impl FnOnce(&'a str) -> Option<T>,
) -> Result<Option<T>, Fault> {
    let foreign = || Fault::new(FaultCode::InvalidMarkerException, format!("The marker is not one that {operation} returned."));
    marker.map(|marker| read(marker).ok_or_else(foreign)).transpose()
}
