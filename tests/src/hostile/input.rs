//! What a target makes of its bytes: choices first, and data with what is left.

use super::sessions::Sizes;

/// Bytes that decide something, read front to back. After the end they are zeros.
pub(super) struct Input<'a>(pub(super) &'a [u8]);

impl<'a> Input<'a> {
    /// A choice.
    pub(super) fn byte(&mut self) -> u8 {
        self.take(1).first().copied().unwrap_or_default()
    }

    /// One of several.
    pub(super) fn one_of<'b, T>(&mut self, all: &'b [T]) -> &'b T {
        &all[usize::from(self.byte()) % all.len()]
    }

    /// As many bytes as the next one says, up to seven, as sizes of pieces.
    pub(super) fn sizes(&mut self) -> Sizes<'a> {
        let count = usize::from(self.byte() % 8);
        Sizes(self.take(count))
    }

    /// So many bytes, or all that are left.
    pub(super) fn take(&mut self, len: usize) -> &'a [u8] {
        let (taken, rest) = self.0.split_at_checked(len).unwrap_or((self.0, &[]));
        self.0 = rest;
        taken
    }
}
