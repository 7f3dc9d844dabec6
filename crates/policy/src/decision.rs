//! What came out: the verdict, one sentence that says why, and a finding for every statement and grant.

use waxseal_base::event::{Effect, ElementFinding, Finding, FindingId, FindingOutcome, Source, Verdict};
use waxseal_kms_api::operation::Scope;

use crate::caller::Caller;
use crate::evaluate::{Documents, Request};
use crate::grant::{GRANT_TOKEN, RETIRE_GRANT, operation_of};
use crate::weigh::{Limit, Weight};

/// The answer to a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// Whether the request may go on.
    pub verdict: Verdict,
    /// Why, in one sentence for people: lower case, no full stop.
    pub because: String,
    /// Which finding decided; none where nothing allows, or where no statement is needed.
    pub decided_by: Option<FindingId>,
    /// Every statement and grant, in document order: key policy, identity policies, boundary, session policies, service control policies, grants. A
    /// text that is no policy has one finding.
    pub findings: Vec<Finding>,
    pub(crate) missing: Missing,
}

/// Where an allow would have to come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Missing {
    Nothing,
    ResourcePolicy,
    IdentityPolicy,
    Within(Limit),
}

impl Decision {
    /// Whether the request may go on.
    pub fn is_allowed(&self) -> bool {
        self.verdict == Verdict::Allow
    }

    /// The same, refused after all: for a reason that lies in another decision which the operation needs as well.
    #[must_use]
    pub fn refused(self, because: &str) -> Self {
        Self { verdict: Verdict::ImplicitDeny, because: because.into(), decided_by: None, missing: Missing::ResourcePolicy, ..self }
    }

    /// AWS's text for a refusal; `resource` is the key's ARN, or `*` for an operation without a key.
    pub fn access_denied_message(&self, caller: &Caller, action: &str, resource: &str) -> String {
        let denied_by = self.decided_by.as_ref().filter(|_| self.verdict == Verdict::ExplicitDeny);
        let why = match (denied_by.map(|id| id.source), self.missing) {
            (Some(Source::IdentityPolicy), _) => "with an explicit deny in an identity-based policy".to_owned(),
            (Some(Source::PermissionsBoundary), _) => "with an explicit deny in a permissions boundary".to_owned(),
            (Some(Source::SessionPolicy), _) => "with an explicit deny in a session policy".to_owned(),
            (Some(Source::ServiceControlPolicy), _) => "with an explicit deny in a service control policy".to_owned(),
            (Some(Source::KeyPolicy | Source::Grant), _) => "with an explicit deny in a resource-based policy".to_owned(),
            (None, missing) => format!("because no {} allows the {action} action", missing.kind_of_policy()),
        };
        format!("User: {caller} is not authorized to perform: {action} on resource: {resource} {why}")
    }
}

impl Missing {
    fn kind_of_policy(self) -> &'static str {
        match self {
            Self::Nothing | Self::ResourcePolicy => "resource-based policy",
            Self::IdentityPolicy => "identity-based policy",
            Self::Within(Limit::Boundary) => "permissions boundary",
            Self::Within(Limit::Session) => "session policy",
            Self::Within(Limit::Organization) => "service control policy",
        }
    }
}

/// What there is of each weight.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Tally {
    pub(crate) denies: bool,
    unreadable: bool,
    by_name: bool,
    allows: bool,
    delegates: bool,
    home: bool,
    in_boundary: bool,
    in_session: bool,
    /// A policy of the level of the organization that is being looked at leaves room.
    pub(crate) is_level_open: bool,
    /// No policy of some level leaves room.
    pub(crate) is_level_closed: bool,
}

