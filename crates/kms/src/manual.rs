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
//! * **A key for something else** is refused after its state, in one place: by its usage with AWS's text, by its spec where the usage is right and only
//!   symmetric keys will do. Decrypt is an exception, as at AWS: a ciphertext that the named key can not have made is `IncorrectKeyException`.
//!   GetKeyRotationStatus of a key that has no rotation is `false`. Whether a grant suits the key is asked after the permission to make one.
//! * **GetPublicKey** works on disabled keys, as AWS does and its guide denies, and not on those that wait to be destroyed.
//! * **What is missing** (SM2 keys, imported material, replicas, key stores, enclaves) is refused by name. A parameter that is ignored
//!   would be a promise not kept.
//!
//! # Signatures and codes
//!
//! ECDSA draws its nonce by RFC 6979 with fresh randomness mixed in, so equal messages have unequal signatures, as at AWS, and neither a bad
//! generator nor a fault of the machine alone tells the key. Signatures are DER; secp256k1 signs with the lower s and verifies both. RSASSA-PSS
//! salts with as many bytes as the hash has and takes no other signature; RSA is blinded. Ed25519 follows RFC 8032 and is strict about small orders.
//! `ED25519_PH_SHA_512` hashes the digest that it is given once more, which is what AWS's model says of it. ML-DSA is the hedged variant with the empty
//! context. What goes together of algorithm, message type and length is told before the private key is touched.
//!
//! A key pair's private half is PKCS#8 under the root key, its public half lies beside it under the record's seal: Verify and GetPublicKey unwrap
//! nothing. A wrong signature or code is a fault without text, never a `false`. RSA keys may come from the host (`MakeRsaKey`), which in wasm is several
//! times as fast; the engine checks size and arithmetic of what it is given, and trusts the host for the randomness, as for all of it.
//!
//! # Over HTTP
//!
//! The order is size → signature → operation → JSON, so that whoever did not sign learns nothing. A signature has to cover the host and every
//! `x-amz-` header (but the session token, which is compared by itself), and holds 15 minutes before and after the KMS's clock; a request that
//! is repeated within that time is done again, as at AWS. The answer's `Date` lets a client with another clock sign again. Any origin may ask
//! from a page, since nobody's browser signs for it. What is refused before the engine is asked is in no audit log, for nobody is known to
//! have asked it. Presigned addresses are not taken, nor is `kms:ViaService` from a header.
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
//! * *Have a digest signed that is none*: its length must be the algorithm's, exactly; policies can ask for `kms:MessageType`.
//! * *Forge a code byte by byte*: codes are compared in constant time and whole; a cut one is none.
//! * *Use one key in two ways*: a key has one usage for life, and a signature of one message type is none of another.
//! * *Win a race*: changes carry the versions they were decided on; the host applies all or none. An attempt that lost is dropped, with its
//!   events and its audit record, and made again with fresh randomness.
//! * *Get an answer that is then forgotten*: the answer waits for the commit of the changes and of the audit record.
//! * *Two pairs of an encryption context that differ in case*, one to please the policy and one for the data: both values stand under the
//!   one condition key, and a condition on a single value then does not hold.
//! * *Read secrets from memory after a call*: key material, derived keys and data keys live on the heap in buffers that are wiped when dropped,
//!   on success and on failure; the stack that the ciphers used is overwritten at the end of each call.
