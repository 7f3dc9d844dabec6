//! Grants: permissions of one principal for some operations on one key, kept beside the key's policy. They only ever allow.

use std::ops::ControlFlow;

use waxseal_base::event::ElementFinding;
use waxseal_kms_api::calls::GrantConstraints;

use crate::caller::{Caller, is_service_name};
use crate::constraints::{constraints_finding, describe, holds, is_at_least_as_strict, is_empty, of_description};
use crate::principal::{Principal, Reach};
use crate::statement::list;
use crate::weigh::{Asked, Elements, reach_of};

/// A grant on the key that a request is about.
#[derive(Clone, Debug, PartialEq)]
pub struct Grant {
    /// Its id.
    pub id: String,
    /// Its name, if it was given one.
    pub name: Option<String>,
    /// Who may use it: the ARN of a user, role, role session, federated user or account, an account's 12 digits, or a service's name.
    pub grantee: String,
    /// Who may retire it, in the same forms.
    pub retiring: Option<String>,
    /// Names of operations, such as `Decrypt`.
    pub operations: Vec<String>,
    /// What the request's encryption context must be.
    pub constraints: Option<GrantConstraints>,
    /// The account in which it was made, 12 digits.
    pub issuing_account: String,
}

/// What a request about grants would change. A grant that allows `CreateGrant` only allows grants within itself, and `RetireGrant` is decided by
/// the grant that it ends.
#[derive(Clone, Copy, Debug)]
pub enum GrantChange<'a> {
    /// CreateGrant.
    Creates {
        /// The new grant's operations.
        operations: &'a [String],
        /// The new grant's constraints.
        constraints: Option<&'a GrantConstraints>,
    },
    /// RetireGrant.
    Retires {
        /// The grant that would end.
        grant_id: &'a str,
    },
}

impl Grant {
    /// Whether a grant can name this as its grantee or retiring principal: the ARN of an account, user, role, session or federated user. That it
    /// exists is not checked.
    pub fn can_name(arn: &str) -> bool {
        arn.starts_with("arn:") && Principal::parse_grantee(arn).is_some()
    }

    /// Whether a grant can name this service as its grantee or retiring principal, such as `s3.amazonaws.com`. That it exists is not checked.
    pub fn can_name_service(name: &str) -> bool {
        is_service_name(name)
    }

    /// Compares the parts of the grant with a request: how it reaches the caller, if all of them match.
    pub(crate) fn compare<E: Elements>(&self, asked: &Asked<'_>, elements: &mut E) -> Reach {
        let request = asked.request;
        if let (RETIRE_GRANT, Some(GrantChange::Retires { grant_id })) = (operation_of(request.action), request.grant_change) {
            return self.compare_retirement(request.caller, grant_id, elements);
        }
        let reach = reach(&self.grantee, request.caller);
        let outcome = self.note_all(asked, reach, elements);
        reach_of(outcome, elements, || reach)
    }

    fn note_all<E: Elements>(&self, asked: &Asked<'_>, reach: Reach, elements: &mut E) -> ControlFlow<()> {
        let request = asked.request;
        let operation = operation_of(request.action);
        elements.note(reach != Reach::NotAtAll, || ElementFinding {
            element: "GranteePrincipal".into(),
            wanted: self.grantee.clone(),
            found: request.caller.to_string(),
            matched: reach != Reach::NotAtAll,
        })?;
        elements.note(self.allows_operation(operation), || ElementFinding {
            element: "Operations".into(),
            wanted: list(&self.operations),
            found: operation.into(),
            matched: self.allows_operation(operation),
        })?;
        if asked.unseen_grants.contains(&self.id) {
            elements.note(false, || ElementFinding {
                element: GRANT_TOKEN.into(),
                wanted: "a grant that is seen everywhere, or a token of it".into(),
                found: "not yet visible: give its grant token".into(),
                matched: false,
            })?;
        }
        match (operation, request.grant_change) {
            (CREATE_GRANT, Some(GrantChange::Creates { operations, constraints })) => self.note_child(operations, constraints, elements),
            // Without knowing the new grant nobody can say that it is within this one.
            (CREATE_GRANT | RETIRE_GRANT, _) => elements.note(false, || ElementFinding {
                element: "Operations".into(),
                wanted: format!("a {operation} request that says which grant it is about"),
                found: "it does not".into(),
                matched: false,
            }),
            (DESCRIBE_KEY, _) => {
                Self::note_constraints(asked, self.constraints.as_ref().and_then(|all| of_description(all, request)).as_ref(), elements)
            }
            _ => Self::note_constraints(asked, self.constraints.as_ref(), elements),
        }
    }

