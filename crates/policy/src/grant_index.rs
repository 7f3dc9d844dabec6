//! Many grants on one key, found by whom they are for: a decision about one caller does not look at the grants of all others.

use std::collections::HashMap;

use crate::evaluate::Request;
use crate::grant::{Grant, GrantChange, RETIRE_GRANT, operation_of};
use crate::principal::Principal;

/// The grants on a key, as they are or indexed. Either way the decision is the same.
#[derive(Clone, Copy, Debug)]
pub enum Grants<'a> {
    /// In order.
    Listed(&'a [Grant]),
    /// In order, with an index.
    Indexed(&'a GrantIndex),
}

/// The grants on a key, indexed by grantee and by id.
#[derive(Clone, Debug, Default)]
pub struct GrantIndex {
    grants: Vec<Grant>,
    by_grantee: HashMap<Principal, Vec<usize>>,
    by_id: HashMap<String, Vec<usize>>,
}

impl<'a> Grants<'a> {
    /// All of them, in order.
    pub fn all(self) -> &'a [Grant] {
        match self {
            Self::Listed(grants) => grants,
            Self::Indexed(index) => index.grants(),
        }
    }
}

impl Default for Grants<'_> {
    fn default() -> Self {
        Self::Listed(&[])
    }
}

impl<'a> From<&'a [Grant]> for Grants<'a> {
    fn from(grants: &'a [Grant]) -> Self {
        Self::Listed(grants)
    }
}

impl<'a> From<&'a Vec<Grant>> for Grants<'a> {
    fn from(grants: &'a Vec<Grant>) -> Self {
        Self::Listed(grants)
    }
}

impl<'a> From<&'a GrantIndex> for Grants<'a> {
    fn from(index: &'a GrantIndex) -> Self {
        Self::Indexed(index)
    }
}

impl GrantIndex {
    /// Indexes grants. A grantee that names nobody is kept, and never found.
    pub fn new(grants: Vec<Grant>) -> Self {
        let mut index = Self::default();
        grants.into_iter().for_each(|grant| index.push(grant));
        index
    }

    /// Adds a grant after the others.
    pub fn push(&mut self, grant: Grant) {
        let place = self.grants.len();
        if let Some(grantee) = Principal::parse_grantee(&grant.grantee) {
            self.by_grantee.entry(grantee).or_default().push(place);
        }
        self.by_id.entry(grant.id.clone()).or_default().push(place);
        self.grants.push(grant);
    }

    /// All grants, in order.
    pub fn grants(&self) -> &[Grant] {
        &self.grants
    }

    /// The grants that could allow a request, with their places: those for the caller, or for a retirement the one that would end.
    pub(crate) fn candidates(&self, request: &Request<'_>) -> impl Iterator<Item = (usize, &Grant)> {
        let places = match (operation_of(request.action), request.grant_change) {
            (RETIRE_GRANT, Some(GrantChange::Retires { grant_id })) => (self.by_id.get(grant_id), None),
            _ => (None, Some(Principal::all_of(request.caller))),
        };
        let by_grantee = places.1.into_iter().flatten().filter_map(|principal| self.by_grantee.get(&principal));
        let places = places.0.into_iter().chain(by_grantee).flatten();
        places.filter_map(|&place| self.grants.get(place).map(|grant| (place, grant)))
    }
}
