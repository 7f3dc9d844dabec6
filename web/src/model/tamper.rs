//! What somebody with access to the disk can do to a message without any key: alter it. The results are well-formed messages.

use waxseal::message::{self, Header};
use waxseal_base::codec::{Part, Writer};

/// The message with another encryption context in its header.
pub(super) fn with_other_context(message: &[u8], key: &str, value: &str) -> Result<Vec<u8>, String> {
    with_header(message, |header| header.encryption_context.insert(key, value))
}

/// The message with the encrypted data keys of another one.
pub(super) fn with_data_key_of(message: &[u8], other: &[u8]) -> Result<Vec<u8>, String> {
    let other = Header::read_from(other).map_err(|error| error.to_string())?;
    with_header(message, |header| header.encrypted_data_keys = other.encrypted_data_keys)
}

/// The message with one bit of its ciphertext flipped: in its third frame, or in the last if it has fewer.
pub(super) fn with_flipped_bit(message: &[u8]) -> Result<Vec<u8>, String> {
    let fields = message::fields(message).map_err(|error| error.to_string())?;
    let frames = fields.iter().filter(|field| field.part == Part::Ciphertext).take(3);
    let place = frames.last().map(|field| field.range.start + field.range.len() / 2).ok_or("the message has no ciphertext")?;
    let mut altered = message.to_vec();
    *altered.get_mut(place).ok_or("the message ends early")? ^= 1;
    Ok(altered)
}

fn with_header(message: &[u8], alter: impl FnOnce(&mut Header)) -> Result<Vec<u8>, String> {
    let mut header = Header::read_from(message).map_err(|error| error.to_string())?;
    let written = |header: &Header| {
        let mut writer = Writer::new();
        header.write(&mut writer).map_err(|error| error.to_string())?;
        Ok::<_, String>(writer.finish())
    };
    let old_len = written(&header)?.len();
    alter(&mut header);
    let mut altered = written(&header)?;
    altered.extend_from_slice(message.get(old_len..).unwrap_or_default());
    Ok(altered)
}
