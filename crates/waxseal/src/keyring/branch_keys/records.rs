//! Branch keys that a KMS key wraps: records in any store, with the encryption context of the AWS key store.
//!
//! ```text
//! a version:   type = "branch:version:<UUID>"
//! the active:  type = "branch:ACTIVE", version = "branch:version:<UUID>"
//! both:        branch-key-id, create-time, hierarchy-version = "1", kms-arn, tablename
//! ```

use std::fmt;
use std::sync::Arc;

use waxseal_base::env::Env;
use waxseal_base::observer::Observer;
use waxseal_base::reason;
use waxseal_base::threading::{BoxFuture, MaybeSend, MaybeSync};
use waxseal_kms_api::arn::Arn;
use waxseal_kms_api::blob::{Blob, SecretBlob};
use waxseal_kms_api::calls::{DecryptRequest, EncryptRequest, GenerateDataKeyRequest};
use waxseal_kms_api::encryption_context::EncryptionContext;
use waxseal_kms_api::kms::Kms;
use waxseal_kms_api::operation::Operation;

use super::super::kms::{nonsense, tell_request};
use super::{BRANCH_KEY_LEN, BranchKey, BranchKeyVersion, BranchKeys};
use crate::error::Error;

/// Unwraps the records of a store with a KMS key.
#[derive(Clone)]
pub struct KmsBranchKeys {
    kms: Arc<dyn Kms>,
    key_arn: String,
    records: Arc<dyn BranchKeyRecords>,
}

/// A store of branch keys: a table of a database, a file. What it answers is not trusted: the KMS unwraps a record only as what it is.
pub trait BranchKeyRecords: MaybeSend + MaybeSync {
    /// The active record of a branch key, if there is one.
    fn active<'a>(&'a self, branch_key_id: &'a str) -> BoxFuture<'a, Result<Option<BranchKeyRecord>, Error>>;

    /// The record of one version, if there is one.
    fn version<'a>(&'a self, branch_key_id: &'a str, version: BranchKeyVersion) -> BoxFuture<'a, Result<Option<BranchKeyRecord>, Error>>;
}

/// A wrapped branch key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BranchKeyRecord {
    /// The branch key, as the KMS wrapped it; attribute `enc` of an item in an AWS key store.
    pub ciphertext: Vec<u8>,
    /// What it is bound to: all other attributes of the item, and `tablename`.
    pub encryption_context: EncryptionContext,
}

/// The two records of a new version of a branch key. Store both at once; the active one replaces that of the version before.
#[derive(Clone, Debug)]
pub struct NewBranchKey {
    /// Which version.
    pub version: BranchKeyVersion,
    /// Its record, to be kept as long as messages are.
    pub version_record: BranchKeyRecord,
    /// The record that says that it is the active version.
    pub active_record: BranchKeyRecord,
}

impl KmsBranchKeys {
    /// Branch keys that the key of this ARN wraps.
    pub fn new(kms: Arc<dyn Kms>, key_arn: &str, records: Arc<dyn BranchKeyRecords>) -> Result<Self, Error> {
        match key_arn.parse::<Arn>() {
            Ok(arn) if arn.is_kms_key() => Ok(Self { kms, key_arn: key_arn.into(), records }),
            _ => Err(Error::invalid_input(reason!(
                "`{key_arn}` is not a key ARN; branch keys are bound to the ARN of the key that wraps them"
            ))),
        }
    }

    /// Makes a version of a branch key, of a new one or of one that is to be rotated. Nothing is stored. `table_name` is the store's name,
    /// to which the records are bound.
    pub async fn make(&self, branch_key_id: &str, table_name: &str, env: &Env, observer: &Observer) -> Result<NewBranchKey, Error> {
        let mut version: [u8; 16] = env.random_array()?;
        let [.., sixth, _, eighth, _, _, _, _, _, _, _] = &mut version;
        // A random UUID, version 4 of RFC 9562.
        *sixth = (*sixth & 0x0f) | 0x40;
        *eighth = (*eighth & 0x3f) | 0x80;
        let version = BranchKeyVersion(version);
        let mut both = EncryptionContext::new();
        for (name, value) in [
            (BRANCH_KEY_ID, branch_key_id),
            ("create-time", &env.now().to_string()),
            ("hierarchy-version", "1"),
            ("kms-arn", &self.key_arn),
            ("tablename", table_name),
        ] {
            both.insert(name, value);
        }
        let (mut of_version, mut of_active) = (both.clone(), both);
        of_version.insert(TYPE, version_type(version));
        of_active.insert(TYPE, ACTIVE_TYPE);
        of_active.insert(VERSION, version_type(version));
        self.wrap(version, of_version, of_active, observer).await
    }

