//! Which keys a statement is about: the `Resource` and `NotResource` elements. A key is only ever known by its ARN; in a key's policy `*` is
//! the key itself.

use waxseal_base::event::{Effect, ElementFinding};

use crate::context::Context;
use crate::error::PolicyError;
use crate::json::Json;
use crate::statement::list;
use crate::variables::{Syntax, Template};

/// The `Resource` or `NotResource` element of a statement.
#[derive(Clone, Debug)]
pub(crate) struct ResourceElement {
    negated: bool,
    patterns: Vec<Template>,
}

impl ResourceElement {
    /// Reads one ARN or a list of them, with wildcards.
    pub(crate) fn parse(json: &Json<'_>, negated: bool, variables: bool) -> Result<Self, PolicyError> {
        let mut patterns = Vec::new();
        for item in json.one_or_many()? {
            let pattern = Template::parse(&completed(item.string()?), Syntax { wildcards: true, variables });
            patterns.push(pattern.map_err(|message| item.error(message))?);
        }
        if patterns.is_empty() {
            return Err(json.error("the list is empty"));
        }
        Ok(Self { negated, patterns })
    }

    /// Whether the request's resource is what it asks for.
    pub(crate) fn matches(&self, resource: &str, context: &Context, effect: Effect) -> bool {
        // An exception that can not be read must not widen what is allowed.
        let is_unclear = || self.negated && effect == Effect::Allow && self.patterns.iter().any(|pattern| pattern.is_unresolved(context));
        self.patterns.iter().any(|pattern| pattern.matches(resource, context)) != self.negated && !is_unclear()
    }

    /// What it asks for, and whether that is the request's resource.
    pub(crate) fn finding(&self, resource: &str, matched: bool) -> ElementFinding {
        let listed = list(self.patterns.iter().map(Template::source));
        ElementFinding {
            element: if self.negated { "NotResource" } else { "Resource" }.into(),
            wanted: if self.negated { format!("any but {listed}") } else { listed },
            found: resource.into(),
            matched,
        }
    }
}

/// An ARN with parts left out at its end has `*` for them.
fn completed(text: String) -> String {
    let missing = 6_usize.saturating_sub(text.split(':').count());
    if text.starts_with("arn:") { text + &":*".repeat(missing) } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_known_by_their_arn_only() {
        let key = "arn:aws:kms:us-east-1:111122223333:key/1234abcd";
        for (pattern, matched) in [
            ("*", true),
            ("arn:aws:kms:us-east-1:111122223333:key/*", true),
            ("arn:aws:kms:*:111122223333:key/1234????", true),
            ("arn:aws:kms", true),
            ("arn:aws:s3", false),
            ("1234abcd", false),
            ("key/1234abcd", false),
            ("arn:aws:kms:us-east-1:111122223333:alias/app", false),
            ("arn:aws:kms:us-east-1:111122223333:KEY/1234abcd", false),
        ] {
            let json = format!("\"{pattern}\"");
            let element = ResourceElement::parse(&Json::parse(&json).unwrap(), false, true).unwrap();
            assert_eq!(element.matches(key, &Context::new(), Effect::Allow), matched, "{pattern}");
        }
    }
}
