//! Texts of a policy with `*`, `?` and policy variables such as `${aws:username}` in them, and how they match.
//!
//! What a variable stands for is inserted as plain text: a `*` in a user's name is no wildcard. A variable that the request does not have,
//! or has several values for, makes the text match nothing.

use std::borrow::Cow;

use crate::context::Context;

/// A text of a policy, read once.
#[derive(Clone, Debug)]
pub(crate) struct Template {
    source: String,
    parts: Parts,
}

#[derive(Clone, Debug)]
enum Parts {
    /// Without variables: every match uses them as they are.
    Fixed(Vec<Token>),
    Variable(Vec<Part>),
}

#[derive(Clone, Debug)]
enum Part {
    Token(Token),
    Variable { key: String, default: Option<String> },
}

/// What a text consists of once its variables are filled in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Token {
    Character(char),
    /// `?`
    AnyCharacter,
    /// `*`
    AnyRun,
}

/// Which characters of a text are more than themselves.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Syntax {
    /// `*` and `?`.
    pub(crate) wildcards: bool,
    /// `${…}`, from version 2012-10-17 on.
    pub(crate) variables: bool,
}

impl Template {
    /// Reads a text. Errors say what is wrong with a variable.
    pub(crate) fn parse(source: &str, syntax: Syntax) -> Result<Self, String> {
        let mut parts = Vec::new();
        let mut rest = source;
        while let Some(character) = rest.chars().next() {
            if syntax.variables && rest.starts_with("${") {
                let (inner, after) = rest
                    .strip_prefix("${")
                    .and_then(|rest| rest.split_once('}'))
                    .ok_or_else(|| format!("the variable in `{source}` has no `}}`"))?;
                parts.push(variable(inner)?);
                rest = after;
            } else {
                parts.push(Part::Token(match character {
                    '*' if syntax.wildcards => Token::AnyRun,
                    '?' if syntax.wildcards => Token::AnyCharacter,
                    other => Token::Character(other),
                }));
                rest = rest.get(character.len_utf8()..).unwrap_or_default();
            }
        }
        let fixed: Option<Vec<Token>> = parts.iter().map(|part| if let Part::Token(token) = part { Some(*token) } else { None }).collect();
        Ok(Self { source: source.into(), parts: fixed.map_or(Parts::Variable(parts), Parts::Fixed) })
    }

    /// The text as it was written.
    pub(crate) fn source(&self) -> &str {
        &self.source
    }

    /// The text with its variables filled in; none if one can not be.
    pub(crate) fn resolve(&self, context: &Context) -> Option<Cow<'_, [Token]>> {
        let parts = match &self.parts {
            Parts::Fixed(tokens) => return Some(Cow::Borrowed(tokens)),
            Parts::Variable(parts) => parts,
        };
        let mut tokens = Vec::with_capacity(parts.len());
        for part in parts {
            match part {
                Part::Token(token) => tokens.push(*token),
                Part::Variable { key, default } => {
                    let value = match context.values(key) {
                        [] => default.as_deref(),
                        [value] => Some(value.as_str()),
                        _ => None,
                    };
                    tokens.extend(value?.chars().map(Token::Character));
                }
            }
        }
        Some(Cow::Owned(tokens))
    }

    /// Whether all of `value` is what the text describes, letter for letter.
    pub(crate) fn matches(&self, value: &str, context: &Context) -> bool {
        self.resolve(context).is_some_and(|tokens| matches(&tokens, &value.chars().collect::<Vec<_>>()))
    }

    /// The same without regard to case.
    pub(crate) fn matches_ignoring_case(&self, value: &str, context: &Context) -> bool {
        let Some(tokens) = self.resolve(context) else { return false };
        let fold = |token: &Token| match token {
            Token::Character(character) => character.to_lowercase().map(Token::Character).collect(),
            wildcard => vec![*wildcard],
        };
        matches(&tokens.iter().flat_map(fold).collect::<Vec<_>>(), &value.chars().flat_map(char::to_lowercase).collect::<Vec<_>>())
    }

    /// Whether `value` is an ARN whose six parts match the text's, part by part. A text of one `*` is any ARN.
    pub(crate) fn matches_arn(&self, value: &str, context: &Context) -> bool {
        let Some(tokens) = self.resolve(context) else { return false };
        let value: Vec<&str> = value.splitn(6, ':').collect();
        if value.len() != 6 || value.first() != Some(&"arn") {
            return false;
        }
        if *tokens == [Token::AnyRun] {
            return true;
        }
        let parts: Vec<&[Token]> = tokens.splitn(6, |token| *token == Token::Character(':')).collect();
        parts.len() == 6 && parts.iter().zip(value).all(|(part, value)| matches(part, &value.chars().collect::<Vec<_>>()))
    }
}

