//! The cipher of raw AES keyrings alone, for whoever makes the rest of one elsewhere.

use waxseal_base::secret::scrub_stack;
use zeroize::Zeroizing;

use crate::primitives::{GcmKey, TAG_LEN, Tag};

/// Encrypts a data key by AES-GCM; its tag stands at the end. None if the wrapping key has no length that this build knows: 32 bytes, with the feature `legacy`
/// 16 and 24 too.
pub fn seal(key: &[u8], iv: &[u8; 12], aad: &[u8], data_key: &[u8]) -> Option<Vec<u8>> {
    // Encrypted in place, in a buffer that never grows: no copy of the data key stays behind.
    let mut buffer = Zeroizing::new(Vec::with_capacity(data_key.len().saturating_add(TAG_LEN)));
    buffer.extend_from_slice(data_key);
    let tag = with_cipher(key, |cipher| cipher.seal(iv, aad, &mut buffer).ok())?;
    buffer.extend_from_slice(&tag);
    Some(std::mem::take(&mut *buffer))
}

/// Decrypts what [`seal`] encrypted. None if it is anything else: why, nobody is told.
pub fn open(key: &[u8], iv: &[u8; 12], aad: &[u8], sealed: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let (ciphertext, tag) = sealed.split_last_chunk::<TAG_LEN>()?;
    let mut buffer = Zeroizing::new(ciphertext.to_vec());
    let tag: &Tag = tag;
    with_cipher(key, |cipher| cipher.open(iv, aad, &mut buffer, tag).ok())?;
    Some(buffer)
}

fn with_cipher<T>(key: &[u8], act: impl FnOnce(&GcmKey) -> Option<T>) -> Option<T> {
    let result = GcmKey::new(key).and_then(|cipher| act(&cipher));
    scrub_stack();
    result
}
