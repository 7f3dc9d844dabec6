//! JSON with secrets in it: requests are written into memory that is wiped, and answers are read in place, without a copy of all their values.

use std::collections::BTreeMap;

use base64ct::{Base64, Base64Unpadded, Base64UrlUnpadded, Encoding};
use serde::de::DeserializeOwned;
use serde_json::Value;
use serde_json::value::RawValue;
use waxseal_kms_api::encryption_context::EncryptionContext;
use zeroize::Zeroizing;

use crate::error::ClientError;

/// An object that is being written, member after member.
pub(crate) struct Object {
    json: Zeroizing<Vec<u8>>,
}

impl Object {
    pub(crate) fn new() -> Self {
        let mut json = Zeroizing::new(Vec::with_capacity(ROOM));
        json.push(b'{');
        Self { json }
    }

    pub(crate) fn text(self, name: &str, value: &str) -> Self {
        self.member(name, &quoted(value))
    }

    pub(crate) fn number(self, name: &str, value: usize) -> Self {
        self.member(name, &value.to_string())
    }

    /// Bytes in padded base64.
    pub(crate) fn bytes(self, name: &str, value: &[u8]) -> Self {
        let text = Zeroizing::new(Base64::encode_string(value));
        self.encoded(name, &text)
    }

    /// Bytes in base64url without padding.
    pub(crate) fn url_bytes(self, name: &str, value: &[u8]) -> Self {
        let text = Zeroizing::new(Base64UrlUnpadded::encode_string(value));
        self.encoded(name, &text)
    }

    pub(crate) fn context(self, name: &str, context: &EncryptionContext) -> Self {
        let pairs: Vec<_> = context.iter().map(|(key, value)| format!("{}:{}", quoted(key), quoted(value))).collect();
        self.member(name, &format!("{{{}}}", pairs.join(",")))
    }

    pub(crate) fn list(self, name: &str, values: &[String]) -> Self {
        let values: Vec<_> = values.iter().map(|value| quoted(value)).collect();
        self.member(name, &format!("[{}]", values.join(",")))
    }

    pub(crate) fn boolean(self, name: &str, value: bool) -> Self {
        self.member(name, if value { "true" } else { "false" })
    }

    /// With what `more` adds, if there is a value.
    pub(crate) fn and<T>(self, value: Option<T>, more: impl FnOnce(Self, T) -> Self) -> Self {
        match value {
            Some(value) => more(self, value),
            None => self,
        }
    }

    pub(crate) fn finish(mut self) -> Zeroizing<Vec<u8>> {
        self.push(b"}");
        self.json
    }

    /// The object with the members of another one after its own.
    pub(crate) fn finish_with(mut self, other: &[u8]) -> Zeroizing<Vec<u8>> {
        let members = other.get(1..).unwrap_or(b"}");
        if self.json.len() > 1 && members.len() > 1 {
            self.push(b",");
        }
        self.push(members);
        self.json
    }

    fn encoded(self, name: &str, text: &str) -> Self {
        let mut this = self.member(name, "\"");
        this.push(text.as_bytes());
        this.push(b"\"");
        this
    }

    fn member(mut self, name: &str, json: &str) -> Self {
        if self.json.len() > 1 {
            self.push(b",");
        }
        for part in [quoted(name).as_str(), ":", json] {
            self.push(part.as_bytes());
        }
        self
    }

    /// A buffer that grows by itself would leave what was in it behind.
    fn push(&mut self, bytes: &[u8]) {
        let len = self.json.len().saturating_add(bytes.len());
        if len > self.json.capacity() {
            let mut larger = Zeroizing::new(Vec::with_capacity(len.saturating_mul(2)));
            larger.extend_from_slice(&self.json);
            self.json = larger;
        }
        self.json.extend_from_slice(bytes);
    }
}

fn quoted(text: &str) -> String {
    Value::from(text).to_string()
}

/// The members of an answer. One that is not there, or is something else, makes all of it no answer.
pub(crate) struct Members<'a> {
    of: AnswerOf,
    members: BTreeMap<String, &'a RawValue>,
}

