//! How the body of an AWS JSON 1.1 request is read: an object is an object and never a list in its order, a member that is null is not there,
//! nothing is there twice, and a refusal names the member and keeps its value to itself.

use std::collections::BTreeSet;
use std::fmt;

use serde::Deserializer;
use serde::de::value::{MapDeserializer, SeqDeserializer};
use serde::de::{Error as _, IntoDeserializer, MapAccess, Visitor};
use serde::forward_to_deserialize_any;
use serde_json::value::RawValue;
use serde_json::{Error, from_str};

/// A value of a body, which is not looked into before somebody asks.
pub(super) struct Value<'de> {
    raw: &'de str,
    place: Place,
}

impl<'de> Value<'de> {
    /// A whole body, which has to be JSON of any depth.
    pub(super) fn of_body(body: &'de str) -> Result<Self, Error> {
        Ok(Self { raw: from_str::<&RawValue>(body)?.get(), place: Place::default() })
    }

    fn is_null(&self) -> bool {
        self.raw == "null"
    }

    fn members(self) -> Result<impl Iterator<Item = (String, Self)>, Error> {
        let Self { raw, place } = self;
        let pairs = serde_json::Deserializer::from_str(raw).deserialize_map(Pairs).map_err(|error| place.error(error))?;
        let mut names = BTreeSet::new();
        if let Some((name, _)) = pairs.iter().find(|(name, _)| !names.insert(name.as_str())) {
            let name: String = name.chars().take(MAX_NAME_LEN).collect();
            return Err(place.error(format!("the member `{name}` is there twice")));
        }
        let dot = if place.path.is_empty() { "" } else { "." };
        Ok(pairs.into_iter().map(move |(name, value)| {
            let place = place.inner(&format!("{dot}{name}"));
            (name, Self { raw: value.get(), place })
        }))
    }

    fn items(self) -> Result<impl Iterator<Item = Self>, Error> {
        let Self { raw, place } = self;
        let items: Vec<&RawValue> = from_str(raw).map_err(|error| place.error(error))?;
        Ok(items.into_iter().enumerate().map(move |(index, value)| Self { raw: value.get(), place: place.inner(&format!("[{index}]")) }))
    }
}

impl<'de> Deserializer<'de> for Value<'de> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        let (raw, place) = (self.raw, self.place.clone());
        if place.depth > MAX_DEPTH {
            return Err(place.error("the nesting is too deep"));
        }
        let read = match raw.as_bytes().first() {
            Some(b'{') => visitor.visit_map(MapDeserializer::new(self.members()?)),
            Some(b'[') => visitor.visit_seq(SeqDeserializer::new(self.items()?)),
            _ => serde_json::Deserializer::from_str(raw).deserialize_any(visitor),
        };
        read.map_err(|error| place.error(error))
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        if self.is_null() { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_struct<V: Visitor<'de>>(self, _: &'static str, _: &'static [&'static str], visitor: V) -> Result<V::Value, Error> {
        let place = self.place.clone();
        if !self.raw.starts_with('{') {
            return Err(place.error("expected an object"));
        }
        let members = self.members()?.filter(|(_, value)| !value.is_null());
        visitor.visit_map(MapDeserializer::new(members)).map_err(|error| place.error(error))
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_unit()
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct seq tuple tuple_struct map
        enum identifier
    }
}

impl<'de> IntoDeserializer<'de, Error> for Value<'de> {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

/// Where in a body a value stands.
#[derive(Clone, Default)]
struct Place {
    /// Such as `Tags[0].TagKey`; empty for the body itself.
    path: String,
    depth: u8,
}

impl Place {
    fn inner(&self, name: &str) -> Self {
        // A path is for people, and names in it can be anything.
        let name = if name.len() > MAX_NAME_LEN { "" } else { name };
        Self { path: format!("{}{name}", self.path), depth: self.depth.saturating_add(1) }
    }

    /// What is wrong with the value at this place, unless the error says already at which. The value itself is left out: it may be secret, and
    /// the caller has it.
    fn error(&self, error: impl fmt::Display) -> Error {
        let text = error.to_string();
        if text.starts_with('`') {
            return Error::custom(text);
        }
        let text = text.rsplit_once(" at line ").map_or(text.as_str(), |(text, _)| text);
        let text = match text.rsplit_once(", expected ") {
            Some((_, "u32")) => "expected a whole number from 0 to 4294967295".into(),
            Some((_, "f64")) => "expected a number".into(),
            Some((_, expected)) => format!("expected {expected}"),
            None => text.to_owned(),
        };
        if self.path.is_empty() { Error::custom(text) } else { Error::custom(format!("`{}`: {text}", self.path)) }
    }
}

/// Reads an object's members in order.
struct Pairs;

impl<'de> Visitor<'de> for Pairs {
    type Value = Vec<(String, &'de RawValue)>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut pairs = Vec::new();
        while let Some(pair) = map.next_entry()? {
            pairs.push(pair);
        }
        Ok(pairs)
    }
}

/// No request has more levels than five.
const MAX_DEPTH: u8 = 16;
/// Bytes of a name that a refusal repeats.
const MAX_NAME_LEN: usize = 64;
