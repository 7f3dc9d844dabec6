//! A world with changes made to it, as one caller sees it.

use waxseal_base::event::{Source, Verdict};
use waxseal_kms_api::encryption_context::EncryptionContext;

use super::edit::{Change, Edit};
use crate::context::Context;
use crate::document::Document;
use crate::evaluate::{Documents, Request, verdict};
use crate::grant::{Grant, GrantChange};
use crate::who_can::Ask;

/// The documents and the request of one caller, changed.
pub(super) struct Draft {
    key_policy: Option<Document>,
    identity: Vec<Document>,
    boundary: Option<Document>,
    session: Vec<Document>,
    organization: Vec<Vec<Document>>,
    grants: Vec<Grant>,
    context: Context,
    encryption_context: Option<EncryptionContext>,
}

/// A policy has at least one statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct NoStatementLeft;

impl Draft {
    /// What `seen_by` has after changes that are made for `ask`: of what is attached to callers, those that have the same caller, role or account.
    /// An error if a policy would be left without a statement.
    pub(super) fn of(ask: &Ask<'_>, seen_by: &Ask<'_>, edits: &[Edit]) -> Result<Self, NoStatementLeft> {
        let (made_for, caller) = (ask.request.caller, seen_by.request.caller);
        let applies = |source| match source {
            Source::KeyPolicy | Source::Grant => true,
            Source::IdentityPolicy | Source::PermissionsBoundary => caller.principal_arn() == made_for.principal_arn(),
            Source::SessionPolicy => caller == made_for,
            Source::ServiceControlPolicy => caller.account() == made_for.account(),
        };
        let edited = |source, number, document: &Document| {
            if applies(source) { edited(document, source, number, edits) } else { Ok(Some(document.clone())) }
        };
        let all = |source, documents: &[Document]| {
            documents
                .iter()
                .enumerate()
                .filter_map(|(number, document)| edited(source, number, document).transpose())
                .collect::<Result<Vec<_>, _>>()
        };
        let documents = &seen_by.documents;
        let mut number = 0_usize;
        let mut organization = Vec::new();
        for level in documents.service_control_policies {
            let mut policies = Vec::new();
            for document in level {
                policies.extend(edited(Source::ServiceControlPolicy, number, document)?);
                number = number.saturating_add(1);
            }
            organization.push(policies);
        }
        let one = |source, document: Option<&Document>| document.map_or(Ok(None), |document| edited(source, 0, document));
        let mut draft = Self {
            key_policy: one(Source::KeyPolicy, documents.key_policy)?,
            identity: all(Source::IdentityPolicy, documents.identity_policies)?,
            boundary: one(Source::PermissionsBoundary, documents.permissions_boundary)?,
            session: all(Source::SessionPolicy, documents.session_policies)?,
            organization,
            grants: documents.grants.all().to_vec(),
            context: seen_by.request.context.clone(),
            encryption_context: seen_by.request.encryption_context.cloned(),
        };
        edits.iter().for_each(|edit| draft.add(&edit.change, ask, applies));
        // Without any of these policies there would be no limit at all, which is another change than one of a statement.
        let is_emptied = |before: &[Document], after: &[Document]| !before.is_empty() && after.is_empty();
        let mut levels = documents.service_control_policies.iter().zip(&draft.organization);
        if is_emptied(documents.session_policies, &draft.session) || levels.any(|(before, after)| is_emptied(before, after)) {
            return Err(NoStatementLeft);
        }
        Ok(draft)
    }

    /// Whether the caller's request is allowed.
    pub(super) fn is_allowed(&self, ask: &Ask<'_>) -> bool {
        let request = Request { context: &self.context, encryption_context: self.encryption_context.as_ref(), ..ask.request };
        let documents = Documents {
            key_policy: self.key_policy.as_ref(),
            identity_policies: &self.identity,
            permissions_boundary: self.boundary.as_ref(),
            session_policies: &self.session,
            service_control_policies: &self.organization,
            grants: (&self.grants).into(),
            unseen_grants: ask.documents.unseen_grants,
        };
        verdict(&request, &documents) == Verdict::Allow
    }

