//! Frames as they are in a message, for ciphers that are here. Crate `npm-small` compiles this file too, where it has ciphers.

use waxseal::plan::FramePlan;

/// Frames one after the other, as they are in a message.
pub(crate) struct Wire<'a>(pub(crate) &'a mut [u8]);

impl<'a> Wire<'a> {
    /// Data and tag of the next frame, which is the one that was planned so; none if not all of it is there.
    pub(crate) fn next_frame<'p>(&mut self, plan: &'p FramePlan) -> Option<(&'p FramePlan, &'a mut [u8], &'a mut [u8; 16])> {
        let (data_len, head_len) = (usize::try_from(plan.len()).ok()?, plan.piece.head_len());
        let (_, rest) = std::mem::take(&mut self.0).split_at_mut_checked(head_len)?;
        let (data, rest) = rest.split_at_mut_checked(data_len)?;
        let (tag, rest) = rest.split_first_chunk_mut()?;
        self.0 = rest;
        Some((plan, data, tag))
    }
}
