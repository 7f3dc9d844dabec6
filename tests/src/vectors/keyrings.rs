//! The keyrings that a case asks for.

use std::sync::Arc;

use anyhow::{Context, Result, bail};
use sha2::{Digest, Sha256};
use waxseal::Error;
use waxseal::keyring::{
    BranchKey, BranchKeyVersion, BranchKeys, HierarchicalKeyring, KeyRequest, Keyring, KmsKeyring, MultiKeyring, NewDataKey, OaepHash,
    RawAesKeyring, RawRsaKeyring, RsaKeys,
};
use waxseal::message::EncryptedDataKey;
use waxseal_base::event::SecretName;
use waxseal_base::observer::Observer;
use waxseal_base::secret::Secret;
use waxseal_base::threading::BoxFuture;
use waxseal_kms_api::blob::SecretBlob;
use waxseal_kms_api::calls::{
    DecryptRequest, DecryptResponse, EncryptRequest, EncryptResponse, GenerateDataKeyRequest, GenerateDataKeyResponse,
};
use waxseal_kms_api::fault::{Fault, FaultCode};
use waxseal_kms_api::kms::{Kms, KmsError};
use zeroize::Zeroizing;

use super::case::{Case, Key, KeyFile, Keys, KmsAnswer};

/// Each of these keyrings must give the expected outcome: the one of the case's keys, and one on a stand-in KMS where the case has answers.
pub(super) fn for_case(case: &Case, keys: &KeyFile) -> Result<Vec<Arc<dyn Keyring>>> {
    let mut keyrings = vec![of_keys(&case.keys, keys)?];
    if !case.kms.is_empty() {
        keyrings.push(of_stand_in(&case.kms)?);
    }
    Ok(keyrings)
}

fn of_keys(keys: &Keys, file: &KeyFile) -> Result<Arc<dyn Keyring>> {
    Ok(match keys {
        Keys::DataKey { hex } => Arc::new(KnownDataKey(Zeroizing::new(hex::decode(hex)?))),
        Keys::RawAes { key, namespace, name } => {
            let bytes = hex::decode(entry(file, key)?.hex.as_deref().with_context(|| format!("`{key}` is not a symmetric key"))?)?;
            Arc::new(RawAesKeyring::new(namespace, name, Zeroizing::new(bytes))?)
        }
        Keys::RawRsa { key, namespace, name, padding, hash } => {
            let pem = entry(file, key)?.private_pem.as_deref().with_context(|| format!("`{key}` has no private key"))?.as_bytes();
            Arc::new(match (padding.as_str(), hash.as_deref()) {
                ("pkcs1", _) => RawRsaKeyring::danger_pkcs1_v15_decrypt_only(namespace, name, pem)?,
                ("oaep", Some(hash)) => RawRsaKeyring::new(namespace, name, oaep_hash(hash)?, RsaKeys::Private(pem))?,
                _ => bail!("there is no padding `{padding}` with hash {hash:?}"),
            })
        }
        Keys::Hierarchy { key } => {
            let entry = entry(file, key)?;
            let (Some(id), Some(version), Some(bytes)) = (&entry.branch_key_id, &entry.version, &entry.hex) else {
                bail!("`{key}` is not a branch key")
            };
            let branch_key = BranchKey::new(version.parse()?, Zeroizing::new(hex::decode(bytes)?))?;
            Arc::new(HierarchicalKeyring::new(Arc::new(KnownBranchKey { id: id.clone(), key: Arc::new(branch_key) }), id)?)
        }
        Keys::Multi { of } => {
            let children = of.iter().map(|keys| of_keys(keys, file)).collect::<Result<_>>()?;
            Arc::new(MultiKeyring::new(None, children)?)
        }
        Keys::Other { kind } => bail!("there is no keyring for keys of type `{kind}`"),
    })
}

fn entry<'a>(file: &'a KeyFile, key: &str) -> Result<&'a Key> {
    file.get(key).with_context(|| format!("there is no key `{key}` in `keys.json`"))
}

fn oaep_hash(name: &str) -> Result<OaepHash> {
    Ok(match name {
        "sha1" => OaepHash::Sha1,
        "sha256" => OaepHash::Sha256,
        "sha384" => OaepHash::Sha384,
        "sha512" => OaepHash::Sha512,
        other => bail!("there is no hash `{other}`"),
    })
}

/// A branch key of one version.
struct KnownBranchKey {
    id: String,
    key: Arc<BranchKey>,
}

