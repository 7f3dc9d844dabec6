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
//! * **The audit log** has each call once. A call across accounts, unless it was denied, is shown in the log of either account, as CloudTrail has it: the
//!   key's account gets a line with an id of its own that knows of the caller its account and unique id only; `sharedEventID` joins the two.
//! * **What is missing** (asymmetric keys, imported material, replicas, key stores, enclaves) is refused by name. A parameter that is ignored
//!   would be a promise not kept.
//!
//! # What limits a caller
//!
//! An account's record has the policies, permissions boundaries and labels of its users and roles, the service control policies of every level above
//! it, and its organization. What holds for one session only (session policies, session labels, multi-factor authentication, when its token was
//! issued) comes with the call from the host, which knows. Names of roles are unique in an account, so a role's path is not part of what its policies
//! are kept under. Condition keys of the host never stand beside or in place of those that the engine knows itself. The lock-out check of
//! a new key policy asks whether the policy would let its caller in; it assumes that the caller's account lets it do everything.
//!
//! # What is kept between calls
//!
//! Keys and accounts stay opened: seal verified, JSON read, policies parsed, grants indexed. What is kept counts only for the record from which it was
//! opened: before each use the store tells version and seal of its record, and both have to be the same. So a change is seen at once, also
//! one of another engine over the same store; an altered body under an unchanged seal is not even read. Key material is kept wrapped, as
//! at rest, and unwrapped for one use; what is kept of a key goes when the key is destroyed. The cache has two halves of 2 MiB of bodies and 1,024 entries each, and drops what was not asked for lately.
//!
//! Where nobody listens and nobody asked why, only the verdict is found, which looks at the caller's own grants alone; a refusal is then decided again with
//! all its reasons. A test shows that both say the same.
//!
//! # Among many keys
//!
//! No call opens another key than its own. What lists keys goes by index entries: records without body and seal whose ids begin with the account and
//! region, or with a digest of the principal that may retire a grant, and end with the key's id; they change with the key's record, all or
//! nothing. An entry proves nothing: the key's own record is opened before it is listed. Whoever can write to the store can hide a key from lists by
//! removing its entry, as he can destroy it by removing its record.
//!
//! # Over HTTP
//!
//! The order is size → signature → operation → JSON, so that whoever did not sign learns nothing. A signature has to cover the host and every
//! `x-amz-` header (but the session token, which is compared by itself), and holds 15 minutes before and after the KMS's clock; a request that
//! is repeated within that time is done again, as at AWS. The answer's `Date` lets a client with another clock sign again. Any origin may ask
//! from a page, since nobody's browser signs for it. What is refused before the engine is asked is in no audit log, for nobody is known to
//! have asked it. Presigned addresses are not taken, nor is `kms:ViaService` from a header. A host whose engine has a virtual clock gives each
//! request the time by which clients sign, or whoever moved the clock could not be asked any more.
//!
//! # The server
//!
//! `www/npm/server` keeps the records in SQLite, in one process and one thread. All requests that arrived in one turn of its event loop are
//! handled inside one transaction, each of them against what those before it wrote, and share its sync; their answers go out after it. A statement that
//! fails takes the whole transaction back, and everybody in it gets `KMSInternalException`: the engine commits last and at once, so a request that is
//! only refused leaves nothing to take back, and a savepoint for each would only serve where a disk fails for some. After a full disk the
//! next transaction tries again; after any other failure the process ends, because a second sync that succeeds says nothing about what the first one lost.
//! SQLite's exclusive lock keeps a second server out, and goes with the process. The time of a virtual clock is part of the state. Policies of
//! principals come from the file of identities alone, so they are replaced at each start.
//!
//! A page can send requests to a server on the same machine. Those to the KMS have to be signed, so they are answered to any page; those that move the
//! clock or remove everything are refused if anything about them says that a page sent them, or another machine, or that the name by which
//! it was reached is not this machine's own (a foreign name that was pointed here).
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
//! * *Read secrets from memory after a call*: key material, derived keys and data keys live on the heap in buffers that are wiped when dropped,
//!   on success and on failure; the stack that the ciphers used is overwritten at the end of each call.
