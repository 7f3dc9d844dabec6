//! Encrypting under a KMS key, and decrypting: which generation of the key is used, and how a key for one ciphertext comes from it.

use waxseal_base::event::{Kind, SecretName, Verified};
use waxseal_base::secret::Secret;
use waxseal_kms_api::encryption_context::EncryptionContext;
use waxseal_kms_api::fault::{Fault, FaultCode};

use crate::blob::{BlobHeader, CIPHERTEXT_LABEL, CiphertextBlob, DERIVATION_NONCE_LEN, MAX_BLOB_LEN};
use crate::key_record::{KeyRecord, Material};
use crate::key_spec::KeySpec;
use crate::primitives::{self, IV_LEN};
use crate::refusals::{failed, incorrect_key, internal, invalid_ciphertext};
use crate::scene::Scene;
use crate::validation::invalid;

/// What came of encrypting.
pub(crate) struct Wrapped {
    pub(crate) blob: Vec<u8>,
    pub(crate) material_id: String,
}

/// Encrypts under the newest generation of a key.
pub(crate) fn wrap(scene: &Scene<'_>, key: &KeyRecord, plaintext: &[u8], context: &EncryptionContext) -> Result<Wrapped, Fault> {
    let material = key.current_material()?;
    let derivation_nonce: [u8; DERIVATION_NONCE_LEN] = scene.engine.env.random_array().map_err(failed)?;
    let iv: [u8; IV_LEN] = scene.engine.env.random_array().map_err(failed)?;
    let secret = choose(scene, key, material)?;
    scene.observer.emit(|_| Kind::RandomDrawn { purpose: "derivation nonce and iv".into(), len: DERIVATION_NONCE_LEN + IV_LEN });
    let ciphertext_len = u16::try_from(plaintext.len()).map_err(|_| internal("the plaintext is too long for the format"))?;
    let material_id = material_id_bytes(&material.id)?;
    let header = BlobHeader { key_id: key.id.clone(), material_id, derivation_nonce, iv, ciphertext_len };
    let aad = additional_data(&header, context)?;
    let derived =
        primitives::derive(&secret, &derivation_nonce, CIPHERTEXT_LABEL, SecretName::WrappingKey, scene.observer).map_err(failed)?;
    let (ciphertext, tag) = primitives::seal(&derived, iv, &aad, plaintext).map_err(failed)?;
    let blob = CiphertextBlob { header, ciphertext, tag }.write().filter(|blob| blob.len() <= MAX_BLOB_LEN);
    Ok(Wrapped { blob: blob.ok_or_else(|| internal("the ciphertext does not fit its format"))?, material_id: material.id.clone() })
}

/// Decrypts a ciphertext of a key, under whichever generation made it: its id comes along.
pub(crate) fn unwrap(scene: &Scene<'_>, key: &KeyRecord, blob: &[u8], context: &EncryptionContext) -> Result<(Secret, String), Fault> {
    open(scene, key, blob, context).inspect_err(|fault| {
        if matches!(fault.code, FaultCode::InvalidCiphertextException | FaultCode::IncorrectKeyException) {
            scene.fail_verification(Verified::EncryptedDataKey);
        }
    })
}

fn open(scene: &Scene<'_>, key: &KeyRecord, blob: &[u8], context: &EncryptionContext) -> Result<(Secret, String), Fault> {
    let blob = CiphertextBlob::read(blob).map_err(|_| invalid_ciphertext())?;
    if blob.header.key_id != key.id {
        return Err(incorrect_key());
    }
    if key.key_spec != KeySpec::SymmetricDefault {
        return Err(invalid_ciphertext());
    }
    let material_id = hex::encode(blob.header.material_id);
    let material = key.materials.iter().find(|material| material.id == material_id).ok_or_else(invalid_ciphertext)?;
    let secret = choose(scene, key, material)?;
    let aad = additional_data(&blob.header, context)?;
    let nonce = blob.header.derivation_nonce;
    let derived = primitives::derive(&secret, &nonce, CIPHERTEXT_LABEL, SecretName::WrappingKey, scene.observer).map_err(failed)?;
    let plaintext = primitives::open(&derived, blob.header.iv, &aad, &blob.ciphertext, blob.tag).map_err(|_| invalid_ciphertext())?;
    Ok((Secret::new(SecretName::DataKey, plaintext, scene.observer), material_id))
}

/// Refuses an encryption context that has no canonical form.
pub(crate) fn check_context(context: &EncryptionContext) -> Result<(), Fault> {
    context.to_canonical_bytes().map(|_| ()).map_err(|error| invalid(format!("The encryption context is too long: {error}")))
}

/// The newest generation of a key's secret: of a key pair, the private key (PKCS#8).
pub(crate) fn current_secret(scene: &Scene<'_>, key: &KeyRecord) -> Result<Secret, Fault> {
    choose(scene, key, key.current_material()?)
}

fn choose(scene: &Scene<'_>, key: &KeyRecord, material: &Material) -> Result<Secret, Fault> {
    let wrapped = material.wrapped.as_ref().ok_or_else(|| internal("the key material is gone, and the key is not pending import"))?;
    let secret = scene.engine.root_key.unwrap(&key.id, &material.id, wrapped, scene.observer).map_err(failed)?;
    let current = key.materials.last().is_some_and(|newest| newest.id == material.id);
    scene.observer.emit(|_| Kind::MaterialChosen { material_id: material.id.clone(), current });
    Ok(secret)
}

fn additional_data(header: &BlobHeader, context: &EncryptionContext) -> Result<Vec<u8>, Fault> {
    let mut aad = header.write().ok_or_else(|| internal("the ciphertext does not fit its format"))?;
    aad.extend(context.to_canonical_bytes().map_err(|error| invalid(format!("The encryption context is too long: {error}")))?);
    Ok(aad)
}

fn material_id_bytes(id: &str) -> Result<[u8; 32], Fault> {
    hex::decode(id).ok().and_then(|bytes| bytes.try_into().ok()).ok_or_else(|| internal("the key material has a malformed id"))
}