/// Whose answer it is, for errors.
#[derive(Clone)]
pub(crate) struct AnswerOf {
    pub(crate) vendor: &'static str,
    pub(crate) status: u16,
    pub(crate) request_id: Option<String>,
}

impl AnswerOf {
    pub(crate) fn wrong(&self, what: impl std::fmt::Display) -> ClientError {
        ClientError::nonsense(self.vendor, what, self.status, self.request_id.clone())
    }
}

impl<'a> Members<'a> {
    pub(crate) fn read(json: &'a [u8], of: AnswerOf) -> Result<Self, ClientError> {
        let members = serde_json::from_slice(json).map_err(|_| of.wrong("what is no JSON object"))?;
        Ok(Self { of, members })
    }

    pub(crate) fn text(&self, name: &str) -> Result<String, ClientError> {
        self.maybe_text(name).filter(|text| !text.is_empty()).ok_or_else(|| self.wrong(format_args!("no `{name}` that is a string")))
    }

    pub(crate) fn maybe_text(&self, name: &str) -> Option<String> {
        serde_json::from_str(self.members.get(name)?.get()).ok()
    }

    pub(crate) fn is_true(&self, name: &str) -> bool {
        self.members.get(name).is_some_and(|value| value.get() == "true")
    }

    /// A number, or one that is written as text, as 64-bit numbers are.
    pub(crate) fn number(&self, name: &str) -> Option<u64> {
        let json = self.members.get(name)?.get();
        json.trim_matches('"').parse().ok()
    }

    pub(crate) fn object(&self, name: &str) -> Result<Members<'a>, ClientError> {
        let json = self.members.get(name).map(|value| value.get());
        let members = json.and_then(|json| serde_json::from_str(json).ok());
        let members = members.ok_or_else(|| self.wrong(format_args!("no `{name}` that is an object")))?;
        Ok(Members { of: self.of.clone(), members })
    }

    /// What a member is, in a shape of AWS's.
    pub(crate) fn parsed<T: DeserializeOwned>(&self, name: &str) -> Result<T, ClientError> {
        let parsed = self.members.get(name).and_then(|value| serde_json::from_str(value.get()).ok());
        parsed.ok_or_else(|| self.wrong(format_args!("no `{name}` that is complete")))
    }

    /// Bytes, which may be secret: base64 of either alphabet.
    pub(crate) fn bytes(&self, name: &str) -> Result<Zeroizing<Vec<u8>>, ClientError> {
        let missing = || self.wrong(format_args!("no `{name}` that is a string"));
        let json = self.members.get(name).ok_or_else(missing)?.get();
        let text = match json.strip_prefix('"').and_then(|json| json.strip_suffix('"')) {
            // As good as always: base64 has nothing that has to be escaped.
            Some(text) if !text.contains('\\') => Zeroizing::new(text.to_owned()),
            Some(_) => Zeroizing::new(serde_json::from_str(json).map_err(|_| missing())?),
            None => return Err(missing()),
        };
        if text.is_empty() {
            return Err(missing());
        }
        match decode(&text) {
            Some(bytes) if !bytes.is_empty() => Ok(bytes),
            _ => Err(self.wrong(format_args!("a `{name}` that is not base64 of anything"))),
        }
    }

    /// A data key of the length that was asked for.
    pub(crate) fn data_key(&self, name: &str, len: usize) -> Result<Zeroizing<Vec<u8>>, ClientError> {
        let data_key = self.bytes(name)?;
        match data_key.len() {
            given if given == len => Ok(data_key),
            given => Err(self.wrong(format_args!("a data key of {given} bytes where {len} were asked for"))),
        }
    }

    pub(crate) fn wrong(&self, what: impl std::fmt::Display) -> ClientError {
        self.of.wrong(what)
    }
}

/// Text in what is no secret, by its JSON Pointer, such as `/error/code`.
pub(crate) fn text_at(json: &Value, pointer: &str) -> Option<String> {
    json.pointer(pointer).and_then(Value::as_str).map(str::to_owned)
}

