//! What each statement and grant says about a request. One comparison serves two: it notes every element for a person, or it stops at the first that
//! does not match, and at the first deny, where only the verdict is wanted. The latter allocates no findings.

use std::cell::OnceCell;
use std::ops::ControlFlow;

use waxseal_base::event::{Effect, ElementFinding, Finding, FindingId, FindingOutcome, Source};
use waxseal_kms_api::operation::Scope;

use crate::constraints::FoldedContext;
use crate::decision::Tally;
use crate::document::Document;
use crate::error::PolicyError;
use crate::evaluate::{Documents, Request};
use crate::grant::{Grant, RETIRE_GRANT, operation_of};
use crate::grant_index::Grants;
use crate::principal::Reach;
use crate::statement::Statement;

/// A request, with what every comparison needs of it.
pub(crate) struct Asked<'a> {
    pub(crate) request: &'a Request<'a>,
    /// The resource's ARN. An operation on no resource is covered by statements for all resources only.
    pub(crate) resource: String,
    /// Whether the caller has a permissions boundary.
    pub(crate) is_bounded: bool,
    /// The ids of the grants that are not seen yet.
    pub(crate) unseen_grants: &'a [String],
    encryption_context: OnceCell<FoldedContext>,
}

impl Asked<'_> {
    /// The encryption context as constraints compare it; it is folded when the first grant asks.
    pub(crate) fn encryption_context(&self) -> &FoldedContext {
        self.encryption_context.get_or_init(|| self.request.encryption_context.map(FoldedContext::of).unwrap_or_default())
    }
}

/// What a statement or grant says about the request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Weight {
    /// Nothing.
    None,
    /// It denies.
    Denies,
    /// The text is no policy, and nobody knows what it would deny.
    Unreadable,
    /// It allows, by itself, the very caller that it names: what limits identities does not limit that.
    AllowsByName,
    /// It allows, by itself, within all limits.
    Allows,
    /// It allows if an identity policy allows too.
    Delegates,
    /// It is the identity policy's allow.
    Home,
    /// It gives nothing, and leaves room for the request.
    Permits(Limit),
    /// It would allow, but not this operation, or not for this caller.
    Ineffective,
}

/// What limits a request without giving it anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Limit {
    Boundary,
    Session,
    Organization,
}

/// A finding, with what its statement or grant could do if others play along.
pub(crate) struct Weighed {
    pub(crate) finding: Finding,
    pub(crate) weight: Weight,
}

/// Who is told how the elements of one statement or grant come out.
pub(crate) trait Elements {
    /// Tells of one; whether to go on.
    fn note(&mut self, matched: bool, describe: impl FnOnce() -> ElementFinding) -> ControlFlow<()>;

    /// Whether all that were told of matched.
    fn all_match(&self) -> bool;
}

/// Who is told what each statement and grant says.
pub(crate) trait Findings {
    /// Who is told of its elements.
    type Elements: Elements + Default;
    /// Whether a deny is all that it wants to know.
    const ENDS_AT_DENY: bool;

    /// Tells of one: its weight, its elements, and all else about it.
    fn add(&mut self, weight: Weight, elements: Self::Elements, describe: impl FnOnce() -> Finding);
}

/// Nobody is told; the first mismatch and the first deny end it.
#[derive(Default)]
pub(crate) struct Quiet;

impl Elements for Quiet {
    fn note(&mut self, matched: bool, _: impl FnOnce() -> ElementFinding) -> ControlFlow<()> {
        if matched { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    }

    fn all_match(&self) -> bool {
        true
    }
}

impl Findings for Quiet {
    type Elements = Self;
    const ENDS_AT_DENY: bool = true;

    fn add(&mut self, _: Weight, _: Self, _: impl FnOnce() -> Finding) {}
}

impl Elements for Vec<ElementFinding> {
    fn note(&mut self, _: bool, describe: impl FnOnce() -> ElementFinding) -> ControlFlow<()> {
        self.push(describe());
        ControlFlow::Continue(())
    }

    fn all_match(&self) -> bool {
        self.iter().all(|element| element.matched)
    }
}

impl Findings for Vec<Weighed> {
    type Elements = Vec<ElementFinding>;
    const ENDS_AT_DENY: bool = false;

    fn add(&mut self, weight: Weight, elements: Self::Elements, describe: impl FnOnce() -> Finding) {
        self.push(Weighed { finding: Finding { elements, ..describe() }, weight });
    }
}

/// How far a statement or grant reaches, given whether its elements were all told of.
pub(crate) fn reach_of(outcome: ControlFlow<()>, elements: &impl Elements, reach: impl FnOnce() -> Reach) -> Reach {
    if outcome.is_continue() && elements.all_match() { reach() } else { Reach::NotAtAll }
}

/// Compares a request with all documents, in order.
pub(crate) fn weigh<F: Findings>(request: &Request<'_>, documents: &Documents<'_>, findings: &mut F) -> Tally {
    let asked = Asked {
        request,
        resource: request.resource.map_or_else(|| "*".to_owned(), ToString::to_string),
        is_bounded: documents.permissions_boundary.is_some(),
        unseen_grants: documents.unseen_grants,
        encryption_context: OnceCell::new(),
    };
    let mut weighing = Weighing { asked: &asked, findings, tally: Tally::default() };
    weighing.all(documents);
    weighing.tally
}

struct Weighing<'a, F> {
    asked: &'a Asked<'a>,
    findings: &'a mut F,
    tally: Tally,
}

