//! A whole KMS, out into a snapshot and back.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use waxseal_base::env::Env;
use zeroize::Zeroizing;

use super::{LocalKms, LocalKmsOptions};
use crate::audit::AuditRecord;
use crate::primitives::KEY_LEN;
use crate::record::Record;
use crate::snapshot::{Snapshot, SnapshotError};
use crate::store::{Change, Store};

impl LocalKms {
    /// All of this KMS, its audit log too, sealed under a root key of 32 bytes that the caller keeps. It opens with
    /// [`OpenSnapshot::unseal`].
    pub fn snapshot(&self, root_key: Zeroizing<Vec<u8>>) -> Result<Vec<u8>, SnapshotError> {
        Ok(Snapshot::seal(&self.contents()?, root_key, &self.0.engine.env)?.write())
    }

    /// All of this KMS **with its keys in the clear**: whoever has the snapshot can decrypt all that this KMS ever encrypted. For worlds that are
    /// to be shared, such as a lesson or a bug report.
    pub fn danger_snapshot_without_root_key(&self) -> Result<Zeroizing<Vec<u8>>, SnapshotError> {
        Snapshot::danger_write_open(&self.contents()?)
    }

    /// A KMS of what is in a snapshot, over an empty store. Partition, account, region and root key of the options are those of the snapshot.
    pub fn restore(world: OpenSnapshot, mut options: LocalKmsOptions, env: Env, store: Arc<dyn Store>) -> Result<Self, SnapshotError> {
        let OpenSnapshot { root_key, world: World { partition, account, region, records, audit } } = world;
        (options.partition, options.account, options.region) = (partition, account, region);
        options.root_key = Some(root_key);
        let kms = Self::with_store(options, env, store)?;
        if !kms.0.store.ids("", "", 1)?.is_empty() {
            return Err(SnapshotError::NotEmpty);
        }
        let changes: Vec<Change> = records.into_iter().map(|record| Change::Put { record, expected_version: None }).collect();
        kms.0.store.commit(&changes, None)?;
        for line in &audit {
            kms.0.store.commit(&[], Some(line))?;
        }
        Ok(kms)
    }

    fn contents(&self) -> Result<Zeroizing<Vec<u8>>, SnapshotError> {
        let engine = &self.0.engine;
        let world = World {
            partition: engine.partition.clone(),
            account: self.0.administrator.account().unwrap_or_default().into(),
            region: self.region().into(),
            records: self.records()?,
            audit: self.0.store.audit(self.0.store.first_audit()?, usize::MAX)?,
        };
        let json = serde_json::to_vec(&world).map_err(|error| SnapshotError::Contents(error.to_string()))?;
        // At its full length at once: a buffer that grows leaves the root key behind where it was.
        let mut contents = Zeroizing::new(Vec::with_capacity(KEY_LEN.saturating_add(json.len())));
        contents.extend_from_slice(engine.root_key.expose());
        contents.extend_from_slice(&json);
        Ok(contents)
    }
}

/// What was in a snapshot, ready to be restored.
pub struct OpenSnapshot {
    root_key: Zeroizing<Vec<u8>>,
    world: World,
}

impl OpenSnapshot {
    /// Opens a sealed snapshot with the root key of 32 bytes that it was sealed under.
    pub fn unseal(bytes: &[u8], root_key: Zeroizing<Vec<u8>>) -> Result<Self, SnapshotError> {
        Self::parse(&Snapshot::read(bytes)?.unseal(root_key)?)
    }

    /// Reads a snapshot that is not sealed: whoever made it, or has read it, has all keys in it.
    pub fn danger_without_root_key(bytes: &[u8]) -> Result<Self, SnapshotError> {
        Self::parse(&Snapshot::read(bytes)?.danger_read_open()?)
    }

    /// A copy of the KMS's own root key, under which the store has to keep its records.
    pub fn root_key(&self) -> Zeroizing<Vec<u8>> {
        self.root_key.clone()
    }

    fn parse(contents: &[u8]) -> Result<Self, SnapshotError> {
        let Some((root_key, json)) = contents.split_first_chunk::<KEY_LEN>() else {
            return Err(SnapshotError::Contents("it ends early".into()));
        };
        let world = serde_json::from_slice(json).map_err(|error| SnapshotError::Contents(error.to_string()))?;
        Ok(Self { root_key: Zeroizing::new(root_key.to_vec()), world })
    }
}

