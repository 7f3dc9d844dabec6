//! JSON that knows where in the text it stands, so that every error of a policy can name line, column and element. `serde_json` reads it;
//! raw values borrowed from the text keep their place and their order.

use std::fmt;

use serde::Deserializer as _;
use serde::de::{IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use crate::error::{PolicyError, PolicyErrorKind};

/// A value inside a document.
#[derive(Clone, Debug)]
pub(crate) struct Json<'a> {
    document: &'a str,
    raw: &'a str,
    path: String,
}

/// A member of an object.
#[derive(Clone, Debug)]
pub(crate) struct Member<'a> {
    pub(crate) key: String,
    pub(crate) value: Json<'a>,
}

impl<'a> Json<'a> {
    /// Checks the syntax of a whole document.
    pub(crate) fn parse(document: &'a str) -> Result<Self, PolicyError> {
        match serde_json::from_str::<IgnoredAny>(document) {
            Ok(_) => Ok(Self { document, raw: document.trim(), path: String::new() }),
            Err(error) => {
                let message = error.to_string();
                let message = message.split_once(" at line ").map_or(message.as_str(), |(message, _)| message);
                let line_start = document.split_inclusive('\n').take(error.line().saturating_sub(1)).map(str::len).sum::<usize>();
                Err(error_at(
                    document,
                    line_start.saturating_add(error.column().saturating_sub(1)),
                    "",
                    format!("this is not JSON: {message}"),
                ))
            }
        }
    }

    /// Where the value starts and ends in the document, in bytes.
    pub(crate) fn range(&self) -> std::ops::Range<usize> {
        let start = offset_in(self.document, self.raw);
        start..start.saturating_add(self.raw.len())
    }

    /// An error about this value.
    pub(crate) fn error(&self, message: impl Into<String>) -> PolicyError {
        error_at(self.document, offset_in(self.document, self.raw), &self.path, message.into())
    }

    pub(crate) fn is_object(&self) -> bool {
        self.raw.starts_with('{')
    }

    pub(crate) fn is_array(&self) -> bool {
        self.raw.starts_with('[')
    }

    pub(crate) fn is_string(&self) -> bool {
        self.raw.starts_with('"')
    }

    /// The members of an object, in order. A key that is there twice is an error: it would say two things.
    pub(crate) fn members(&self) -> Result<Vec<Member<'a>>, PolicyError> {
        let pairs = serde_json::Deserializer::from_str(self.raw)
            .deserialize_map(Members)
            .map_err(|_| self.error(format!("expected an object, found {}", self.description())))?;
        let mut members: Vec<Member<'a>> = Vec::with_capacity(pairs.len());
        for (key, value) in pairs {
            let key_json = Self { document: self.document, raw: key.get(), path: self.path.clone() };
            let key = key_json.string()?;
            if members.iter().any(|member| member.key == key) {
                return Err(key_json.error(format!("`{key}` is there twice")));
            }
            let path = if self.path.is_empty() { key.clone() } else { format!("{}.{key}", self.path) };
            members.push(Member { key, value: Self { document: self.document, raw: value.get(), path } });
        }
        Ok(members)
    }

    /// The items of a list; anything else is a list of itself.
    pub(crate) fn one_or_many(&self) -> Result<Vec<Self>, PolicyError> {
        if !self.is_array() {
            return Ok(vec![self.clone()]);
        }
        let items = serde_json::Deserializer::from_str(self.raw)
            .deserialize_seq(Items)
            .map_err(|_| self.error(format!("expected a list, found {}", self.description())))?;
        let item =
            |(index, raw): (usize, &'a RawValue)| Self { document: self.document, raw: raw.get(), path: format!("{}[{index}]", self.path) };
        Ok(items.into_iter().enumerate().map(item).collect())
    }

    /// The text of a string.
    pub(crate) fn string(&self) -> Result<String, PolicyError> {
        serde_json::from_str(self.raw).map_err(|_| self.error(format!("expected a string, found {}", self.description())))
    }

    /// The text of a string, number or boolean.
    pub(crate) fn scalar(&self) -> Result<String, PolicyError> {
        match self.raw.as_bytes().first() {
            Some(b'{' | b'[' | b'n') | None => {
                Err(self.error(format!("expected a string, number or boolean, found {}", self.description())))
            }
            Some(b'"') => self.string(),
            Some(_) => Ok(self.raw.to_owned()),
        }
    }

    fn description(&self) -> &'static str {
        match self.raw.as_bytes().first() {
            Some(b'{') => "an object",
            Some(b'[') => "a list",
            Some(b'"') if serde_json::from_str::<String>(self.raw).is_err() => "a string with a broken escape",
            Some(b'"') => "a string",
            Some(b't' | b'f') => "a boolean",
            Some(b'n') => "null",
            _ => "a number",
        }
    }
}

/// An error at a byte of a document.
pub(crate) fn error_at(document: &str, offset: usize, path: &str, message: String) -> PolicyError {
    let mut end = offset.min(document.len());
    while !document.is_char_boundary(end) {
        end = end.saturating_sub(1);
    }
    let before = document.get(..end).unwrap_or_default();
    let last_line = before.rsplit('\n').next().unwrap_or_default();
    PolicyError {
        line: before.matches('\n').count().saturating_add(1),
        column: last_line.chars().count().saturating_add(1),
        path: path.to_owned(),
        message,
        kind: PolicyErrorKind::Malformed,
    }
}

/// Where `part` stands in the text it is borrowed from.
fn offset_in(document: &str, part: &str) -> usize {
    part.as_ptr().addr().saturating_sub(document.as_ptr().addr())
}

struct Members;

impl<'de> Visitor<'de> for Members {
    type Value = Vec<(&'de RawValue, &'de RawValue)>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut members = Vec::new();
        while let Some(member) = map.next_entry()? {
            members.push(member);
        }
        Ok(members)
    }
}

struct Items;

impl<'de> Visitor<'de> for Items {
    type Value = Vec<&'de RawValue>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = seq.next_element()? {
            items.push(item);
        }
        Ok(items)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_know_their_place() {
        let text = "{\n  \"a\": [1,\n    {\"é\": true, \"b\": null}]\n}";
        let members = Json::parse(text).unwrap().members().unwrap();
        let items = members[0].value.one_or_many().unwrap();
        assert_eq!(items[0].scalar().unwrap(), "1");
        let b = items[1].members().unwrap().pop().unwrap().value;
        let error = b.error("no");
        assert_eq!((error.line, error.column, error.path.as_str()), (3, 22, "a[1].b"));
        assert_eq!(text.get(items[1].range()), Some("{\"é\": true, \"b\": null}"));
    }

    #[test]
    fn broken_json_is_located() {
        let error = Json::parse("{\n \"a\": nope}").unwrap_err();
        assert_eq!((error.line, error.column, error.message.as_str()), (2, 8, "this is not JSON: expected ident"));
        let error = Json::parse("{\"a\": 1, \"\\u0061\": 2}").unwrap().members().unwrap_err();
        assert_eq!((error.column, error.message.as_str()), (10, "`a` is there twice"));
        assert!(Json::parse("").is_err());
        let lone_surrogate = Json::parse("\"\\ud800\"").unwrap();
        assert!(lone_surrogate.string().unwrap_err().message.contains("broken escape"));
    }

    #[test]
    fn nesting_does_not_use_the_stack() {
        let deep = "[".repeat(500_000) + &"]".repeat(500_000);
        let items = Json::parse(&deep).unwrap().one_or_many().unwrap();
        assert_eq!(items[0].raw.len(), deep.len() - 2);
    }
}