impl KnownBranchKey {
    fn get(&self, branch_key_id: &str) -> Result<Arc<BranchKey>, Error> {
        match branch_key_id == self.id {
            true => Ok(self.key.clone()),
            false => Err(Error::InvalidInput { reason: format!("there is no branch key `{branch_key_id}`") }),
        }
    }
}

impl BranchKeys for KnownBranchKey {
    fn active<'a>(&'a self, branch_key_id: &'a str, _observer: &'a Observer) -> BoxFuture<'a, Result<Arc<BranchKey>, Error>> {
        Box::pin(async move { self.get(branch_key_id) })
    }

    fn version<'a>(
        &'a self,
        branch_key_id: &'a str,
        _version: BranchKeyVersion,
        _observer: &'a Observer,
    ) -> BoxFuture<'a, Result<Arc<BranchKey>, Error>> {
        Box::pin(async move { self.get(branch_key_id) })
    }
}

fn of_stand_in(answers: &[KmsAnswer]) -> Result<Arc<dyn Keyring>> {
    let kms = Arc::new(StandIn(answers.to_vec()));
    let mut children: Vec<Arc<dyn Keyring>> = Vec::new();
    for answer in answers {
        children.push(Arc::new(KmsKeyring::new(kms.clone(), &answer.key_arn)?));
    }
    Ok(Arc::new(MultiKeyring::new(None, children)?))
}

/// Says that it unwrapped any encrypted data key to the data key it was given.
struct KnownDataKey(Zeroizing<Vec<u8>>);

impl Keyring for KnownDataKey {
    fn make_data_key<'a>(&'a self, _request: &'a KeyRequest, _observer: &'a Observer) -> BoxFuture<'a, Result<NewDataKey, Error>> {
        Box::pin(async { Err(only_decrypts()) })
    }

    fn wrap_data_key<'a>(
        &'a self,
        _data_key: &'a Secret,
        _request: &'a KeyRequest,
        _observer: &'a Observer,
    ) -> BoxFuture<'a, Result<Vec<EncryptedDataKey>, Error>> {
        Box::pin(async { Err(only_decrypts()) })
    }

    fn unwrap_data_key<'a>(
        &'a self,
        _keys: &'a [EncryptedDataKey],
        _request: &'a KeyRequest,
        observer: &'a Observer,
    ) -> BoxFuture<'a, Option<Result<Secret, Error>>> {
        Box::pin(async move { Some(Ok(Secret::new(SecretName::DataKey, self.0.clone(), observer))) })
    }
}

fn only_decrypts() -> Error {
    Error::InvalidInput { reason: "a known data key only decrypts".into() }
}

/// A KMS that knows the answers to some Decrypt requests.
struct StandIn(Vec<KmsAnswer>);

impl Kms for StandIn {
    fn generate_data_key<'a>(
        &'a self,
        _request: GenerateDataKeyRequest,
        _observer: &'a Observer,
    ) -> BoxFuture<'a, Result<GenerateDataKeyResponse, KmsError>> {
        Box::pin(async { Err(Fault::silent(FaultCode::UnsupportedOperationException).into()) })
    }

    fn encrypt<'a>(&'a self, _request: EncryptRequest, _observer: &'a Observer) -> BoxFuture<'a, Result<EncryptResponse, KmsError>> {
        Box::pin(async { Err(Fault::silent(FaultCode::UnsupportedOperationException).into()) })
    }

    fn decrypt<'a>(&'a self, request: DecryptRequest, _observer: &'a Observer) -> BoxFuture<'a, Result<DecryptResponse, KmsError>> {
        Box::pin(async move {
            let sha256 = hex::encode(Sha256::digest(&request.ciphertext_blob.0));
            let known =
                self.0.iter().find(|answer| Some(&answer.key_arn) == request.key_id.as_ref() && answer.ciphertext_blob_sha256 == sha256);
            let plaintext = known.and_then(|answer| hex::decode(&answer.plaintext_data_key).ok());
            let (Some(known), Some(plaintext)) = (known, plaintext) else {
                return Err(Fault::silent(FaultCode::InvalidCiphertextException).into());
            };
            Ok(DecryptResponse {
                plaintext: SecretBlob(Zeroizing::new(plaintext)),
                key_id: known.key_arn.clone(),
                key_material_id: None,
                encryption_algorithm: None,
            })
        })
    }
}
