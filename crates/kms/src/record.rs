//! A record at rest: a small JSON body with a version, and a seal by which the engine notices a body that was edited, copied to another id
//! or given another version. A whole record that is put back to an older, genuine one is not noticed.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use subtle::ConstantTimeEq;
use waxseal_base::time::Timestamp;

use crate::primitives::KEY_LEN;
use crate::root_key::RootKey;

/// One record, as a host stores it. Every text in it may be public: key material is wrapped.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// Such as `key/1234abcd-…` or `account/111122223333`.
    pub id: String,
    /// Counts the changes, from 1.
    pub version: u64,
    /// JSON.
    pub body: String,
    /// When something about it falls due by itself, such as the end of a waiting period: the host then asks the engine. None: never.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub next_due: Option<Timestamp>,
    /// HMAC-SHA-256 over id, version, due time and body under a key derived from the root key.
    pub seal: Seal,
}

/// The seal of a record; 64 hexadecimal digits where it is a text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Seal([u8; KEY_LEN]);

impl Seal {
    /// Reads its digits. A text of another form is the seal of no record.
    pub fn from_hex(text: &str) -> Self {
        let mut seal = Self::default();
        match hex::decode_to_slice(text, &mut seal.0) {
            Ok(()) => seal,
            Err(_) => Self::default(),
        }
    }

    /// Its digits.
    pub fn to_hex(self) -> String {
        hex::encode(self.0)
    }
}

impl Serialize for Seal {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.to_hex())
    }
}

impl<'de> Deserialize<'de> for Seal {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self::from_hex(&String::deserialize(deserializer)?))
    }
}

/// Which record it is, of those that had its id: two with the same stamp are the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stamp {
    /// Its version.
    pub version: u64,
    /// Its seal.
    pub seal: Seal,
}

impl Record {
    /// Writes a body down.
    pub(crate) fn seal<B: Body>(id: String, version: u64, body: &B, root_key: &RootKey) -> Result<Self, UnusableRecord> {
        let next_due = body.next_due();
        let body = body.write().map_err(|_| UnusableRecord { id: id.clone(), why: "can not be written" })?;
        match root_key.seal_record(&id, version, next_due, &body) {
            Ok(seal) => Ok(Self { seal: Seal(seal), id, version, body, next_due }),
            Err(_) => Err(UnusableRecord { id, why: "can not be sealed" }),
        }
    }

    /// The body, if it is what the engine wrote under this id and version.
    pub(crate) fn open<B: Body>(&self, root_key: &RootKey) -> Result<B, UnusableRecord> {
        let unusable = |why| UnusableRecord { id: self.id.clone(), why };
        let expected =
            root_key.seal_record(&self.id, self.version, self.next_due, &self.body).map_err(|_| unusable("can not be checked"))?;
        if !bool::from(self.seal.0.ct_eq(&expected)) {
            return Err(unusable("was altered since this KMS wrote it, or belongs to another root key"));
        }
        B::read(&self.body).map_err(|_| unusable("is of a form that this version does not know"))
    }

    /// Which of the records with its id it is.
    pub fn stamp(&self) -> Stamp {
        Stamp { version: self.version, seal: self.seal }
    }

    /// Its size in bytes, as a host stores it.
    pub fn len(&self) -> usize {
        self.id.len().saturating_add(self.body.len()).saturating_add(size_of::<Seal>()).saturating_add(size_of::<u64>())
    }

    /// Whether there is nothing in it.
    pub fn is_empty(&self) -> bool {
        self.body.is_empty()
    }
}

/// What a record can hold.
pub(crate) trait Body: Serialize + DeserializeOwned {
    /// When something about it falls due by itself.
    fn next_due(&self) -> Option<Timestamp> {
        None
    }

    /// As JSON.
    fn write(&self) -> serde_json::Result<String> {
        serde_json::to_string(self)
    }

    /// What was written.
    fn read(text: &str) -> serde_json::Result<Self> {
        serde_json::from_str(text)
    }
}

/// A record that the engine will not use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct UnusableRecord {
    pub(crate) id: String,
    pub(crate) why: &'static str,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::root_key::tests::root_key;

    use crate::account_record::AccountRecord;

    impl Body for Vec<String> {}

    #[test]
    fn an_edited_record_is_noticed() {
        let record = Record::seal("key/1".into(), 3, &vec!["policy".to_owned()], &root_key(1)).unwrap();
        assert_eq!(record.open::<Vec<String>>(&root_key(1)), Ok(vec!["policy".to_owned()]));
        let edits = [
            Record { body: record.body.replace("policy", "Policy"), ..record.clone() },
            Record { id: "key/2".into(), ..record.clone() },
            Record { version: 2, ..record.clone() },
            Record { next_due: Some(Timestamp::default()), ..record.clone() },
            Record { seal: Seal::default(), ..record.clone() },
            Record { seal: Seal::from_hex(&"zz".repeat(32)), ..record.clone() },
        ];
        for edited in edits {
            assert!(edited.open::<Vec<String>>(&root_key(1)).unwrap_err().why.starts_with("was altered"), "{edited:?}");
        }
        let written = serde_json::to_string(&record).unwrap();
        assert_eq!(serde_json::from_str::<Record>(&written).unwrap(), record);
        assert!(written.contains(&record.seal.to_hex()));
        assert!(record.open::<Vec<String>>(&root_key(2)).is_err());
        assert!(record.open::<AccountRecord>(&root_key(1)).unwrap_err().why.contains("form"));
    }
}