/// Whether the tokens describe all of a value. On a mismatch it goes back to the last `*` only, so the work is at most the product of the lengths.
fn matches(tokens: &[Token], value: &[char]) -> bool {
    let (mut token, mut at) = (0_usize, 0_usize);
    let mut last_run: Option<(usize, usize)> = None;
    while let Some(character) = value.get(at) {
        match tokens.get(token) {
            Some(Token::AnyRun) => {
                last_run = Some((token, at));
                token = token.saturating_add(1);
                continue;
            }
            Some(Token::AnyCharacter) => {}
            Some(Token::Character(wanted)) if wanted == character => {}
            _ => {
                let Some((run, from)) = last_run else { return false };
                let from = from.saturating_add(1);
                last_run = Some((run, from));
                (token, at) = (run.saturating_add(1), from);
                continue;
            }
        }
        (token, at) = (token.saturating_add(1), at.saturating_add(1));
    }
    tokens.iter().skip(token).all(|token| *token == Token::AnyRun)
}

fn variable(inner: &str) -> Result<Part, String> {
    if let "*" | "?" | "$" = inner {
        return Ok(Part::Token(Token::Character(inner.chars().next().unwrap_or('$'))));
    }
    let (key, default) = match inner.split_once(',') {
        None => (inner.trim(), None),
        Some((key, default)) => {
            let default = default.trim().strip_prefix('\'').and_then(|text| text.strip_suffix('\''));
            (key.trim(), Some(default.ok_or_else(|| format!("the default in `${{{inner}}}` needs single quotes around it"))?.to_owned()))
        }
    };
    if !key.contains(':') || key.contains(['$', '{', ' ']) {
        return Err(format!(
            "`${{{inner}}}` is no policy variable; the form is ${{aws:username}}, and ${{*}}, ${{?}} and ${{$}} are the characters themselves"
        ));
    }
    Ok(Part::Variable { key: key.into(), default })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn template(source: &str) -> Template {
        Template::parse(source, Syntax { wildcards: true, variables: true }).unwrap()
    }

    #[test]
    fn wildcards_match_whole_values() {
        let none = Context::new();
        for (pattern, value, matched) in [
            ("a*c", "abbc", true),
            ("a*c", "abbcd", false),
            ("*", "", true),
            ("?", "", false),
            ("?b*", "abc", true),
            ("*a*b", "aabab", true),
            ("**", "x", true),
            ("", "", true),
            ("${*}", "*", true),
            ("${*}", "x", false),
            ("é?", "éa", true),
        ] {
            assert_eq!(template(pattern).matches(value, &none), matched, "{pattern} {value}");
        }
        assert!(template("ÄB*").matches_ignoring_case("äbc", &none));
    }

    #[test]
    fn variables_are_filled_in_as_plain_text() {
        let context: Context = [("aws:username", "a*"), ("aws:TagKeys", "x"), ("aws:TagKeys", "y")].into_iter().collect();
        assert!(template("home/${AWS:UserName}/*").matches("home/a*/x", &context));
        assert!(!template("home/${aws:username}/*").matches("home/ab/x", &context));
        assert!(!template("${aws:TagKeys}").matches("x", &context));
        assert!(!template("${aws:userid}").matches("", &context));
        assert!(template("${aws:PrincipalTag/team, 'none'}").matches("none", &context));
        let literal = Template::parse("${aws:username}", Syntax { wildcards: true, variables: false }).unwrap();
        assert!(literal.matches("${aws:username}", &context));
        for broken in ["${aws:username", "${name}", "${aws:a, b}", "${}"] {
            assert!(Template::parse(broken, Syntax { wildcards: true, variables: true }).is_err(), "{broken}");
        }
    }

    #[test]
    fn arns_match_part_by_part() {
        let none = Context::new();
        let value = "arn:aws:iam::111122223333:user/bob";
        for (pattern, matched) in [
            ("arn:aws:iam::111122223333:user/*", true),
            ("arn:*:iam::*:*", true),
            ("arn:aws:iam:*:user/bob", false),
            ("arn:aws:iam:*", false),
            ("*", true),
        ] {
            assert_eq!(template(pattern).matches_arn(value, &none), matched, "{pattern}");
        }
        assert!(!template("*").matches_arn("bob", &none));
    }
}
