//! Commands that give the bytes of a step again, from the inputs that the trace shows. They need Python and, for AES, its package
//! `cryptography`.

use std::fmt::Write;

use super::Derivation;

/// HKDF with SHA-512, as the message format has it, with nothing but Python.
pub(super) fn hkdf(label: &str, data_key: &[u8], message_id: &[u8]) -> Derivation {
    let (info, what) = match label {
        "DERIVEKEY" => ("bytes.fromhex('0478')+b'DERIVEKEY'", "the message key"),
        _ => ("b'COMMITKEY'", "the commitment"),
    };
    let command = format!(
        "python3 -c \"import hmac; prk=hmac.digest(bytes.fromhex('{}'),bytes.fromhex('{}'),'sha512'); print(hmac.digest(prk,{info}+b'\\x01','sha512')[:32].hex())\"",
        hex(message_id),
        hex(data_key)
    );
    Derivation { sentence: format!("HKDF-SHA-512 of the data key, with the message id as salt, gives {what}."), command }
}

/// The tag of a header: AES-256-GCM of nothing, with the header as additional data and twelve zero bytes as nonce.
pub(super) fn header_tag(message_key: &[u8], header_with_tag: &[u8]) -> Derivation {
    let header = header_with_tag.get(..header_with_tag.len().saturating_sub(TAG_LEN)).unwrap_or_default();
    let command = format!(
        "python3 -c \"from cryptography.hazmat.primitives.ciphers.aead import AESGCM; print(AESGCM(bytes.fromhex('{}')).encrypt(bytes(12),b'',bytes.fromhex('{}')).hex())\"",
        hex(message_key),
        hex(header)
    );
    Derivation {
        sentence: "AES-256-GCM under the message key, with the header as what is authenticated, gives the header tag.".into(),
        command,
    }
}

pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a string does not fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

const TAG_LEN: usize = 16;