impl Tally {
    pub(crate) fn add(&mut self, weight: Weight) {
        match weight {
            Weight::None | Weight::Ineffective => {}
            Weight::Denies => self.denies = true,
            Weight::Unreadable => self.unreadable = true,
            Weight::AllowsByName => self.by_name = true,
            Weight::Allows => self.allows = true,
            Weight::Delegates => self.delegates = true,
            Weight::Home => self.home = true,
            Weight::Permits(Limit::Boundary) => self.in_boundary = true,
            Weight::Permits(Limit::Session) => self.in_session = true,
            Weight::Permits(Limit::Organization) => self.is_level_open = true,
        }
    }
}

/// What all statements and grants come to together.
pub(crate) struct Situation {
    pub(crate) verdict: Verdict,
    /// The caller's own account allows: by an identity policy, or because its root user asks.
    pub(crate) home_allows: bool,
    /// An identity policy allows.
    pub(crate) has_home_statement: bool,
    /// An identity policy's allow counts.
    pub(crate) is_delegated: bool,
    /// Something allows by itself, and no limit is in its way.
    pub(crate) is_direct: bool,
    /// The organization leaves room, which is what limits a permission of the very caller.
    pub(crate) is_open_by_name: bool,
    /// All limits leave room.
    pub(crate) is_open: bool,
    pub(crate) missing: Missing,
}

impl Situation {
    pub(crate) fn of(request: &Request<'_>, documents: &Documents<'_>, tally: &Tally) -> Self {
        let is_keyless = request.scope == Scope::IdentityPolicy;
        let has_home_statement = tally.home;
        // A root user has all rights that its own account can give. A key's policy is not the account's to give.
        let home_allows = has_home_statement || request.caller.is_root();
        let is_delegated = is_keyless || tally.delegates;
        let is_in_boundary = tally.in_boundary || documents.permissions_boundary.is_none();
        let is_in_session = tally.in_session || documents.session_policies.is_empty();
        let is_open_by_name = !tally.is_level_closed;
        let is_open = is_open_by_name && is_in_boundary && is_in_session;
        let is_direct = (tally.by_name && is_open_by_name) || (tally.allows && is_open);
        let allowed = is_direct || (is_open && is_delegated && home_allows);
        let verdict = match () {
            () if tally.denies => Verdict::ExplicitDeny,
            () if allowed && !tally.unreadable => Verdict::Allow,
            () => Verdict::ImplicitDeny,
        };
        let missing = match () {
            () if allowed => Missing::Nothing,
            () if !is_open_by_name => Missing::Within(Limit::Organization),
            () if !tally.allows && !is_delegated => Missing::ResourcePolicy,
            () if !tally.allows && !home_allows => Missing::IdentityPolicy,
            () if !is_in_boundary => Missing::Within(Limit::Boundary),
            () => Missing::Within(Limit::Session),
        };
        Self { verdict, home_allows, has_home_statement, is_delegated, is_direct, is_open_by_name, is_open, missing }
    }

    /// What a statement or grant of some weight comes to, given the others.
    pub(crate) fn outcome(&self, weight: Weight) -> FindingOutcome {
        match weight {
            Weight::None => FindingOutcome::DoesNotMatch,
            Weight::Denies | Weight::Unreadable => FindingOutcome::Denies,
            Weight::AllowsByName if self.is_open_by_name => FindingOutcome::Allows,
            Weight::Allows if self.is_open => FindingOutcome::Allows,
            Weight::Delegates if self.is_open && self.home_allows => FindingOutcome::Delegates,
            Weight::Home if self.is_open && self.is_delegated => FindingOutcome::Allows,
            Weight::Permits(_) => FindingOutcome::Permits,
            Weight::AllowsByName | Weight::Allows | Weight::Delegates | Weight::Home | Weight::Ineffective => FindingOutcome::HasNoEffect,
        }
    }

    /// Whether a statement or grant of some weight can be named as what decided.
    pub(crate) fn is_decided_by(&self, weight: Weight) -> bool {
        match self.verdict {
            Verdict::ExplicitDeny => weight == Weight::Denies,
            Verdict::ImplicitDeny => weight == Weight::Unreadable,
            Verdict::Allow if self.is_direct => {
                matches!(weight, Weight::Allows | Weight::AllowsByName) && self.outcome(weight) == FindingOutcome::Allows
            }
            Verdict::Allow if self.has_home_statement => weight == Weight::Home,
            Verdict::Allow => weight == Weight::Delegates,
        }
    }

