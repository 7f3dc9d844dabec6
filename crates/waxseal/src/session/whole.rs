//! Sessions over data that is all there.

use zeroize::Zeroizing;

use super::{Decryptor, Encryptor, Finished, reserve};
use crate::error::Error;
use crate::plan::{FrameLayout, FramePlan};
use crate::primitives::TAG_LEN;

impl Encryptor {
    /// Encrypts all of the plaintext, of which nothing is planned yet: the whole message comes back.
    pub fn seal_all(mut self, plaintext: &[u8]) -> Result<Vec<u8>, Error> {
        let mut message = self.header_bytes().to_vec();
        let sealed = seal_onto(&mut self, plaintext, &mut message);
        sealed.map_err(|error| self.fail(error))?;
        message.extend_from_slice(&self.finish()?);
        Ok(message)
    }
}

impl Decryptor {
    /// Decrypts all that follows the header, of which nothing is planned yet. Nothing is returned until all of it is verified: every frame, the signature, and
    /// that nothing follows.
    pub fn open_all(mut self, body: &[u8]) -> Result<Zeroizing<Vec<u8>>, Error> {
        // The plaintext is shorter than the body, so the buffer never grows and leaves no copy; if anything fails, it is wiped.
        let mut plaintext = Zeroizing::new(Vec::new());
        reserve(&mut plaintext, body.len()).map_err(|error| self.fail(error))?;
        let mut rest = body;
        while !rest.is_empty() && !self.has_last_frame() {
            let (taken, plan) = self.plan_head(rest)?;
            rest = rest.get(taken..).unwrap_or_default();
            if let Some(plan) = plan {
                rest = open_frame(&mut self, &plan, rest, &mut plaintext)?;
            }
        }
        self.verify(body.get(..body.len().saturating_sub(rest.len())).unwrap_or_default())?;
        match self.finish(rest)? {
            Finished::Verified => Ok(plaintext),
            // Only who asks for it gets a signature to verify.
            Finished::SignatureToVerify(signature) => signature.verified(false).and(Err(Error::DecryptionFailed)),
        }
    }
}

fn seal_onto(encryptor: &mut Encryptor, plaintext: &[u8], message: &mut Vec<u8>) -> Result<(), Error> {
    let frame_length = encryptor.frame_length();
    let body_len = FrameLayout::new(frame_length)?.body_len_for(plaintext.len() as u64)?;
    reserve(message, usize::try_from(body_len).unwrap_or(usize::MAX))?;
    let mut rest = plaintext;
    loop {
        let len = u32::try_from(rest.len()).unwrap_or(u32::MAX).min(frame_length);
        let (frame, after) = rest.split_at_checked(usize::try_from(len).unwrap_or(usize::MAX)).unwrap_or((rest, &[]));
        let plan = encryptor.plan(len, after.is_empty())?;
        encryptor.seal_onto(&plan, frame, message)?;
        if after.is_empty() {
            return Ok(());
        }
        rest = after;
    }
}

/// Opens the frame whose ciphertext `rest` starts with; what follows its tag comes back.
fn open_frame<'a>(decryptor: &mut Decryptor, plan: &FramePlan, rest: &'a [u8], plaintext: &mut Vec<u8>) -> Result<&'a [u8], Error> {
    let parts = usize::try_from(plan.len()).ok().and_then(|len| {
        let (ciphertext, rest) = rest.split_at_checked(len)?;
        let (tag, rest) = rest.split_first_chunk::<TAG_LEN>()?;
        Some((ciphertext, tag, rest))
    });
    let Some((ciphertext, tag, rest)) = parts else { return Err(decryptor.disordered()) };
    let start = plaintext.len();
    plaintext.extend_from_slice(ciphertext);
    decryptor.open(plan, plaintext.get_mut(start..).unwrap_or_default(), tag)?;
    Ok(rest)
}