    async fn wrap(
        &self,
        version: BranchKeyVersion,
        of_version: EncryptionContext,
        of_active: EncryptionContext,
        observer: &Observer,
    ) -> Result<NewBranchKey, Error> {
        tell_request(Operation::GenerateDataKey, &self.key_arn, &of_version, observer);
        let call = GenerateDataKeyRequest {
            key_id: self.key_arn.clone(),
            number_of_bytes: u32::try_from(BRANCH_KEY_LEN).ok(),
            encryption_context: of_version.clone(),
            ..Default::default()
        };
        let made = self.kms.generate_data_key(call, observer).await?;
        self.check(&made.key_id, made.plaintext.0.len(), observer)?;
        tell_request(Operation::Encrypt, &self.key_arn, &of_active, observer);
        let call = EncryptRequest {
            key_id: self.key_arn.clone(),
            plaintext: SecretBlob(made.plaintext.0),
            encryption_context: of_active.clone(),
            ..Default::default()
        };
        let active = self.kms.encrypt(call, observer).await?;
        self.check(&active.key_id, BRANCH_KEY_LEN, observer)?;
        Ok(NewBranchKey {
            version,
            version_record: BranchKeyRecord { ciphertext: made.ciphertext_blob.0, encryption_context: of_version },
            active_record: BranchKeyRecord { ciphertext: active.ciphertext_blob.0, encryption_context: of_active },
        })
    }

    async fn unwrap(&self, version: BranchKeyVersion, record: BranchKeyRecord, observer: &Observer) -> Result<Arc<BranchKey>, Error> {
        tell_request(Operation::Decrypt, &self.key_arn, &record.encryption_context, observer);
        let call = DecryptRequest {
            ciphertext_blob: Blob(record.ciphertext),
            key_id: Some(self.key_arn.clone()),
            encryption_context: record.encryption_context,
            ..Default::default()
        };
        let answer = self.kms.decrypt(call, observer).await?;
        self.check(&answer.key_id, answer.plaintext.0.len(), observer)?;
        BranchKey::new(version, answer.plaintext.0).map(Arc::new)
    }

    fn check(&self, key_id: &str, len: usize, observer: &Observer) -> Result<(), Error> {
        match (key_id == self.key_arn, len) {
            (false, _) => Err(nonsense(observer, format!("with the key `{key_id}`, not `{}`", self.key_arn))),
            (true, BRANCH_KEY_LEN) => Ok(()),
            (true, len) => Err(nonsense(observer, format!("a branch key of {len} bytes where {BRANCH_KEY_LEN} were expected"))),
        }
    }
}

impl BranchKeys for KmsBranchKeys {
    fn active<'a>(&'a self, branch_key_id: &'a str, observer: &'a Observer) -> BoxFuture<'a, Result<Arc<BranchKey>, Error>> {
        Box::pin(async move {
            let record = self.records.active(branch_key_id).await?.ok_or_else(|| missing(branch_key_id, "active version"))?;
            check_record(&record, branch_key_id, ACTIVE_TYPE)?;
            let version = record.encryption_context.value(VERSION).and_then(|text| text.strip_prefix(VERSION_TYPE));
            let version = version.unwrap_or_default().parse()?;
            self.unwrap(version, record, observer).await
        })
    }

    fn version<'a>(
        &'a self,
        branch_key_id: &'a str,
        version: BranchKeyVersion,
        observer: &'a Observer,
    ) -> BoxFuture<'a, Result<Arc<BranchKey>, Error>> {
        Box::pin(async move {
            let record = self.records.version(branch_key_id, version).await?;
            let record = record.ok_or_else(|| missing(branch_key_id, &format!("version {version}")))?;
            check_record(&record, branch_key_id, &version_type(version))?;
            self.unwrap(version, record, observer).await
        })
    }
}

impl fmt::Debug for KmsBranchKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KmsBranchKeys({:?})", self.key_arn)
    }
}

/// The store must have given the record that was asked for; that it is that one, the KMS sees to.
fn check_record(record: &BranchKeyRecord, branch_key_id: &str, record_type: &str) -> Result<(), Error> {
    let context = &record.encryption_context;
    if (context.value(BRANCH_KEY_ID), context.value(TYPE)) == (Some(branch_key_id), Some(record_type)) {
        return Ok(());
    }
    Err(Error::invalid_input(reason!("the store gave another record than that of branch key `{branch_key_id}` of type `{record_type}`")))
}

fn missing(branch_key_id: &str, what: &str) -> Error {
    Error::invalid_input(reason!("the store has no {what} of branch key `{branch_key_id}`"))
}

fn version_type(version: BranchKeyVersion) -> String {
    format!("{VERSION_TYPE}{version}")
}

const BRANCH_KEY_ID: &str = "branch-key-id";
const TYPE: &str = "type";
const VERSION: &str = "version";
const ACTIVE_TYPE: &str = "branch:ACTIVE";
const VERSION_TYPE: &str = "branch:version:";
