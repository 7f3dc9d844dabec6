//! One statement: who may or may not do what with which key under which conditions, and its comparison with a request, element by element.

use std::ops::{ControlFlow, Range};

use waxseal_base::event::{Effect, ElementFinding};

use crate::action::ActionElement;
use crate::condition::Condition;
use crate::document::DocumentKind;
use crate::error::PolicyError;
use crate::json::{Json, Member};
use crate::principal::{PrincipalElement, Reach};
use crate::resource::ResourceElement;
use crate::weigh::{Asked, Elements, reach_of};

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

    /// Whom it names.
    pub(crate) fn principals(&self) -> impl Iterator<Item = &str> {
        self.principal.iter().flat_map(PrincipalElement::texts)
    }

    /// The pairs of encryption context that would make an Allow match, or a Deny not.
    pub(crate) fn wanted_pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.conditions.iter().filter_map(|condition| condition.wanted_pair(self.effect))
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

    /// Compares the elements with a request: how the statement reaches the caller, if all of them match.
    pub(crate) fn compare<E: Elements>(&self, asked: &Asked<'_>, elements: &mut E) -> Reach {
        let outcome = self.note_all(asked, elements);
        reach_of(outcome, elements, || match &self.principal {
            Some(principal) => principal.reach(asked.request.caller, asked.is_bounded),
            None => Reach::ByName,
        })
    }

    fn note_all<E: Elements>(&self, asked: &Asked<'_>, elements: &mut E) -> ControlFlow<()> {
        let (request, resource, effect) = (asked.request, asked.resource.as_str(), self.effect);
        if let Some(principal) = &self.principal {
            let reach = principal.reach(request.caller, asked.is_bounded);
            elements.note(reach != Reach::NotAtAll, || principal.finding(request.caller, reach, effect))?;
        }
        match &self.action {
            Some(action) => elements.note(action.matches(request.action), || action.finding(request.action))?,
            None => elements.note(false, || inert("Action", request.action))?,
        }
        match &self.resource {
            Some(element) => {
                let matched = element.matches(resource, request.context, effect);
                elements.note(matched, || element.finding(resource, matched))?;
            }
            None => elements.note(false, || inert("Resource", resource))?,
        }
        self.conditions.iter().try_for_each(|condition| {
            let matched = condition.holds(request.context, effect);
            elements.note(matched, || condition.finding(request.context, matched))
        })
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
