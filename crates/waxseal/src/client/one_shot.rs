//! Sessions over a message that is all there.

use waxseal_base::observer::Observer;
use zeroize::Zeroizing;

use super::{Client, DecryptOptions, Decrypted, EncryptOptions};
use crate::error::Error;
use crate::plan::{FrameLayout, FramePlan};
use crate::primitives::TAG_LEN;
use crate::session::{Decryptor, Encryptor, Finished, reserve};

impl Client {
    /// Encrypts `plaintext` under a new data key and returns the message.
    pub async fn encrypt(&self, plaintext: &[u8], options: &EncryptOptions, observer: &Observer) -> Result<Vec<u8>, Error> {
        options.check_signed_here()?;
        let encryptor = self.start_encryption_of(Some(plaintext.len() as u64), options, observer).await?;
        encrypt_all(encryptor, plaintext)
    }

    /// Decrypts a message. Nothing is returned until all of it is verified: commitment, header, every frame, the signature, and that nothing
    /// follows.
    pub async fn decrypt(&self, message: &[u8], options: &DecryptOptions, observer: &Observer) -> Result<Decrypted, Error> {
        options.check_verified_here()?;
        let mut reader = self.read_header(Some(message.len() as u64), observer);
        let (taken, received) = reader.push(message)?;
        let Some(received) = received else { return Err(reader.ended()) };
        let decryptor = self.start_decryption(received, options).await?;
        decrypt_all(decryptor, message.get(taken..).unwrap_or_default())
    }
}

fn encrypt_all(mut encryptor: Encryptor, plaintext: &[u8]) -> Result<Vec<u8>, Error> {
    let mut message = encryptor.header_bytes().to_vec();
    let sealed = seal_all(&mut encryptor, plaintext, &mut message);
    sealed.map_err(|error| encryptor.fail(error))?;
    message.extend_from_slice(&encryptor.finish()?);
    Ok(message)
}

fn seal_all(encryptor: &mut Encryptor, plaintext: &[u8], message: &mut Vec<u8>) -> Result<(), Error> {
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

fn decrypt_all(mut decryptor: Decryptor, body: &[u8]) -> Result<Decrypted, Error> {
    // The plaintext is shorter than the body, so the buffer never grows and leaves no copy; if anything fails, it is wiped.
    let mut plaintext = Zeroizing::new(Vec::new());
    reserve(&mut plaintext, body.len()).map_err(|error| decryptor.fail(error))?;
    let mut rest = body;
    while !rest.is_empty() && !decryptor.has_last_frame() {
        let (taken, plan) = decryptor.plan_head(rest)?;
        rest = rest.get(taken..).unwrap_or_default();
        if let Some(plan) = plan {
            rest = open_frame(&mut decryptor, &plan, rest, &mut plaintext)?;
        }
    }
    decryptor.verify(body.get(..body.len().saturating_sub(rest.len())).unwrap_or_default())?;
    let header = decryptor.header().clone();
    match decryptor.finish(rest)? {
        Finished::Verified => Ok(Decrypted { plaintext: std::mem::take(&mut *plaintext), header }),
        // Only who asks for it gets a signature to verify.
        Finished::SignatureToVerify(signature) => signature.verified(false).and(Err(Error::DecryptionFailed)),
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
