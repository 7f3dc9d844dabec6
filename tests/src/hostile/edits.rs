//! Hostile input that is nearly genuine.

/// The genuine bytes, changed as edits of three bytes each say: what to do, where, and with which byte. Of more than 256 bytes, the place is one
/// in so many equal parts, and what to do says which byte of it.
pub(super) fn edited(genuine: &[u8], edits: &[u8]) -> Vec<u8> {
    let mut bytes = genuine.to_vec();
    for edit in edits.chunks_exact(3).take(MAX_EDITS) {
        let (kind, place, byte) = (edit[0], usize::from(edit[1]), edit[2]);
        if bytes.is_empty() {
            break;
        }
        let part = genuine.len().div_ceil(256).max(1);
        let place = (place * part + usize::from(kind) / 5 % part) % bytes.len();
        match kind % 5 {
            0 => bytes[place] ^= byte,
            1 => bytes[place] = byte,
            2 => bytes.insert(place, byte),
            3 => drop(bytes.remove(place)),
            _ => bytes.truncate(place.max(usize::from(byte))),
        }
    }
    bytes
}

const MAX_EDITS: usize = 64;
