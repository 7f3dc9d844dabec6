//! Frames as they are in a message, for ciphers that are here. Crate `npm-small` compiles this file too, where it has ciphers.

use waxseal::Error;
use waxseal::plan::FramePlan;
use waxseal::session::{Decryptor, Encryptor};
use zeroize::Zeroizing;

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

/// Seals the next frames of those that are planned, given as they are in the message but with plaintext for ciphertext.
pub(crate) fn seal(encryptor: &mut Encryptor, planned: &mut Vec<FramePlan>, wire: &mut [u8]) -> Result<(), Error> {
    let mut rest = Wire(wire);
    let mut sealed = 0;
    while let Some((plan, data, tag)) = planned.get(sealed).and_then(|plan| rest.next_frame(plan)) {
        *tag = encryptor.seal(plan, data)?;
        sealed += 1;
    }
    planned.drain(..sealed);
    Ok(())
}

/// Opens the next frames of those that are planned, given as they are in the message: their plaintext.
pub(crate) fn open(decryptor: &mut Decryptor, planned: &mut Vec<FramePlan>, wire: &mut [u8]) -> Result<Zeroizing<Vec<u8>>, Error> {
    let mut plaintext = Zeroizing::new(Vec::with_capacity(wire.len()));
    let mut rest = Wire(wire);
    let mut opened = 0;
    while let Some((plan, data, tag)) = planned.get(opened).and_then(|plan| rest.next_frame(plan)) {
        decryptor.open(plan, data, tag)?;
        plaintext.extend_from_slice(data);
        opened += 1;
    }
    planned.drain(..opened);
    Ok(plaintext)
}