#[derive(Serialize, Deserialize)]
struct World {
    partition: String,
    account: String,
    region: String,
    records: Vec<Record>,
    audit: Vec<AuditRecord>,
}

#[cfg(test)]
mod tests {
    use waxseal_base::env::FixedClock;
    use waxseal_base::observer::Observer;
    use waxseal_base::time::Timestamp;
    use waxseal_kms_api::blob::SecretBlob;
    use waxseal_kms_api::calls::{CreateKeyRequest, DecryptRequest, EncryptRequest};

    use super::*;
    use crate::store::MemoryStore;

    fn env() -> Env {
        Env::with_clock(FixedClock(Timestamp::parse_iso8601("2026-01-15T12:00:00Z").unwrap()))
    }

    fn sealing_key() -> Zeroizing<Vec<u8>> {
        Zeroizing::new(vec![7; KEY_LEN])
    }

    fn restored(world: OpenSnapshot) -> LocalKms {
        LocalKms::restore(world, LocalKmsOptions::default(), env(), Arc::new(MemoryStore::new())).unwrap()
    }

    #[test]
    fn a_restored_kms_is_the_same_kms() {
        let options = LocalKmsOptions { account: "444455556666".into(), region: "eu-west-1".into(), ..LocalKmsOptions::default() };
        let kms = LocalKms::new(options, env()).unwrap();
        let quiet = Observer::none();
        let key = kms.administrator().call(CreateKeyRequest::default(), &quiet).unwrap().key_metadata;
        let request = EncryptRequest {
            key_id: key.arn.clone(),
            plaintext: SecretBlob(Zeroizing::new(b"planted plaintext".to_vec())),
            ..Default::default()
        };
        let stored = kms.administrator().call(request, &quiet).unwrap().ciphertext_blob;

        let sealed = kms.snapshot(sealing_key()).unwrap();
        let open = kms.danger_snapshot_without_root_key().unwrap();
        for secret in [kms.0.engine.root_key.expose(), key.key_id.as_bytes(), b"444455556666", b"planted plaintext"] {
            assert!(!sealed.windows(secret.len()).any(|window| window == secret), "nothing of it is in the clear");
        }
        let unsealed = OpenSnapshot::unseal(&sealed, sealing_key()).unwrap();
        for copy in [restored(unsealed), restored(OpenSnapshot::danger_without_root_key(&open).unwrap())] {
            assert_eq!((copy.0.administrator.account().unwrap(), copy.region()), ("444455556666", "eu-west-1"));
            assert_eq!(copy.audit().unwrap(), kms.audit().unwrap());
            assert_eq!(copy.records().unwrap(), kms.records().unwrap());
            let request = DecryptRequest { ciphertext_blob: stored.clone(), ..Default::default() };
            assert_eq!(copy.administrator().call(request, &quiet).unwrap().plaintext.0.as_slice(), b"planted plaintext");
        }
        assert_eq!(OpenSnapshot::unseal(&sealed, Zeroizing::new(vec![8; KEY_LEN])).err(), Some(SnapshotError::WrongRootKey));
        assert_eq!(OpenSnapshot::unseal(&open, sealing_key()).err(), Some(SnapshotError::NotSealed));
    }

    #[test]
    fn what_is_no_world_or_finds_one_is_refused() {
        for contents in [&[0; 31][..], &[0; 32], b"0123456789abcdef0123456789abcdef{}"] {
            let bytes = Snapshot::danger_write_open(contents).unwrap();
            assert!(matches!(OpenSnapshot::danger_without_root_key(&bytes), Err(SnapshotError::Contents(_))));
        }
        let kms = LocalKms::new(LocalKmsOptions::default(), env()).unwrap();
        kms.administrator().call(CreateKeyRequest::default(), &Observer::none()).unwrap();
        let bytes = kms.danger_snapshot_without_root_key().unwrap();
        let world = OpenSnapshot::danger_without_root_key(&bytes).unwrap();
        assert_eq!(LocalKms::restore(world, LocalKmsOptions::default(), env(), kms.0.store.clone()).err(), Some(SnapshotError::NotEmpty));
    }
}
