//! What a header says, as bytes, which `www/npm/shared/small/start.js` reads; `bytes` are a u16 length and that many:
//!
//! ```text
//! u16 suite; bytes message id; u32 frame length, or 0 for none; bytes commitment; bytes encryption context, canonical; u16 count of encrypted data keys,
//! each three times bytes; bytes of the encryption context that data keys are bound to, canonical: where pairs are not stored, it has more
//! ```

use waxseal::Error;
use waxseal::message::Header;
use waxseal_base::codec::Writer;
use waxseal_kms_api::encryption_context::EncryptionContext;

/// Appends it.
pub(crate) fn write(header: &Header, bound: &EncryptionContext, to: &mut Writer) -> Result<(), Error> {
    to.u16(header.suite.id()).u16_prefixed("message id", header.message_id.as_bytes())?;
    to.u32(header.content.frame_length().unwrap_or_default());
    to.u16_prefixed("commitment", header.commitment.as_ref().map_or(&[], |commitment| commitment))?;
    header.encryption_context.write(to)?;
    to.u16(u16::try_from(header.encrypted_data_keys.len()).unwrap_or_default());
    for key in &header.encrypted_data_keys {
        key.write(to)?;
    }
    bound.write(to)?;
    Ok(())
}
