//! Attacks that were considered, and where each of them ends.
//!
//! | an attacker who … | is stopped by |
//! | --- | --- |
//! | flips any bit of a message | the tag of the header or frame it is in, or the commitment |
//! | moves, repeats, drops frames, or takes them from another message | the frame's number and the message id under each tag; the number is compared before anything is decrypted |
//! | cuts a message off, even exactly between frames | only a frame marked as the last ends a message, and the mark is under its tag |
//! | appends something, even a second good message | bytes after the last frame are an error |
//! | swaps the encrypted data key for another message's | the commitment, whoever unwraps it |
//! | makes one message that opens to two texts under two keys | the commitment |
//! | strips or replaces the signature of a signed message | its suite says that there is one, under the header's tag; the signer's key is in the context, to which the data key is bound |
//! | sends an older message without key commitment | the commitment policy, before any key is asked for |
//! | replays a message as if it were for another purpose | the encryption context given to decrypt, compared before any key is asked for; the KMS compares the stored one |
//! | alters the stored encryption context | the KMS or the raw key, for the data key is bound to it; then the header's tag |
//! | claims gigantic lengths or counts | every length is compared with the bytes there are; nothing is allocated on the word of a length |
//! | sends a message with 65,535 encrypted data keys to cause as many KMS requests | a limit, compared as soon as the count is read: see [`Client::with_max_encrypted_data_keys`](crate::Client::with_max_encrypted_data_keys) |
//! | asks an oracle why decryption failed | one error for commitment, header, frame and raw key failures; see below |
//! | answers in place of the KMS with another key's data key, be it a related key's | the key's ARN and the length of the answer are compared; then the commitment |
//! | wraps the data key under a KMS key of their own, and lets everybody use it | a KMS keyring asks for its own key only; a discovery keyring has a filter |
//! | measures how RSA paddings fail (Bleichenbacher, Manger, Marvin) | one error for all of them; decryption is blinded; a wrong PKCS#1 v1.5 padding gives random bytes, which the length or a tag then refuses; that padding is off unless asked for by a name with `danger` |
//! | puts another branch key, or another version of it, into the store | the record's context must name what was asked for, and the KMS unwraps it only under that context |
//! | takes an RSA-wrapped data key into a message with another context | the tag of the message's header, which covers the context under the data key; but whoever knows the data key can make such a message |
//! | opens, through a cache, a message of theirs under a data key that was unwrapped for another context | an entry's name has suite, context and all encrypted data keys under one hash; each message's commitment, tags and signature are verified as ever |
//! | lost the permission to use a KMS key, and has a cache | the maximum age of its entries, and no sooner: choose it |
//! | reads memory afterwards | data key and message key are overwritten as soon as they are used, on every path, and so is the stack; a data key in a cache when its entry goes |
//!
//! What does have a reason in its error was readable by everybody: the structure of a message, the names of the keys it is for, and what the
//! KMS itself answered.
//!
//! ```
//! # use std::sync::Arc;
//! # use waxseal::{Client, DecryptOptions, EncryptOptions, Error, RawAesKeyring};
//! # use waxseal_base::{env::Env, observer::Observer, time::Timestamp};
//! # let env = Env::with_clock(|| Timestamp::from_millis(0));
//! # let keyring = RawAesKeyring::new("ns", "name", zeroize::Zeroizing::new(vec![7; 32])).unwrap();
//! # let client = Client::new(env, Arc::new(keyring)).with_frame_length(16).unwrap();
//! # let open = |message: &[u8]| pollster::block_on(client.decrypt(message, &DecryptOptions::default(), &Observer::none()));
//! let options = EncryptOptions::default();
//! let message = pollster::block_on(client.encrypt(&[1; 32], &options, &Observer::none())).unwrap();
//! let last = message.len() - 1;
//! for at in [last, last - 16, last - 56] {
//!     let mut altered = message.clone();
//!     altered[at] ^= 1;
//!     assert_eq!(open(&altered).unwrap_err(), Error::DecryptionFailed); // tag, ciphertext, or the frame before: it does not say
//! }
//! // Without the last frame, whose 24 + 16 + 16 bytes are gone, nothing is opened, though the frame before it is whole.
//! assert_eq!(open(&message[..message.len() - 56]).unwrap_err(), Error::DecryptionFailed);
//! ```
//!
//! **Not stopped**: whoever may use the wrapping key can read the message; a page's other scripts can read the page's plaintext; and the
//! encryption context, the plaintext's length and the names of the keys are in the clear.