    /// The reason, in one sentence.
    pub(crate) fn because(
        &self,
        request: &Request<'_>,
        documents: &Documents<'_>,
        findings: &[Finding],
        deciding: Option<usize>,
    ) -> String {
        let name = |finding: &Finding| name_of(finding, documents);
        let deciding = deciding.and_then(|index| findings.get(index));
        match (self.verdict, deciding) {
            (Verdict::ExplicitDeny, Some(finding)) => {
                format!("an explicit deny: {} denies it, and a deny wins over every allow", name(finding))
            }
            (Verdict::ImplicitDeny, Some(finding)) => {
                let error = finding.elements.first().map_or("", |element| element.found.as_str());
                let policy = policy_of(finding, documents);
                format!("{policy} can not be read, so nothing is allowed: {error}")
            }
            (Verdict::Allow, Some(finding)) => match findings.iter().find(|other| other.outcome == FindingOutcome::Delegates) {
                Some(other) if finding.id.source == Source::IdentityPolicy => {
                    format!("{} leaves the decision to account {}, and {} allows it", name(other), account(request), name(finding))
                }
                _ if finding.outcome == FindingOutcome::Delegates => {
                    format!("{} allows it to account {}, whose root user asks", name(finding), account(request))
                }
                _ => format!("{} allows it", name(finding)),
            },
            (Verdict::Allow, None) => format!("the root user of account {} may do all that needs no key", account(request)),
            (_, None) => match self.missing {
                Missing::Within(limit) => beyond(limit, request, findings, name),
                _ => nothing_allows(request, findings, name),
            },
        }
    }
}

/// Which limit leaves no room, and what in it came closest.
fn beyond(limit: Limit, request: &Request<'_>, findings: &[Finding], name: impl Fn(&Finding) -> String) -> String {
    let action = request.action;
    let (source, why) = match limit {
        Limit::Boundary => (Source::PermissionsBoundary, format!("the permissions boundary of the caller leaves no room for {action}")),
        Limit::Session => {
            (Source::SessionPolicy, format!("the policies that the caller's session was started with leave no room for {action}"))
        }
        Limit::Organization => (
            Source::ServiceControlPolicy,
            format!("the service control policies of the organization leave account {} no room for {action}", account(request)),
        ),
    };
    match closest(findings.iter().filter(|finding| finding.id.source == source)) {
        Some((finding, ElementFinding { element, wanted, found, .. })) => {
            format!("{why}; closest: {}, whose {element} does not match (wanted: {wanted}; found: {found})", name(finding))
        }
        None => why,
    }
}

/// Why nothing allows, and what came closest.
fn nothing_allows(request: &Request<'_>, findings: &[Finding], name: impl Fn(&Finding) -> String) -> String {
    let (action, account) = (request.action, account(request));
    if let (Scope::OwnAccount, true, Some(key)) = (request.scope, request.is_foreign(), request.resource) {
        let owner = &key.account;
        return format!("{action} works only for callers of the key's own account {owner}, and the caller is of account {account}");
    }
    let nothing = if request.scope == Scope::IdentityPolicy { "no identity policy" } else { "no statement or grant" };
    if let Some(finding) = findings.iter().find(|finding| lacks_only_its_token(finding)) {
        return format!("{nothing} allows {action}; closest: {}, which is not yet visible: give its grant token", name(finding));
    }
    // The grant that it ends decides about RetireGrant; an allow of the key's policy can not even pass the decision on.
    let is_powerless = |finding: &Finding| operation_of(action) == RETIRE_GRANT && finding.id.source == Source::KeyPolicy;
    let ineffective = findings.iter().filter(|finding| finding.outcome == FindingOutcome::HasNoEffect);
    let (finding, why) =
        match (ineffective.min_by_key(|finding| is_powerless(finding)), closest(findings.iter().filter(|finding| gives(finding)))) {
            (Some(finding), _) if finding.id.source == Source::IdentityPolicy => {
                (finding, format!("which counts only if the key's policy leaves the decision to account {account}"))
            }
            (Some(finding), _) if is_powerless(finding) => (finding, "but only the grant itself decides who may retire it".to_owned()),
            (Some(finding), _) => {
                (finding, format!("which leaves the decision to account {account}, and no identity policy there allows it"))
            }
            (None, Some((finding, element))) => {
                let ElementFinding { element, wanted, found, .. } = element;
                (finding, format!("whose {element} does not match (wanted: {wanted}; found: {found})"))
            }
            (None, None) => return format!("{nothing} allows {action}"),
        };
    format!("{nothing} allows {action}; closest: {}, {why}", name(finding))
}

