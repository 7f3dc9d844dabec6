//! What frames' tags became where others sealed or opened them.

/// Tags, one after the other; none at all if nobody is interested in them.
pub(crate) fn unpack(tags: &[u8]) -> impl Iterator<Item = [u8; 16]> {
    tags.as_chunks().0.iter().copied()
}
