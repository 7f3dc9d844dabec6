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
    form: Form,
}

/// What has to be done to compare.
#[derive(Clone, Debug)]
enum Form {
    /// No variables and no wildcards.
    Literal(String),
    /// No variables.
    Pattern(Vec<Token>),
    /// Filled in for each request.
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
        Ok(Self { source: source.into(), form: Form::of(parts) })
    }

    /// The text as it was written.
    pub(crate) fn source(&self) -> &str {
        &self.source
    }

    /// Whether it has a variable that the request does not fill in.
    pub(crate) fn is_unresolved(&self, context: &Context) -> bool {
        matches!(&self.form, Form::Variable(parts) if resolve(parts, context).is_none())
    }

    /// Whether all of `value` is what the text describes, letter for letter.
    pub(crate) fn matches(&self, value: &str, context: &Context) -> bool {
        match &self.form {
            Form::Literal(literal) => literal == value,
            Form::Pattern(tokens) => matches(tokens, value),
            Form::Variable(parts) => resolve(parts, context).is_some_and(|tokens| matches(&tokens, value)),
        }
    }

    /// The same without regard to case.
    pub(crate) fn matches_ignoring_case(&self, value: &str, context: &Context) -> bool {
        let tokens = match &self.form {
            Form::Literal(literal) if literal.is_ascii() && value.is_ascii() => return literal.eq_ignore_ascii_case(value),
            Form::Literal(literal) => return literal.chars().flat_map(char::to_lowercase).eq(value.chars().flat_map(char::to_lowercase)),
            Form::Pattern(tokens) => Cow::Borrowed(tokens.as_slice()),
            Form::Variable(parts) => match resolve(parts, context) {
                Some(tokens) => Cow::Owned(tokens),
                None => return false,
            },
        };
        if value.is_ascii() && tokens.iter().all(|token| !matches!(token, Token::Character(character) if !character.is_ascii())) {
            return matches_by(&tokens, value, |wanted, found| wanted.eq_ignore_ascii_case(&found));
        }
        let fold = |token: &Token| match token {
            Token::Character(character) => character.to_lowercase().map(Token::Character).collect(),
            wildcard => vec![*wildcard],
        };
        let folded: String = value.chars().flat_map(char::to_lowercase).collect();
        matches(&tokens.iter().flat_map(fold).collect::<Vec<_>>(), &folded)
    }

    /// Whether `value` is an ARN whose six parts match the text's, part by part. A text of one `*` is any ARN.
    pub(crate) fn matches_arn(&self, value: &str, context: &Context) -> bool {
        if !value.starts_with("arn:") || value.splitn(6, ':').count() != 6 {
            return false;
        }
        let tokens = match &self.form {
            Form::Literal(literal) => return literal == value,
            Form::Pattern(tokens) => Cow::Borrowed(tokens.as_slice()),
            Form::Variable(parts) => match resolve(parts, context) {
                Some(tokens) => Cow::Owned(tokens),
                None => return false,
            },
        };
        if *tokens == [Token::AnyRun] {
            return true;
        }
        let parts = || tokens.splitn(6, |token| *token == Token::Character(':'));
        parts().count() == 6 && parts().zip(value.splitn(6, ':')).all(|(part, value)| matches(part, value))
    }
}

impl Form {
    fn of(parts: Vec<Part>) -> Self {
        let tokens: Option<Vec<Token>> = parts.iter().map(|part| if let Part::Token(token) = part { Some(*token) } else { None }).collect();
        let Some(tokens) = tokens else { return Self::Variable(parts) };
        let literal: Option<String> =
            tokens.iter().map(|token| if let Token::Character(character) = token { Some(*character) } else { None }).collect();
        literal.map_or(Self::Pattern(tokens), Self::Literal)
    }
}

/// The text with its variables filled in; none if one can not be.
fn resolve(parts: &[Part], context: &Context) -> Option<Vec<Token>> {
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
    Some(tokens)
}

fn matches(tokens: &[Token], value: &str) -> bool {
    matches_by(tokens, value, |wanted, found| wanted == found)
}

/// Whether the tokens describe all of a value. On a mismatch it goes back to the last `*` only, so the work is at most the product of the lengths.
fn matches_by(tokens: &[Token], value: &str, same: impl Fn(char, char) -> bool) -> bool {
    let (mut token, mut rest) = (0_usize, value);
    let mut last_run: Option<(usize, &str)> = None;
    while let Some(character) = rest.chars().next() {
        match tokens.get(token) {
            Some(Token::AnyRun) => {
                token = token.saturating_add(1);
                last_run = Some((token, rest));
                continue;
            }
            Some(Token::AnyCharacter) => {}
            Some(Token::Character(wanted)) if same(*wanted, character) => {}
            _ => {
                let Some((after_run, from)) = last_run else { return false };
                let from = without_first(from);
                last_run = Some((after_run, from));
                (token, rest) = (after_run, from);
                continue;
            }
        }
        (token, rest) = (token.saturating_add(1), without_first(rest));
    }
    tokens.iter().skip(token).all(|token| *token == Token::AnyRun)
}

fn without_first(text: &str) -> &str {
    let mut characters = text.chars();
    characters.next();
    characters.as_str()
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
