//! How each statement and grant came out against a request, as events and decisions tell it.

use serde::Serialize;

/// One statement or grant, compared with a request: which, and how each of its elements came out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Finding {
    /// Where it stands.
    pub id: FindingId,
    /// The statement's Sid, or the grant's name.
    pub name: Option<String>,
    /// Allow or Deny; grants only allow.
    pub effect: Effect,
    /// What it means for the request.
    pub outcome: FindingOutcome,
    /// Every element in order, whether it matched and why. Evaluation does not stop at the first that does not match.
    pub elements: Vec<ElementFinding>,
}

/// Where a statement or grant stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct FindingId {
    /// The kind of document.
    pub source: Source,
    /// Which document of that kind, from 0; grants: always 0.
    pub document: usize,
    /// Which statement of the document, or which grant of the key, from 0.
    pub index: usize,
    /// The grant's id, for grants.
    pub grant_id: Option<String>,
}

/// Where permissions are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Source {
    /// The key's own policy.
    KeyPolicy,
    /// A policy attached to the caller.
    IdentityPolicy,
    /// The boundary of what the caller's identity policies can give.
    PermissionsBoundary,
    /// A policy that the caller's session was started with.
    SessionPolicy,
    /// A policy of the organization that the caller's account belongs to.
    ServiceControlPolicy,
    /// A grant on the key.
    Grant,
}

/// Allow or Deny.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum Effect {
    /// Allow.
    Allow,
    /// Deny.
    Deny,
}

/// What a statement or grant means for a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum FindingOutcome {
    /// It allows the request.
    Allows,
    /// It denies the request.
    Denies,
    /// It lets the caller's account decide: an identity policy has to allow the request too.
    Delegates,
    /// It is of a policy that gives nothing and only limits, and leaves room for the request.
    Permits,
    /// It matches, but nothing makes it count: an identity policy without delegation, a delegation without one, or an allow beyond a limit.
    HasNoEffect,
    /// It does not match the request.
    DoesNotMatch,
}

/// One element of a statement or grant, compared with a request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ElementFinding {
    /// Which: `Principal`, `Action`, `Resource`, `Condition`, `GranteePrincipal`, `Operations`, `Constraints`, or a negated form.
    pub element: String,
    /// What it asks for, such as `StringEquals kms:EncryptionContext:tenant = 42`.
    pub wanted: String,
    /// What the request has.
    pub found: String,
    /// Whether that satisfies it.
    pub matched: bool,
}

/// Whether a request may go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// Something allows it and nothing denies it.
    Allow,
    /// A Deny statement matches.
    ExplicitDeny,
    /// Nothing allows it.
    ImplicitDeny,
}
