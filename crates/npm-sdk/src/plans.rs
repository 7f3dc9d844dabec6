//! Plans of frames as bytes: one record after the other, every field in a place of its own, so that those of many frames cross the border
//! in one call; and what else of a session both modules give as bytes. Crate `npm-small` compiles this file too. `www/npm/shared/engines/record.js` has the same places.

use waxseal::message::Piece;
use waxseal::plan::FramePlan;
use waxseal::session::SignatureToVerify;
use waxseal_base::codec::Writer;

/// The records of the plans.
pub(crate) fn pack(plans: &[FramePlan]) -> Vec<u8> {
    let mut records = vec![0; plans.len() * RECORD];
    for (record, plan) in records.chunks_exact_mut(RECORD).zip(plans) {
        let mut head = Writer::new();
        plan.head().write(&mut head);
        let (head, data_len) = (head.finish(), plan.len().to_le_bytes());
        let numbers = [&length(&head)[..], &length(&plan.aad)[..], &data_len[..]].concat();
        for (at, field) in [(HEAD_LENGTH, numbers.as_slice()), (IV, &plan.iv[..]), (HEAD, head.as_slice()), (AAD, &plan.aad[..])] {
            if let Some(place) = record.get_mut(at..at + field.len()) {
                place.copy_from_slice(field);
            }
        }
    }
    records
}

/// What is left to verify of a signed message: one byte for the length of the public key, which says which curve it is of, the key, and the signature.
pub(crate) fn to_verify(signature: &SignatureToVerify) -> Vec<u8> {
    let key = signature.public_key();
    [&[u8::try_from(key.len()).unwrap_or_default()][..], key, signature.signature()].concat()
}

/// A length of less than a hundred bytes.
fn length(bytes: &[u8]) -> [u8; 4] {
    u32::try_from(bytes.len()).unwrap_or_default().to_le_bytes()
}

/// Lengths of head and of additional data, 32 bits each, then the length of the data, 64 bits: little-endian.
const HEAD_LENGTH: usize = 0;
const IV: usize = 16;
const HEAD: usize = 28;
const AAD: usize = HEAD + Piece::FinalFrame.head_len();
/// Room for the longest additional data, and up to the next multiple of four bytes.
const RECORD: usize = AAD + 80;