    fn note_constraints<E: Elements>(asked: &Asked<'_>, constraints: Option<&GrantConstraints>, elements: &mut E) -> ControlFlow<()> {
        match constraints.filter(|constraints| !is_empty(constraints)) {
            Some(constraints) => {
                let matched = holds(constraints, asked.request, asked.encryption_context());
                elements.note(matched, || constraints_finding(constraints, asked.request, matched))
            }
            None => ControlFlow::Continue(()),
        }
    }

    /// A grant made by the right of this one has no further operations and no weaker constraints.
    fn note_child<E: Elements>(&self, operations: &[String], constraints: Option<&GrantConstraints>, elements: &mut E) -> ControlFlow<()> {
        let is_within = operations.iter().all(|operation| self.allows_operation(operation));
        elements.note(is_within, || ElementFinding {
            element: "Operations".into(),
            wanted: format!("a new grant for no more than {}", list(&self.operations)),
            found: list(operations),
            matched: is_within,
        })?;
        let Some(own) = self.constraints.as_ref().filter(|own| !is_empty(own)) else { return ControlFlow::Continue(()) };
        let is_strict = constraints.is_some_and(|constraints| is_at_least_as_strict(constraints, own));
        elements.note(is_strict, || ElementFinding {
            element: "Constraints".into(),
            wanted: format!("a new grant at least as strict as {}", describe(own)),
            found: constraints.filter(|constraints| !is_empty(constraints)).map_or("it has no constraints".into(), describe),
            matched: is_strict,
        })
    }

    /// The retiring principal may end a grant; so may the grantee if RetireGrant is among its operations; and the account in which it was made.
    fn compare_retirement<E: Elements>(&self, caller: &Caller, grant_id: &str, elements: &mut E) -> Reach {
        let grantee = self.allows_operation(RETIRE_GRANT).then_some(self.grantee.as_str());
        let entitled = || self.retiring.as_deref().into_iter().chain(grantee).chain([self.issuing_account.as_str()]);
        let reach = entitled().map(|principal| reach(principal, caller)).max().unwrap_or(Reach::NotAtAll);
        let is_it = self.id == grant_id;
        let id = || ElementFinding { element: "GrantId".into(), wanted: self.id.clone(), found: grant_id.into(), matched: is_it };
        let who = || ElementFinding {
            element: "RetiringPrincipal".into(),
            wanted: entitled().collect::<Vec<_>>().join(" or "),
            found: caller.to_string(),
            matched: reach != Reach::NotAtAll,
        };
        let outcome = match elements.note(is_it, id) {
            ControlFlow::Continue(()) => elements.note(reach != Reach::NotAtAll, who),
            stopped => stopped,
        };
        reach_of(outcome, elements, || reach)
    }

    fn allows_operation(&self, operation: &str) -> bool {
        self.operations.iter().any(|own| own == operation)
    }
}

/// An operation's name as grants list it.
pub(crate) fn operation_of(action: &str) -> &str {
    action.strip_prefix("kms:").unwrap_or(action)
}

fn reach(principal: &str, caller: &Caller) -> Reach {
    Principal::parse_grantee(principal).map_or(Reach::NotAtAll, |principal| principal.reach(caller))
}

pub(crate) const RETIRE_GRANT: &str = "RetireGrant";
/// The element by which the finding of a grant says that it is not seen yet.
pub(crate) const GRANT_TOKEN: &str = "GrantToken";
const CREATE_GRANT: &str = "CreateGrant";
const DESCRIBE_KEY: &str = "DescribeKey";
