//! When a statement counts: the `Condition` element. Operators and keys are ANDed, the values of a key ORed; for negated operators none may match.

mod operator;
mod value;

use waxseal_base::event::{Effect, ElementFinding};

use crate::context::{Context, folded};
use crate::document::DocumentKind;
use crate::error::{PolicyError, PolicyErrorKind};
use crate::json::{Json, Member};
use crate::statement::list;
use operator::{Operator, Set, Test};
use value::Value;

/// One key under one operator.
#[derive(Clone, Debug)]
pub(crate) struct Condition {
    operator: Operator,
    operator_name: String,
    key: String,
    /// The key as it is compared.
    folded_key: String,
    values: Vec<Value>,
    texts: Vec<String>,
    /// The key does not exist for this kind of policy.
    is_out_of_place: bool,
}

impl Condition {
    /// Reads a `Condition` element, one entry per operator and key.
    pub(crate) fn parse_all(json: &Json<'_>, kind: DocumentKind, variables: bool) -> Result<Vec<Self>, PolicyError> {
        let mut conditions: Vec<Self> = Vec::new();
        for operator_member in json.members()? {
            let operator = Operator::parse(&operator_member.key).map_err(|message| operator_member.value.error(message))?;
            let mut seen = Vec::new();
            for member in operator_member.value.members()? {
                let condition = Self::parse(operator, &operator_member.key, &member, kind, variables)?;
                if seen.contains(&condition.folded_key) {
                    return Err(member.value.error(format!("`{}` is there twice, written differently", member.key)));
                }
                seen.push(condition.folded_key.clone());
                conditions.push(condition);
            }
        }
        Ok(conditions)
    }

    fn parse(operator: Operator, name: &str, member: &Member<'_>, kind: DocumentKind, variables: bool) -> Result<Self, PolicyError> {
        let folded_key = folded(&member.key);
        if !folded_key.contains(':') {
            return Err(member.value.error(format!("`{}` is not a condition key; the form is kms:ViaService", member.key)));
        }
        let is_pair = folded_key.starts_with(PAIR) || folded_key.starts_with("aws:requesttag/");
        if kind == DocumentKind::Key && operator.set == Set::All && is_pair {
            let message = format!("ForAllValues is satisfied by a request that leaves `{}` out; write the operator without it", member.key);
            return Err(PolicyError { kind: PolicyErrorKind::OverlyPermissive, ..member.value.error(message) });
        }
        let mut condition = Self {
            operator,
            operator_name: name.into(),
            key: member.key.clone(),
            values: Vec::new(),
            texts: Vec::new(),
            is_out_of_place: kind == DocumentKind::Key && folded_key == "kms:resourcealiases",
            folded_key,
        };
        for item in member.value.one_or_many()? {
            let text = item.scalar()?;
            condition.values.push(Value::parse(operator.test, &text, variables).map_err(|message| item.error(message))?);
            condition.texts.push(text);
        }
        Ok(condition)
    }

    /// What it asks for, and whether the request has it.
    pub(crate) fn finding(&self, context: &Context, matched: bool) -> ElementFinding {
        let found = self.found(context);
        let alternatives = list(&self.texts);
        ElementFinding {
            element: "Condition".into(),
            wanted: format!("{} {} = {alternatives}", self.operator_name, self.key),
            found: if found.is_empty() { self.absence(context) } else { list(found) },
            matched,
        }
    }

    /// Whether the request has what it asks for.
    pub(crate) fn holds(&self, context: &Context, effect: Effect) -> bool {
        let found = self.found(context);
        if self.operator.test == Test::Null {
            let is_absent = if found.is_empty() { "true" } else { "false" };
            return self.values.iter().any(|value| value.matches(Test::Null, is_absent, context));
        }
        if found.is_empty() {
            return match self.operator.set {
                _ if self.operator.if_exists => true,
                Set::All => true,
                Set::Any => false,
                Set::Single => self.operator.negated,
            };
        }
        // An exception that can not be read must not widen what is allowed.
        if self.operator.negated && effect == Effect::Allow && self.values.iter().any(|value| value.is_unresolved(context)) {
            return false;
        }
        let mut outcomes = found
            .iter()
            .map(|found| self.values.iter().any(|value| value.matches(self.operator.test, found, context)) != self.operator.negated);
        match (self.operator.set, effect) {
            (Set::All, _) => outcomes.all(|holds| holds),
            (Set::Any, _) => outcomes.any(|holds| holds),
            // AWS leaves open what several values mean to an operator for one. Here they never help the request.
            (Set::Single, Effect::Allow) => outcomes.all(|holds| holds),
            (Set::Single, Effect::Deny) => outcomes.any(|holds| holds),
        }
    }

    /// The pair of encryption context that would make it hold in an Allow, or not hold in a Deny, if there is one that can be told from it.
    pub(crate) fn wanted_pair(&self, effect: Effect) -> Option<(&str, &str)> {
        let is_text = matches!(self.operator.test, Test::StringEquals | Test::StringEqualsIgnoreCase | Test::StringLike);
        let helps = self.operator.negated == (effect == Effect::Deny);
        let value = self.texts.first().filter(|value| is_text && helps && !value.contains(['*', '?', '$']))?;
        self.folded_key.starts_with(PAIR).then_some(())?;
        Some((self.key.get(PAIR.len()..)?, value))
    }

    fn found<'a>(&self, context: &'a Context) -> &'a [String] {
        if self.is_out_of_place { &[] } else { context.values_of_folded(&self.folded_key) }
    }

    fn absence(&self, context: &Context) -> String {
        if self.is_out_of_place {
            return format!("{} exists for identity policies only", self.key);
        }
        let key = &self.folded_key;
        if key.starts_with("kms:encryptioncontext") && !context.iter().any(|(key, _)| key.starts_with("kms:encryptioncontext")) {
            return "the request has no encryption context".into();
        }
        match key.as_str() {
            "kms:viaservice" => "the caller asks directly, not through a service".into(),
            "kms:requestalias" => "the request does not name the key by an alias".into(),
            _ => format!("the request has no {}", self.key),
        }
    }
}

const PAIR: &str = "kms:encryptioncontext:";

#[cfg(test)]
mod tests;
