//! How a decryption ends: everything is verified, or everything but a signature that somebody elsewhere verifies.

use std::fmt;

use waxseal_base::codec::Reader;
use waxseal_base::event::{Kind, PublicBytes, Verified};
use waxseal_base::observer::Observer;
use zeroize::Zeroizing;

use super::Operation;
use super::decryptor::tell_disordered;
use crate::error::Error;
use crate::message::Footer;
use crate::signature::Verifier;
use crate::suite::SignatureAlgorithm;

/// What is left to do with a message whose frames are all opened.
#[derive(Debug)]
#[must_use = "a signature that nobody verifies protects nothing"]
pub enum Finished {
    /// Nothing.
    Verified,
    /// Its signature has to be verified, because that was asked to be done [elsewhere](crate::DecryptOptions::verify_elsewhere).
    SignatureToVerify(SignatureToVerify),
}

/// A signature that decides whether a message is accepted. Dropped without having been told the outcome, it is not.
#[must_use = "a signature that nobody verifies protects nothing"]
pub struct SignatureToVerify {
    pub(super) operation: Operation,
    pub(super) signer: SignerElsewhere,
    pub(super) plaintext_len: u64,
    /// Plaintext that waits for the outcome.
    pub(super) held: Zeroizing<Vec<u8>>,
}

impl SignatureToVerify {
    /// Curve and hash.
    pub fn algorithm(&self) -> SignatureAlgorithm {
        self.signer.algorithm
    }

    /// The public key that the verified header names: a compressed point, 33 or 49 bytes.
    pub fn public_key(&self) -> &[u8] {
        &self.signer.public_key
    }

    /// The signature of every byte before the footer, in DER, as it came: whether it is DER at all is the verifier's to say.
    pub fn signature(&self) -> &[u8] {
        &self.signer.signature
    }

    /// Ends the decryption. Plaintext that waited for this comes out, which is the last frame's of a [`BufferedDecryptor`](super::BufferedDecryptor)
    /// and otherwise none; if the signature is not right, it is wiped.
    pub fn verified(mut self, is_right: bool) -> Result<Zeroizing<Vec<u8>>, Error> {
        match tell_signature(&self.signer.signature, is_right, self.operation.observer()) {
            Ok(()) => {
                self.operation.succeeded(self.plaintext_len);
                Ok(self.held)
            }
            Err(error) => Err(self.operation.failed(error)),
        }
    }
}

impl fmt::Debug for SignatureToVerify {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SignatureToVerify").field("algorithm", &self.algorithm()).finish_non_exhaustive()
    }
}

/// A signature as the message has it, and whose it has to be.
pub(super) struct SignerElsewhere {
    algorithm: SignatureAlgorithm,
    public_key: Vec<u8>,
    signature: Vec<u8>,
}

/// What follows the last frame, once that is opened.
pub(super) struct MessageEnd<'a> {
    pub(super) rest: &'a [u8],
    /// Of everything before the footer, if it was hashed elsewhere.
    pub(super) digest: Option<&'a [u8]>,
    /// Whether the verifier was given all of the body.
    pub(super) got_body: bool,
}

impl MessageEnd<'_> {
    /// Nothing may be left, or a footer with the right signature and nothing after it. A signature that is verified elsewhere comes back.
    pub(super) fn check(&self, verifier: Option<Verifier>, observer: &Observer) -> Result<Option<SignerElsewhere>, Error> {
        let Some(verifier) = verifier else {
            return if self.rest.is_empty() { Ok(None) } else { Err(tell_disordered(observer)) };
        };
        let mut reader = Reader::new("message footer", self.rest);
        let footer = Footer::read(&mut reader).and_then(|footer| reader.finish().map(|()| footer));
        let Footer { signature } = footer.map_err(|_| tell_disordered(observer))?;
        match (verifier, self.digest, self.got_body) {
            (Verifier::Elsewhere { public_key, algorithm }, _, _) => Ok(Some(SignerElsewhere { algorithm, public_key, signature })),
            #[cfg(feature = "signatures")]
            (Verifier::BuiltIn(verifier), digest, got_all) => {
                let is_right = verifier.verify(digest, got_all, &signature)?;
                tell_signature(&signature, is_right, observer).map(|()| None)
            }
        }
    }
}

fn tell_signature(signature: &[u8], is_right: bool, observer: &Observer) -> Result<(), Error> {
    if !is_right {
        observer.emit(|_| Kind::VerificationFailed { what: Verified::Signature });
        return Err(Error::DecryptionFailed);
    }
    observer.emit(|_| Kind::MessageSignatureVerified { signature: PublicBytes::copy_of(signature) });
    Ok(())
}
