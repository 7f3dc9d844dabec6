//! Messages through the traits that Rust programs read and write with: [`std::io::Read`], [`Write`](std::io::Write) and [`Seek`](std::io::Seek), and
//! with the feature `async-io` those of [`futures_io`]. Nothing here opens a file or a socket, and no runtime is needed or preferred.
//!
//! If you
//! * write a message somewhere, take [`Client::encrypt_to`](crate::Client::encrypt_to), and end it by [`finish`](EncryptWriter::finish);
//! * read one from somewhere, take [`Client::decrypt_from`](crate::Client::decrypt_from);
//! * do either asynchronously, take [`Client::encrypt_to`](crate::Client::encrypt_to) and close the writer, and
//!   [`Client::decrypt_from_async`](crate::Client::decrypt_from_async); streams of tokio fit by the `compat` of tokio-util;
//! * want parts of a long message, take [`Client::open`](crate::Client::open).
//!
//! A KMS is asked asynchronously, so starting is an `async fn`; what follows is plain I/O:
//!
//! ```
//! use std::io::{Read, Write};
//! # use std::sync::Arc;
//! # use waxseal::{Client, DecryptOptions, EncryptOptions, RawAesKeyring};
//! # use waxseal_base::{env::Env, observer::Observer};
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let keyring = RawAesKeyring::new("ns", "name", zeroize::Zeroizing::new(vec![7; 32]))?;
//! # let client = Client::new(Env::system(), Arc::new(keyring));
//! # let observer = Observer::none();
//! let mut writer = pollster::block_on(client.encrypt_to(Vec::new(), &EncryptOptions::default(), &observer))?;
//! writer.write_all(b"top ")?;
//! writer.write_all(b"secret")?;
//! let message = writer.finish()?; // without this, there is no message
//!
//! let mut reader = pollster::block_on(client.decrypt_from(&message[..], &DecryptOptions::default(), &observer))?;
//! let mut plaintext = String::new();
//! reader.read_to_string(&mut plaintext)?; // an error here means: what was read before is a part, and maybe not all of it is there
//! assert_eq!(plaintext, "top secret");
//! # Ok(())
//! # }
//! ```
//!
//! **Errors** of the message are [`std::io::Error`]s with an [`Error`](crate::Error) in them, which [`Error::in_io_error`](crate::Error::in_io_error) finds. They
//! stay: whoever goes on after one gets it again. Errors of the stream underneath are passed on as they are, and once the header is
//! read nothing is lost if the call is repeated.
//!
//! **Memory** is bounded by the frame length: three frames and 256 KiB, however long the message is. A reader of strangers' messages sets
//! [`max_buffered_frame`](crate::DecryptOptions::max_buffered_frame), for they choose the frame length.
//!
//! **Progress** is what went through the stream, whose bytes its owner can count; an observer is told of every frame.

mod decrypt_reader;
mod encrypt_writer;
mod sealed_file;

pub use decrypt_reader::DecryptReader;
pub use encrypt_writer::EncryptWriter;
pub use sealed_file::SealedFile;

/// Bytes that are read or written at once, where frames are not longer: a call of the system for each frame of 4 KiB would take longer than its
/// encryption.
const BATCH: usize = 64 << 10;

#[cfg(test)]
#[cfg(feature = "async-io")]
mod async_tests;
#[cfg(test)]
mod tests;
