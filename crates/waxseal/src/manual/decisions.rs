//! Decisions, each with its reason.
//!
//! **The format is the AWS Encryption SDK's.** It is published, has been attacked for years, and every back end can open it. A format of our
//! own would have had to earn all that.
//!
//! **Key commitment is what one gets.** AES-GCM alone lets somebody who knows two keys make one ciphertext that opens to two different texts.
//! Committing suites store a value derived from the data key and the message id, and the function of the key schedule that hands out the
//! message key for reading compares that value first, in constant time. There is no other way to get the key. Older suites without it are read
//! only under a [`CommitmentPolicy`](crate::CommitmentPolicy) that somebody has written down.
//!
//! **No signature unless asked for.** The official SDKs sign by default, with suite 0578. A signature tells a reader who can unwrap the data key,
//! and so could have written the message, that somebody with the right to *encrypt* did: that matters where readers are trusted less than
//! writers. It costs an elliptic curve in every download, a good part of a millisecond a message, and that a stream's end can be released only
//! after all of it was read. Suite 0478 authenticates each frame as it comes; who needs the signature asks for suite 0578.
//!
//! **Each message has a key of its own.** The message key is derived from the data key and the random message id, in all suites but the three
//! oldest. So nonces can simply count frames: they never repeat under one key, whatever the random number generator does.
//!
//! **Readers are liberal where the standard says so.** Contexts may be stored in any order, the last frame may be empty, a body may be one
//! piece. What is written has one form.
//!
//! **Frames are 64 KiB long, unless asked for otherwise.** The official SDKs cut at 4 KiB. A frame is what is held before a byte of it may be used, what
//! a reader of a part fetches at its edges, and one call to a platform's cipher. Those calls are what made 4 KiB slow where it was measured
//! (`tests/bench/engines.bench.mjs`): WebCrypto in Chromium does 0.3 GB a second at 4 KiB, 0.6 at 64 KiB and 0.7 at 256 KiB; Node's ciphers 0.7, 1.1 and
//! 0.9. Frames of 1 MiB are slower again, because their memory is not used again while it is in the processor's cache. 64 KiB adds 0.05 % to a message,
//! 4 KiB 0.8 %. Every official SDK reads any frame length. Who sends little pieces that are to be read as they come asks for shorter frames.
//!
//! **Planning is apart from enciphering.** Which frames there are, with which nonce and which additional data, is decided by
//! [`plan`](crate::plan), which touches no plaintext and no key. Whoever has the ciphers executes the plan. So the part where
//! mistakes are made is pure and tested exhaustively, and the ciphers can run wherever the data is.
//!
//! **Structures describe themselves.** [`message::fields`](crate::message::fields) is a second mode of the very code that reads messages, not a
//! second parser, so what is shown can not differ from what is read:
//!
//! ```
//! # use std::sync::Arc;
//! # use waxseal::{Client, EncryptOptions, RawAesKeyring, message};
//! # use waxseal_base::{env::Env, observer::Observer, time::Timestamp};
//! # let env = Env::with_clock(|| Timestamp::from_millis(0));
//! # let keyring = RawAesKeyring::new("ns", "name", zeroize::Zeroizing::new(vec![7; 32])).unwrap();
//! # let client = Client::new(env, Arc::new(keyring));
//! let message = pollster::block_on(client.encrypt(b"hello", &EncryptOptions::default(), &Observer::none())).unwrap();
//! let fields = message::fields(&message).unwrap();
//! assert_eq!(fields[1].note, "suite 0478: AES-256-GCM, HKDF-SHA-512, key commitment");
//! let mut end = 0;
//! for field in &fields {
//!     assert_eq!(field.range.start, end, "fields touch");
//!     end = field.range.end;
//! }
//! assert_eq!(end, message.len(), "and cover the message");
//! ```
//!
//! **A keyring says "not mine", "mine but broken" or "here it is".** `None`, `Some(Err)` and `Some(Ok)` of
//! [`Keyring::unwrap_data_key`](crate::Keyring::unwrap_data_key). That a data key is there before it is made, or missing after, can not be
//! written down.
//!
//! **Whose key is used, the reader decides.** A KMS keyring asks for its own key by ARN and takes no other answer. Where a message may choose the key,
//! as in [discovery](crate::KmsDiscoveryKeyring), the keyring has another name, never encrypts, and takes a filter; where another region's key will do,
//! the constructor says [`mrk_aware`](crate::KmsKeyring::mrk_aware). A region for which there is no KMS is passed over, as a key of somebody else is.
//!
//! **RSA keys are what they are given as.** A public key encrypts, a private key decrypts; neither is made from the other, and a pair that does not
//! belong together is refused, for what is encrypted under it would be lost. PKCS#1 v1.5 is not written at all.
//!
//! **Branch keys come from a trait.** [`BranchKeys`](crate::keyring::BranchKeys) gives the active version, or a given one, already unwrapped.
//! [`KmsBranchKeys`](crate::keyring::KmsBranchKeys) is one over any KMS and any store, with the encryption contexts of AWS's key store, so that a store is
//! trusted with nothing but keeping the records. AWS's own store is a DynamoDB table; a client of that is not here.
//!
//! **A cache asks once.** Operations that want the same data key at the same moment wait for one request, as many as the coming entry may serve;
//! more of them ask at the same time, not one after the other. Whoever asks does so in its own future, so there is no task that nobody owns: if
//! it is dropped, the next one asks. A failure goes to all who waited for it, for they would have asked the same, and is never kept; that the
//! one who asked gave up is no failure of the others. The age counts from the asking. Entries are named as the official SDKs in use name them.
//! Encryption and decryption have separate room, so that a flood of messages to open does not push out the data key to write with. A cache may
//! be shared among clients, and nothing in it is unless they say the same partition.
//!
//! **Waiting happens in keyrings and the cache only.** Everything after their answer is one synchronous function, so a key is never part of a
//! suspended future, and what ciphers leave on the stack is overwritten before control returns.
//!
//! **All or nothing, unless one asks for a stream.** [`Client::decrypt`](crate::Client::decrypt) returns all or nothing. A caller that acts on half a
//! message acts on what an attacker chose to let through. [`Client::decrypt_from`](crate::Client::decrypt_from) gives what is verified so far, for
//! what does not fit into memory, and a message that was cut off ends in an error, never in an end of the stream.
//!
//! **A message has to be finished.** Dropping an [`EncryptWriter`](crate::io::EncryptWriter) does not end its message, though writers of archives often do that:
//! whoever stops early because of an error would leave something that decrypts, and is not all.
//!
//! **Streams of futures-io.** Its traits are the ones that belong to no runtime, in a crate without dependencies, and every runtime has an adapter to them. One
//! type reads from both kinds of sources, since what it does between two reads is the same.
