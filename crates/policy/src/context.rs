//! What is known about a request: condition keys and their values.

use std::collections::BTreeMap;

/// The condition keys of a request, such as `aws:SourceIp`, each with one or several values. Names are compared without regard to case, also
/// the context key in `kms:EncryptionContext:<context-key>`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Context(BTreeMap<String, Vec<String>>);

impl Context {
    /// Nothing known.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a value to a key. A key that has one already gets several: so two pairs of an encryption context whose keys differ only in case can
    /// not hide one another.
    pub fn insert(&mut self, key: impl AsRef<str>, value: impl Into<String>) {
        self.0.entry(folded(key.as_ref())).or_default().push(value.into());
    }

    /// Gives a key this value alone.
    pub(crate) fn replace(&mut self, key: impl AsRef<str>, value: impl Into<String>) {
        self.0.insert(folded(key.as_ref()), vec![value.into()]);
    }

    /// Adds several values to a key. Without any the key stays absent.
    pub fn insert_all<V: Into<String>>(&mut self, key: impl AsRef<str>, values: impl IntoIterator<Item = V>) {
        for value in values {
            self.insert(key.as_ref(), value);
        }
    }

    /// The values of a key, none if the request does not have it.
    pub fn values(&self, key: &str) -> &[String] {
        self.values_of_folded(&folded(key))
    }

    /// The values of a key that is in lower case already.
    pub(crate) fn values_of_folded(&self, key: &str) -> &[String] {
        self.0.get(key).map_or(&[], Vec::as_slice)
    }

    /// The value of a key that has exactly one.
    pub fn single(&self, key: &str) -> Option<&str> {
        match self.values(key) {
            [value] => Some(value),
            _ => None,
        }
    }

    /// All keys, in lower case, with their values.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &[String])> {
        self.0.iter().map(|(key, values)| (key.as_str(), values.as_slice()))
    }
}

impl<K: AsRef<str>, V: Into<String>> FromIterator<(K, V)> for Context {
    fn from_iter<T: IntoIterator<Item = (K, V)>>(pairs: T) -> Self {
        let mut context = Self::new();
        for (key, value) in pairs {
            context.insert(key, value);
        }
        context
    }
}

/// A name as it is compared.
pub(crate) fn folded(name: &str) -> String {
    name.to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_ignore_case_and_values_add_up() {
        let mut context: Context = [("kms:EncryptionContext:AppName", "Ledger")].into_iter().collect();
        assert_eq!(context.single("KMS:encryptioncontext:appname"), Some("Ledger"));
        context.insert("kms:EncryptionContext:appname", "other");
        assert_eq!(context.values("kms:EncryptionContext:AppName"), ["Ledger", "other"]);
        assert_eq!(context.single("kms:EncryptionContext:AppName"), None);
        context.insert_all("aws:TagKeys", Vec::<String>::new());
        assert_eq!(context.iter().count(), 1);
    }
}