/// The statement or grant that came closest, with its first element that does not match: rather one about the caller, then the one with the fewest
/// misses. Where nothing at all matches, nothing is close.
fn closest<'f>(findings: impl Iterator<Item = &'f Finding>) -> Option<(&'f Finding, &'f ElementFinding)> {
    let misses = |finding: &Finding| finding.elements.iter().filter(|element| !element.matched).count();
    let is_about_others =
        |finding: &Finding| finding.elements.iter().any(|element| !element.matched && element.element.ends_with("Principal"));
    let candidates = findings.filter(|finding| finding.effect == Effect::Allow && (1..finding.elements.len()).contains(&misses(finding)));
    let finding = candidates.min_by_key(|finding| (is_about_others(finding), misses(finding)))?;
    finding.elements.iter().find(|element| !element.matched).map(|element| (finding, element))
}

/// Whether it is a grant that is too new to be seen, and would allow the request otherwise.
fn lacks_only_its_token(finding: &Finding) -> bool {
    let mut missing = finding.elements.iter().filter(|element| !element.matched);
    missing.next().is_some_and(|element| element.element == GRANT_TOKEN) && missing.next().is_none()
}

/// Whether it stands where permissions are given, and not only limited.
fn gives(finding: &Finding) -> bool {
    matches!(finding.id.source, Source::KeyPolicy | Source::IdentityPolicy | Source::Grant)
}

fn account<'a>(request: &Request<'a>) -> &'a str {
    request.caller.account().unwrap_or("of no one")
}

/// What people call a statement or grant: by its name, else by its place, counted from 1.
pub(crate) fn name_of(finding: &Finding, documents: &Documents<'_>) -> String {
    let number = finding.id.index.saturating_add(1);
    match (finding.id.source, &finding.name, &finding.id.grant_id) {
        (Source::Grant, Some(name), _) => format!("grant “{name}”"),
        (Source::Grant, None, Some(id)) => format!("grant {id}"),
        (_, Some(name), _) if !name.is_empty() => format!("statement “{name}” of {}", policy_of(finding, documents)),
        _ => format!("statement {number} of {}", policy_of(finding, documents)),
    }
}

fn policy_of(finding: &Finding, documents: &Documents<'_>) -> String {
    policy_name(finding.id.source, finding.id.document, documents)
}

/// What people call a document.
pub(crate) fn policy_name(source: Source, document: usize, documents: &Documents<'_>) -> String {
    let (name, siblings) = match source {
        Source::IdentityPolicy => ("the caller's identity policy", documents.identity_policies.len()),
        Source::PermissionsBoundary => ("the caller's permissions boundary", 1),
        Source::SessionPolicy => ("the session policy", documents.session_policies.len()),
        Source::ServiceControlPolicy => ("the service control policy", documents.service_control_policies.iter().map(Vec::len).sum()),
        Source::KeyPolicy | Source::Grant => ("the key policy", 1),
    };
    if siblings > 1 { format!("{name} {}", document.saturating_add(1)) } else { name.into() }
}
