//! What was decided and why; what an attacker was thought to try.
//!
//! # The way of a request
//!
//! Every request goes validate → resolve the key → authorize → check the key's state → execute → record. So a caller without permission learns
//! `AccessDeniedException` and not the key's state, and a request that breaks a limit is refused before any record is read. AWS does not
//! publish its order; only this one tells a stranger least.
//!
//! A dry run goes the same way and is then *rehearsed*: the operation checks what it would check and does nothing. Decrypt really opens the
//! ciphertext, so that a dry run is refused exactly when the real one would be.
//!
//! # Where AWS is silent, or we differ
//!
//! * **Accounts.** One engine serves all accounts, in all regions: a signed request is made in the region of its credential scope, any other in the
//!   engine's own. CreateKey makes a key in the caller's account, and a bare key id is one of the
//!   caller's account.
//! * **A ciphertext of an unknown key** is `AccessDeniedException` with AWS's text that does not say which; a ciphertext that no key of this
//!   engine could have made is `InvalidCiphertextException` without text.
//! * **Identity policies of a role with a path** hold for the sessions of every role of that name, since a session's ARN does not tell the path.
//! * **Grants** count at once, so grant tokens are never needed; they are checked all the same. A token proves itself by a MAC and is not
//!   stored: repeating a named CreateGrant leaves no trace in the records.
//! * **Aliases** are looked up in the caller's account, by ARN in any. What is not about use takes an id or ARN only: an alias there is
//!   `Invalid keyId`. A request on an alias is decided by the identity policies for the alias, then by all policies for each key; its condition keys
//!   about the key, such as `kms:ResourceAliases`, are there in the second part only. `alias/aws/…` is refused for everybody.
//! * **RetireGrant** tells whether a grant is there before it asks who may end it; ids of grants can not be guessed. A grant token names its key,
//!   so it needs no `KeyId`. ListRetirableGrants is refused for principals of other accounts.
//! * **ReEncrypt** finds both keys before it asks for a permission: first kms:ReEncryptFrom with the source's context, then kms:ReEncryptTo with the
//!   destination's. A grant token may be of either key. Both keys are in one engine, so the plaintext is in one place and wiped there.
//! * **Markers** name the next entry, so a page is right whatever was added or removed since; labels are counted instead.
//! * **The audit log** has each call once, in the caller's account; CloudTrail would copy a successful call across accounts into both.
//! * **What is missing** (asymmetric keys, imported material, replicas, key stores, enclaves) is refused by name. A parameter that is ignored
//!   would be a promise not kept.
//!
//! # Over HTTP
//!
//! The order is size → signature → operation → JSON, so that whoever did not sign learns nothing. A signature has to cover the host and every
//! `x-amz-` header (but the session token, which is compared by itself), and holds 15 minutes before and after the KMS's clock; a request that
//! is repeated within that time is done again, as at AWS. The answer's `Date` lets a client with another clock sign again. Any origin may ask
//! from a page, since nobody's browser signs for it. What is refused before the engine is asked is in no audit log, for nobody is known to
//! have asked it. A request in another content type than AWS's is one of no protocol, as at AWS. Presigned addresses are not taken, nor is
//! `kms:ViaService` from a header.
//!
//! A body is read as AWS reads it where that is known: members that are unknown or null are not there, names are case-sensitive, a number is no
//! text and a text no number (`SerializationException`, though in words of ours that name the member and never repeat its value). Where it is not
//! known we are strict: nothing may be there twice, nor a key of an encryption context; bytes are canonical base64; a whole number has neither
//! fraction nor exponent; a list is never an object. A member that is missing is refused as an empty one is; AWS says `Member must not be null`.
//!
//! # Time
//!
//! Every record carries the time at which something about it falls due, under its seal; a store finds the earliest. What is due is done as of its own
//! moment and in the order of time, before the next request is looked at: a request never meets a key that should be gone. A key is destroyed when its
//! waiting period is over, to the millisecond; AWS takes up to a day longer. Its record goes, and with it all generations of its material, its
//! policy and its grants; the audit log has `DeleteKey`, which nobody asked for. A rotation that was asked for falls due at once
//! and is done before the next request, as an event of its own. A rotation that comes by itself counts its periods from the moment at which it was enabled, or
//! given another period; one that came due while the key was disabled comes when it is enabled. A record that fell due and was altered stops every request:
//! a key that was to be destroyed must not live on because somebody edited it.
//!
//! # At rest
//!
//! From the root key, by HKDF-SHA-256 with a label per purpose: the key that wraps key material (AES-256-GCM, with key id and material id as
//! additional authenticated data), the key that seals records (HMAC-SHA-256 over id, version, due time and body), and the key that makes grant tokens.
//! Each is derived for one use and wiped.
//!
//! # Attacks considered
//!
//! * *Swap wrapped material between keys or generations*: it opens only under its own ids. *Edit a policy, a state, a grant*: the seal breaks,
//!   and the record is refused with `KMSInternalException` rather than used.
//! * *Swap the head of a ciphertext, or its encryption context*: all bytes before the ciphertext and the canonical context are authenticated. Each
//!   ciphertext has a key of its own, derived with a random nonce, so no number of messages brings a nonce to repeat under one key.
//! * *Learn from a failed Decrypt*: a wrong context, a wrong tag, a wrong length and nonsense are one fault without text.
//! * *Win a race*: changes carry the versions they were decided on; the host applies all or none. An attempt that lost is dropped, with its
//!   events and its audit record, and made again with fresh randomness.
//! * *Get an answer that is then forgotten*: the answer waits for the commit of the changes and of the audit record.
//! * *Two pairs of an encryption context that differ in case*, one to please the policy and one for the data: both values stand under the
//!   one condition key, and a condition on a single value then does not hold.
//! * *Bring it down with what it has to read*: a body has a greatest length, nesting below a member that means something has a greatest depth and is
//!   not read at all below others, and a refusal lists ten errors of however many there are. The fuzz targets in `tests/fuzz` look for more.
//! * *Spell a grant token in another way*, so that what is read from it is not what was proven: it has one spelling.
//! * *Read secrets from memory after a call*: key material, derived keys and data keys live on the heap in buffers that are wiped when dropped,
//!   on success and on failure; the stack that the ciphers used is overwritten at the end of each call.
