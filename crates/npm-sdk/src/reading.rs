//! How a message is to be decrypted, as JavaScript hands it over: already of the right types.

use wasm_bindgen::JsValue;
use waxseal::{DecryptOptions, Error};

use crate::encryption_context;
use crate::members::{flag, member, number};

/// `encryptionContext`, pairs that must be in the message; `reproduced`, those that it may be bound to without storing them; `unsignedOnly`, whether signed
/// messages are refused; `maxBufferedFrame`, bytes of plaintext in a frame at most; `verifyElsewhere`, whether JavaScript verifies signatures.
pub(crate) fn options(reading: &JsValue) -> Result<DecryptOptions, Error> {
    Ok(DecryptOptions {
        encryption_context: encryption_context::from_js(&member(reading, "encryptionContext"))?,
        reproduced_encryption_context: encryption_context::from_js(&member(reading, "reproduced"))?,
        unsigned_only: flag(reading, "unsignedOnly"),
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a whole number that is not negative")]
        max_buffered_frame: number(reading, "maxBufferedFrame").map(|most| most as u64),
        verify_elsewhere: flag(reading, "verifyElsewhere"),
    })
}
