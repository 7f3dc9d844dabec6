//! Encrypting and decrypting step by step, sans I/O: a session is told how much data there is or gets it in parts of any size, and never waits.
//! All that this crate encrypts or decrypts goes through sessions.
//!
//! If you
//! * have all of the data in memory, call [`Client::encrypt`](crate::Client::encrypt) or [`Client::decrypt`](crate::Client::decrypt);
//! * read or write a file or a socket, use [`io`](crate::io);
//! * get it in parts otherwise, use [`BufferedEncryptor`] and [`BufferedDecryptor`], which hold one frame at most;
//! * have ciphers elsewhere, which do not need the data to be here, take an [`Encryptor`] or a [`Decryptor`] and execute its plans;
//! * ask a KMS elsewhere, [prepare](crate::Client::prepare_encryption) the session and bring its data key;
//! * derive keys elsewhere too, so that neither data key nor message key is here, prepare the session and
//!   [start it elsewhere](crate::PreparedEncryption::start_elsewhere);
//! * want single frames of a long message, take a [`FrameOpener`](Decryptor::into_frame_opener).
//!
//! ```text
//! encrypting:  start_encryption → Encryptor: header, then for each frame plan and seal, then finish: the footer
//! decrypting:  read_header → HeaderReader → start_decryption → Decryptor: for each frame plan from its head and open, then finish: all is verified
//! ```
//!
//! **What may be released when.** The plaintext of a frame may be given away once its tag is verified, that of the last frame of a signed message
//! only once the signature is: so the end of a signed message is never seen unverified. A reader that must not act on a part of a message
//! waits for [`Decryptor::finish`] with all of it. A session that failed does nothing any more; what it held is wiped.

mod buffered;
mod decryptor;
mod elsewhere;
mod encryptor;
mod frame_opener;
mod header_reader;
mod header_writer;
mod operation;
mod verdict;
mod whole;

use waxseal_base::reason;

use crate::error::Error;
pub use crate::key_schedule::Derivation;

pub use buffered::{BufferedDecryptor, BufferedEncryptor};
pub use decryptor::Decryptor;
pub(crate) use decryptor::signed_in_parts;
pub use elsewhere::{DerivingEncryption, UnsealedHeader};
pub use encryptor::Encryptor;
pub use frame_opener::FrameOpener;
pub use header_reader::{HeaderReader, ReceivedHeader};
pub(crate) use operation::Operation;
pub use verdict::{Finished, SignatureToVerify};

/// Short frames can make a message of a plaintext that fits into memory not fit.
pub(crate) fn reserve(bytes: &mut Vec<u8>, more: usize) -> Result<(), Error> {
    bytes.try_reserve_exact(more).map_err(|_| Error::internal(reason!("there is no memory for {more} bytes more")))
}

#[cfg(test)]
pub(crate) mod tests;
