//! What a statement is about: the `Action` and `NotAction` elements, `service:Name` without regard to case, `*` and `?` anywhere.

use waxseal_base::event::ElementFinding;

use crate::context::Context;
use crate::error::PolicyError;
use crate::json::Json;
use crate::statement::list;
use crate::variables::{Syntax, Template};

/// The `Action` or `NotAction` element of a statement.
#[derive(Clone, Debug)]
pub(crate) struct ActionElement {
    negated: bool,
    patterns: Vec<ActionPattern>,
    texts: Vec<String>,
}

#[derive(Clone, Debug)]
enum ActionPattern {
    /// `*`
    All,
    Named {
        service: Template,
        name: Template,
    },
}

impl ActionElement {
    /// Reads one action or a list of them.
    pub(crate) fn parse(json: &Json<'_>, negated: bool) -> Result<Self, PolicyError> {
        let mut element = Self { negated, patterns: Vec::new(), texts: Vec::new() };
        for item in json.one_or_many()? {
            let text = item.string()?;
            element.patterns.push(ActionPattern::parse(&text).map_err(|message| item.error(message))?);
            element.texts.push(text);
        }
        if element.patterns.is_empty() {
            return Err(json.error("the list is empty"));
        }
        Ok(element)
    }

    /// Whether the request is what it asks for.
    pub(crate) fn matches(&self, action: &str) -> bool {
        self.patterns.iter().any(|pattern| pattern.matches(action)) != self.negated
    }

    /// What it asks for, and whether the request is it.
    pub(crate) fn finding(&self, action: &str) -> ElementFinding {
        let listed = list(&self.texts);
        ElementFinding {
            element: if self.negated { "NotAction" } else { "Action" }.into(),
            wanted: if self.negated { format!("anything except {listed}") } else { listed },
            found: action.into(),
            matched: self.matches(action),
        }
    }
}

impl ActionPattern {
    fn parse(text: &str) -> Result<Self, String> {
        if text == "*" {
            return Ok(Self::All);
        }
        let syntax = Syntax { wildcards: true, variables: false };
        match text.split_once(':') {
            Some((service, name)) if !service.is_empty() && !name.is_empty() && !name.contains(':') => {
                Ok(Self::Named { service: Template::parse(service, syntax)?, name: Template::parse(name, syntax)? })
            }
            Some(_) => Err(format!("`{text}` is not an action; the form is kms:Decrypt")),
            None => Err(format!("`{text}` needs its service in front, such as kms:{text}")),
        }
    }

    fn matches(&self, action: &str) -> bool {
        let none = Context::new();
        match (self, action.split_once(':')) {
            (Self::All, _) => true,
            (Self::Named { service, name }, Some((own_service, own_name))) => {
                service.matches_ignoring_case(own_service, &none) && name.matches_ignoring_case(own_name, &none)
            }
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn actions_ignore_case_and_take_wildcards() {
        for (pattern, action, matched) in [
            ("*", "kms:Decrypt", true),
            ("kms:*", "kms:Decrypt", true),
            ("KMS:decrypt", "kms:Decrypt", true),
            ("kms:GenerateDataKey*", "kms:GenerateDataKeyWithoutPlaintext", true),
            ("kms:?ecrypt", "kms:Decrypt", true),
            ("k*:De*", "kms:Decrypt", true),
            ("kms:ReEncrypt", "kms:ReEncryptFrom", false),
            ("s3:*", "kms:Decrypt", false),
        ] {
            assert_eq!(ActionPattern::parse(pattern).unwrap().matches(action), matched, "{pattern} {action}");
        }
        assert_eq!(ActionPattern::parse("Decrypt").unwrap_err(), "`Decrypt` needs its service in front, such as kms:Decrypt");
        assert!(ActionPattern::parse("kms:").is_err());
        assert!(ActionPattern::parse("kms:a:b").is_err());
    }
}
