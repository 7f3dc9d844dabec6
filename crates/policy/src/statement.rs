//! One statement: who may or may not do what with which key under which conditions, and its comparison with a request, element by element.

use std::ops::Range;

use waxseal_base::event::{Effect, ElementFinding};

use crate::action::ActionElement;
use crate::condition::Condition;
use crate::document::DocumentKind;
use crate::error::PolicyError;
use crate::evaluate::Request;
use crate::json::{Json, Member};
use crate::principal::{PrincipalElement, Reach};
use crate::resource::ResourceElement;

/// A statement of a policy.
#[derive(Clone, Debug)]
pub struct Statement {
    sid: Option<String>,
    effect: Effect,
    /// Only in a key's policy; an identity policy is about whom it is attached to.
    principal: Option<PrincipalElement>,
    action: Option<ActionElement>,
    resource: Option<ResourceElement>,
    conditions: Vec<Condition>,
    range: Range<usize>,
}

/// A statement compared with a request.
pub(crate) struct Comparison {
    pub(crate) elements: Vec<ElementFinding>,
    /// How it reaches the caller, if all its elements match.
    pub(crate) reach: Reach,
}

impl Statement {
    /// Its name.
    pub fn sid(&self) -> Option<&str> {
        self.sid.as_deref()
    }

    /// Whether it allows or denies.
    pub fn effect(&self) -> Effect {
        self.effect
    }

    /// Where it stands in the document's text, in bytes.
    pub fn range(&self) -> Range<usize> {
        self.range.clone()
    }

    pub(crate) fn parse(json: &Json<'_>, kind: DocumentKind, variables: bool) -> Result<Self, PolicyError> {
        let members = json.members()?;
        for member in &members {
            if !ELEMENTS.contains(&member.key.as_str()) {
                return Err(member.value.error(unknown(&member.key, ELEMENTS, "a statement")));
            }
        }
        let effect = member(&members, "Effect").ok_or_else(|| json.error("the statement has no Effect; it is Allow or Deny"))?;
        let effect = match effect.value.string()?.as_str() {
            "Allow" => Effect::Allow,
            "Deny" => Effect::Deny,
            other => return Err(effect.value.error(format!("`{other}` is neither Allow nor Deny"))),
        };
        let principal = either(&members, "Principal", "NotPrincipal")?;
        let principal = match (principal, kind) {
            (None, DocumentKind::Identity) => None,
            (None, DocumentKind::Key) => return Err(json.error("the statement has no Principal; a key's policy has to say who is meant")),
            (Some((member, _)), DocumentKind::Identity) => {
                return Err(member.value.error("an identity policy names no principal: it is about whom it is attached to"));
            }
            (Some((member, true)), DocumentKind::Key) if effect == Effect::Allow => {
                return Err(member.value.error("NotPrincipal with Allow would allow everyone else in the world; name who is meant"));
            }
            (Some((member, negated)), DocumentKind::Key) => Some(PrincipalElement::parse(&member.value, negated)?),
        };
        let action = either(&members, "Action", "NotAction")?;
        let resource = either(&members, "Resource", "NotResource")?;
        Ok(Self {
            sid: member(&members, "Sid").map(|member| member.value.string()).transpose()?,
            effect,
            principal,
            action: action.map(|(member, negated)| ActionElement::parse(&member.value, negated)).transpose()?,
            resource: resource.map(|(member, negated)| ResourceElement::parse(&member.value, negated, variables)).transpose()?,
            conditions: match member(&members, "Condition") {
                Some(member) => Condition::parse_all(&member.value, kind, variables)?,
                None => Vec::new(),
            },
            range: json.range(),
        })
    }

    /// Compares every element with a request; it does not stop at the first that does not match.
    pub(crate) fn compare(&self, request: &Request<'_>) -> Comparison {
        // An operation on no resource is covered by statements for all resources only.
        let resource = request.resource.map_or_else(|| "*".to_owned(), ToString::to_string);
        let mut elements = Vec::new();
        elements.extend(self.principal.as_ref().map(|principal| principal.finding(request.caller, self.effect)));
        elements.push(self.action.as_ref().map_or_else(|| inert("Action", request.action), |action| action.finding(request.action)));
        elements.push(
            self.resource
                .as_ref()
                .map_or_else(|| inert("Resource", &resource), |element| element.finding(&resource, request.context, self.effect)),
        );
        elements.extend(self.conditions.iter().map(|condition| condition.finding(request.context, self.effect)));
        let reach = match &self.principal {
            _ if elements.iter().any(|element| !element.matched) => Reach::NotAtAll,
            Some(principal) => principal.reach(request.caller),
            None => Reach::ByName,
        };
        Comparison { elements, reach }
    }
}

/// The texts of a list as a person would read them; of a long list, the first few, and of a long text, its beginning. So findings stay small,
/// whatever a request brings along.
pub(crate) fn list<T: AsRef<str>>(texts: impl IntoIterator<Item = T, IntoIter: ExactSizeIterator>) -> String {
    let texts = texts.into_iter();
    let len = texts.len();
    let shown: Vec<String> = texts.take(MAX_LISTED).map(|text| shortened(text.as_ref())).collect();
    match len.saturating_sub(MAX_LISTED) {
        0 if shown.is_empty() => "nothing".into(),
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}

fn shortened(text: &str) -> String {
    match text.char_indices().nth(MAX_SHOWN) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.into(),
    }
}

/// An error for an element that does not exist, with the one that was meant.
pub(crate) fn unknown(name: &str, known: &[&str], of: &str) -> String {
    match known.iter().find(|known| known.eq_ignore_ascii_case(name)) {
        Some(known) => format!("`{name}` is not an element of {of}; did you mean {known}"),
        None => format!("`{name}` is not an element of {of}; the elements are {}", known.join(", ")),
    }
}

/// The member of that name.
pub(crate) fn member<'m, 'a>(members: &'m [Member<'a>], name: &str) -> Option<&'m Member<'a>> {
    members.iter().find(|member| member.key == name)
}

/// An element or its negated form, but not both.
fn either<'m, 'a>(members: &'m [Member<'a>], name: &str, negated: &str) -> Result<Option<(&'m Member<'a>, bool)>, PolicyError> {
    match (member(members, name), member(members, negated)) {
        (Some(_), Some(second)) => Err(second.value.error(format!("a statement has {name} or {negated}, not both"))),
        (Some(member), None) => Ok(Some((member, false))),
        (None, Some(member)) => Ok(Some((member, true))),
        (None, None) => Ok(None),
    }
}

/// A statement that leaves an element out is accepted and matches nothing.
fn inert(element: &str, found: &str) -> ElementFinding {
    ElementFinding {
        element: element.into(),
        wanted: format!("nothing: the statement has no {element}, so it has no effect"),
        found: found.into(),
        matched: false,
    }
}

const ELEMENTS: &[&str] = &["Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction", "Resource", "NotResource", "Condition"];
const MAX_LISTED: usize = 6;
/// Characters; a value that a constraint of a grant can have is shown whole.
const MAX_SHOWN: usize = 400;