impl<F: Findings> Weighing<'_, F> {
    fn all(&mut self, documents: &Documents<'_>) {
        let has_key = self.asked.request.scope != Scope::IdentityPolicy;
        if has_key {
            self.document(documents.key_policy, Source::KeyPolicy, 0);
        }
        for (index, document) in documents.identity_policies.iter().enumerate() {
            self.document(Some(document), Source::IdentityPolicy, index);
        }
        self.document(documents.permissions_boundary, Source::PermissionsBoundary, 0);
        for (index, document) in documents.session_policies.iter().enumerate() {
            self.document(Some(document), Source::SessionPolicy, index);
        }
        let mut number = 0_usize;
        for level in documents.service_control_policies {
            self.tally.is_level_open = level.is_empty();
            for document in level {
                self.document(Some(document), Source::ServiceControlPolicy, number);
                number = number.saturating_add(1);
            }
            self.tally.is_level_closed |= !self.tally.is_level_open;
        }
        if has_key && !self.is_over() {
            match (documents.grants, F::ENDS_AT_DENY) {
                // Who is told of everything is told of grants to others too.
                (Grants::Indexed(index), true) => index.candidates(self.asked.request).for_each(|(place, grant)| self.grant(grant, place)),
                (grants, _) => grants.all().iter().enumerate().for_each(|(place, grant)| self.grant(grant, place)),
            }
        }
    }

    fn document(&mut self, document: Option<&Document>, source: Source, index: usize) {
        let id = |statement| FindingId { source, document: index, index: statement, grant_id: None };
        match document.map(Document::policy) {
            None => {}
            Some(Err(error)) => {
                self.tally.add(Weight::Unreadable);
                let mut elements = F::Elements::default();
                // There is nothing more to compare, so it does not matter whether to go on.
                let _ = elements.note(false, || unreadable(error));
                self.findings.add(Weight::Unreadable, elements, || finding(id(0), None, Effect::Deny));
            }
            Some(Ok(policy)) => {
                for (index, statement) in policy.statements().iter().enumerate() {
                    if self.is_over() {
                        return;
                    }
                    let mut elements = F::Elements::default();
                    let weight = weight_of(self.asked.request, statement, source, statement.compare(self.asked, &mut elements));
                    self.tally.add(weight);
                    self.findings.add(weight, elements, || finding(id(index), statement.sid(), statement.effect()));
                }
            }
        }
    }

    fn grant(&mut self, grant: &Grant, index: usize) {
        let mut elements = F::Elements::default();
        let weight = match grant.compare(self.asked, &mut elements) {
            Reach::NotAtAll => Weight::None,
            Reach::ByAccount => allow_in_scope(self.asked.request, Weight::Delegates),
            // AWS does not say whether limits apply to what a grant gives, so here they do.
            Reach::AsMember | Reach::ByName => allow_in_scope(self.asked.request, Weight::Allows),
        };
        self.tally.add(weight);
        self.findings.add(weight, elements, || {
            let id = FindingId { source: Source::Grant, document: 0, index, grant_id: Some(grant.id.clone()) };
            finding(id, grant.name.as_deref(), Effect::Allow)
        });
    }

    fn is_over(&self) -> bool {
        F::ENDS_AT_DENY && self.tally.denies
    }
}

fn weight_of(request: &Request<'_>, statement: &Statement, source: Source, reach: Reach) -> Weight {
    match (reach, statement.effect(), source) {
        (Reach::NotAtAll, _, _) => Weight::None,
        (_, Effect::Deny, _) => Weight::Denies,
        (_, Effect::Allow, Source::IdentityPolicy) => Weight::Home,
        (_, Effect::Allow, Source::PermissionsBoundary) => Weight::Permits(Limit::Boundary),
        (_, Effect::Allow, Source::SessionPolicy) => Weight::Permits(Limit::Session),
        (_, Effect::Allow, Source::ServiceControlPolicy) => Weight::Permits(Limit::Organization),
        // The grant that it ends decides about RetireGrant; of a key's policy only a Deny counts.
        (_, Effect::Allow, _) if operation_of(request.action) == RETIRE_GRANT => Weight::Ineffective,
        (Reach::ByName, Effect::Allow, _) if !request.is_foreign() => Weight::AllowsByName,
        (Reach::AsMember, Effect::Allow, _) if !request.is_foreign() => Weight::Allows,
        (_, Effect::Allow, _) => allow_in_scope(request, Weight::Delegates),
    }
}

/// An operation for the key's own account is not opened to others by any policy.
fn allow_in_scope(request: &Request<'_>, weight: Weight) -> Weight {
    if request.scope == Scope::OwnAccount && request.is_foreign() { Weight::Ineffective } else { weight }
}

fn unreadable(error: &PolicyError) -> ElementFinding {
    ElementFinding { element: "Document".into(), wanted: "a policy that can be read".into(), found: error.to_string(), matched: false }
}

/// A finding whose elements and outcome are filled in by others.
fn finding(id: FindingId, name: Option<&str>, effect: Effect) -> Finding {
    Finding { id, name: name.map(str::to_owned), effect, outcome: FindingOutcome::DoesNotMatch, elements: Vec::new() }
}