/// What a request has to be encrypted, as it is sent: whatever the vendor calls it.
pub(crate) fn plaintext_in(request: &[u8]) -> Option<Zeroizing<String>> {
    let members: BTreeMap<&str, &RawValue> = serde_json::from_slice(request).ok()?;
    let text = ["Plaintext", "plaintext", "value"].iter().find_map(|name| members.get(name))?.get();
    Some(Zeroizing::new(text.trim_matches('"').to_owned()))
}

fn decode(text: &str) -> Option<Zeroizing<Vec<u8>>> {
    let padding = text.len().saturating_sub(text.trim_end_matches('=').len());
    let body = text.get(..text.len().saturating_sub(padding))?;
    // In one piece of memory, which is wiped.
    let mut bytes = Zeroizing::new(body.as_bytes().to_vec());
    for byte in bytes.iter_mut() {
        *byte = match *byte {
            b'-' => b'+',
            b'_' => b'/',
            byte => byte,
        };
    }
    let len = Base64Unpadded::decode_in_place(&mut bytes).ok()?.len();
    bytes.truncate(len);
    (padding <= 2).then_some(bytes)
}

/// More bytes than nearly all requests have.
const ROOM: usize = 16 * 1024;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_reads_back() {
        let context = [("ключ", "\"\u{1}\u{2028}"), ("a", "\\")].into_iter().collect();
        let long = vec![7; 20_000];
        let json = Object::new()
            .text("text", "a\n\"b\"")
            .number("number", 32)
            .boolean("flag", true)
            .bytes("bytes", &[255, 254])
            .url_bytes("url", &[255, 254])
            .context("context", &context)
            .list("list", &["x".into(), "y\t".into()])
            .and(None::<u8>, |object, _| object.text("none", ""))
            .bytes("long", &long)
            .finish();
        let value: Value = serde_json::from_slice(&json).unwrap();
        assert_eq!(value["text"], "a\n\"b\"");
        assert_eq!(
            (&value["number"], &value["flag"], &value["bytes"], &value["url"]),
            (&32.into(), &true.into(), &"//4=".into(), &"__4".into())
        );
        assert_eq!((&value["context"]["ключ"], &value["context"]["a"]), (&"\"\u{1}\u{2028}".into(), &"\\".into()));
        assert_eq!((value["list"][1].as_str(), value.get("none")), (Some("y\t"), None));
        let of = AnswerOf { vendor: "a KMS", status: 200, request_id: None };
        let members = Members::read(&json, of).unwrap();
        assert_eq!((members.bytes("bytes").unwrap(), members.bytes("url").unwrap()), (vec![255, 254].into(), vec![255, 254].into()));
        assert_eq!(*members.bytes("long").unwrap(), long);
        assert_eq!(*Object::new().finish(), b"{}");
    }

    #[test]
    fn base64_is_of_either_alphabet_and_escapes_are_read() {
        let json =
            r#"{"a":"-_8\u003d","b":"+/8=","c":"*","d":"","e":"AA===","f":7,"g":"A","h":"A\u0000","n":"7","big":"18446744073709551615"}"#;
        let members = Members::read(json.as_bytes(), AnswerOf { vendor: "a KMS", status: 200, request_id: None }).unwrap();
        assert_eq!((members.bytes("a").unwrap().as_slice(), members.bytes("b").unwrap().as_slice()), (&[251, 255][..], &[251, 255][..]));
        for name in ["c", "d", "e", "f", "g", "h", "none"] {
            assert!(members.bytes(name).unwrap_err().message.contains(&format!("`{name}` that is")), "{name}");
        }
        assert_eq!(
            (members.number("n"), members.number("f"), members.number("big"), members.number("c")),
            (Some(7), Some(7), Some(u64::MAX), None)
        );
        assert!(Members::read(b"[1]", AnswerOf { vendor: "a KMS", status: 200, request_id: None }).is_err());
    }
}