    /// Makes the changes that add something beside what there is.
    fn add(&mut self, change: &Change, ask: &Ask<'_>, applies: impl Fn(Source) -> bool) {
        match change {
            Change::AddStatement { source, level, statement } if applies(*source) => {
                let policy = || Document::identity_policy(policy_of(&[statement], true));
                match source {
                    Source::IdentityPolicy => self.identity.push(policy()),
                    Source::SessionPolicy => self.session.push(policy()),
                    Source::ServiceControlPolicy => self.organization.get_mut(*level).into_iter().for_each(|level| level.push(policy())),
                    // Added to the document that is there.
                    Source::KeyPolicy | Source::PermissionsBoundary | Source::Grant => {}
                }
            }
            Change::CreateGrant { grantee, operations } => self.grants.push(Grant {
                id: String::new(),
                name: None,
                grantee: grantee.clone(),
                retiring: None,
                operations: operations.clone(),
                constraints: match ask.request.grant_change {
                    Some(GrantChange::Creates { constraints, .. }) => constraints.cloned(),
                    _ => None,
                },
                issuing_account: ask.request.resource.map_or_else(String::new, |key| key.account.clone()),
            }),
            Change::AddEncryptionContext { key, value } => {
                self.context.replace(format!("kms:EncryptionContext:{key}"), value);
                if !self.context.values(CONTEXT_KEYS).contains(key) {
                    self.context.insert(CONTEXT_KEYS, key);
                }
                self.encryption_context.get_or_insert_default().insert(key, value);
            }
            Change::AddStatement { .. }
            | Change::RemoveStatement { .. }
            | Change::NarrowStatement { .. }
            | Change::ReplaceDocument { .. } => {}
        }
    }
}

/// A document after the changes to it. Where there can be several policies, one without statements is detached; any other has to have one.
fn edited(document: &Document, source: Source, number: usize, edits: &[Edit]) -> Result<Option<Document>, NoStatementLeft> {
    let read = |text: String| if source == Source::KeyPolicy { Document::key_policy(text) } else { Document::identity_policy(text) };
    let here = |own_source: Source, own_number: usize| own_source == source && own_number == number;
    let replacement = edits.iter().find_map(|edit| match &edit.change {
        Change::ReplaceDocument { source, document, policy } if here(*source, *document) => Some(policy.clone()),
        _ => None,
    });
    let document = replacement.map_or_else(|| document.clone(), read);
    let Ok(policy) = document.policy() else { return Ok(Some(document)) };
    let mut statements: Vec<Option<&str>> = policy.statements().iter().map(|statement| document.text().get(statement.range())).collect();
    let mut is_changed = false;
    for edit in edits {
        match &edit.change {
            Change::RemoveStatement { statement } if here(statement.source, statement.document) => {
                statements.get_mut(statement.index).into_iter().for_each(|place| *place = None);
            }
            Change::NarrowStatement { statement, replacement } if here(statement.source, statement.document) => {
                statements.get_mut(statement.index).into_iter().for_each(|place| *place = Some(replacement));
            }
            Change::AddStatement { source: own @ (Source::KeyPolicy | Source::PermissionsBoundary), statement, .. } if *own == source => {
                statements.push(Some(statement));
            }
            _ => continue,
        }
        is_changed = true;
    }
    let statements: Vec<&str> = statements.into_iter().flatten().collect();
    match (is_changed, statements.is_empty()) {
        (false, _) => Ok(Some(document)),
        (true, true) if !matches!(source, Source::KeyPolicy | Source::PermissionsBoundary) => Ok(None),
        (true, true) => Err(NoStatementLeft),
        (true, false) => Ok(Some(read(policy_of(&statements, policy.has_variables())))),
    }
}

/// A policy of these statements.
pub(super) fn policy_of<T: AsRef<str>>(statements: &[T], variables: bool) -> String {
    let version = if variables { "2012-10-17" } else { "2008-10-17" };
    let statements: Vec<&str> = statements.iter().map(AsRef::as_ref).collect();
    format!(r#"{{"Version": "{version}", "Statement": [{}]}}"#, statements.join(", "))
}

const CONTEXT_KEYS: &str = "kms:EncryptionContextKeys";
