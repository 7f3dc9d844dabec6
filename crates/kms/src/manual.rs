//! What was decided and why; what an attacker was thought to try.
//!
//! # The way of a request
//!
//! Every request goes validate → resolve the key → authorize → check the key's state → execute → record. So a caller without permission learns
//! `AccessDeniedException` and not the key's state, and a request that breaks a limit is refused before any record is read. AWS does not
//! publish its order; only this one tells a stranger least.
//!
//! A dry run goes the same way and is then *rehearsed*: the operation checks what it would check and does nothing. Decrypt really opens the
//! ciphertext, so that a dry run is refused exactly when the real one would be; unless it asks for the permission only (`IGNORE_CIPHERTEXT`).
//!
//! # Where AWS is silent, or we differ
//!
//! * **Accounts.** One engine serves all accounts, in all regions: a signed request is made in the region of its credential scope, any other in the
//!   engine's own. CreateKey makes a key in the caller's account, and a bare key id is one of the
//!   caller's account.
//! * **A ciphertext of an unknown key** is `AccessDeniedException` with AWS's text that does not say which; a ciphertext that no key of this
//!   engine could have made is `InvalidCiphertextException` without text.
//! * **Grants** count at once, so grant tokens are never needed, unless the engine is told how long a change of them takes to be seen
//!   (`EngineConfig::grant_consistency`): then a new grant counts after that time, or for who gives its token, and an ended one keeps counting as
//!   long. Lists show neither delay. Tokens are checked all the same. A token proves itself by a MAC and is not stored: repeating a named CreateGrant
//!   leaves no trace in the records.
//! * **Aliases** are looked up in the caller's account, by ARN in any. What is not about use takes an id or ARN only: an alias there is
//!   `Invalid keyId`. A request on an alias is decided by the identity policies for the alias, then by all policies for each key; its condition keys
//!   about the key, such as `kms:ResourceAliases`, are there in the second part only. Nobody can give or take `alias/aws/…`.
//! * **AWS managed keys** appear when a service asks for `alias/aws/<service>` on behalf of somebody, for any operation that takes an alias, and
//!   succeeds. All have the one form of policy that AWS's have, so it is the policy that refuses to change them; they rotate every 365 days. That
//!   they were made is told in the trace, and in the audit log by the call that was the first.
//! * **A grant to a service** counts for requests that the service itself makes, for its `SourceArn`; on DescribeKey the source counts if the request
//!   names one. ReEncrypt by grants on both keys needs the same `SourceArn` in both, also where each admits the request's by a pattern.
//! * **RetireGrant** tells whether a grant is there before it asks who may end it; ids of grants can not be guessed. A grant token names its key,
//!   so it needs no `KeyId`. ListRetirableGrants is refused for principals of other accounts.
//! * **ReEncrypt** finds both keys before it asks for a permission: first kms:ReEncryptFrom with the source's context, then kms:ReEncryptTo with the
//!   destination's. A grant token may be of either key. Both keys are in one engine, so the plaintext is in one place and wiped there.
//! * **Multi-Region keys** are one record a region. Their primary key decides what they share; its changes are copied to each replica right after,
//!   before the next request, as `SynchronizeMultiRegionKey` in the audit log. So a new replica is `Creating` in the answer of ReplicateKey only, and
//!   nobody meets `Updating`: UpdatePrimaryRegion writes both records at once. Key material is wrapped under the key's id, which its replicas share,
//!   and so opens in each of them. Rotation is enabled, disabled and asked for at the primary key; it waits while that one is not enabled.
//!   ReplicateKey is one line of the audit log; AWS adds a CreateKey in the replica's region.
//! * **GetKeyLastUsage** is exact at once and to the second, where AWS takes up to an hour: the first use of its kind in a second is noted. The
//!   note stands in a record of its own, written with the call; who meets another's note made meanwhile leaves that one, so no use of a key waits
//!   for another.
//! * **RSA ciphertexts** are the standard's bytes, whoever made them, so a Decrypt or ReEncrypt of one names key and algorithm. One that is given
//!   without an algorithm is read as a symmetric one and is `InvalidCiphertextException`; an encryption context beside an RSA algorithm is
//!   refused before any key is looked at. A ciphertext of nothing does not open: the API has no empty plaintext.
//! * **Data key pairs** are PKCS#8 (ML-KEM as its seed) and SubjectPublicKeyInfo; the wrapped private key is a ciphertext like any other. SM2 is
//!   refused, as AWS does outside China.
//! * **DeriveSharedSecret** takes a named curve only, its point compressed or not, and nothing may follow the key. AWS does not publish its texts
//!   for other keys.
//! * **Markers** name the next entry, so a page is right whatever was added or removed since; labels are counted instead.
//! * **The audit log** has each call once. A call across accounts, unless it was denied, is shown in the log of either account, as CloudTrail has it: the
//!   key's account gets a line with an id of its own that knows of the caller its account and unique id only; `sharedEventID` joins the two.
//! * **A key for something else** is refused after its state, in one place: by its usage with AWS's text, by its spec where the usage is right and only
//!   symmetric keys will do. Decrypt without an algorithm is an exception, as at AWS: a ciphertext of another key than the named one is
//!   `IncorrectKeyException`, whatever that key is for.
//!   GetKeyRotationStatus of a key that has no rotation is `false`. Whether a grant suits the key is asked after the permission to make one.
//! * **GetPublicKey** works on disabled keys, as AWS does and its guide denies, and not on those that wait to be destroyed.
//! * **What is missing** (SM2, key stores, enclaves) is refused by name. A parameter that is ignored
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
//! A host whose platform makes keys only after a while makes one before it asks, seeing by the request that it will be needed; the key is for that
//! request alone and wiped if it is refused. A signature is verified only afterwards, so whoever can reach such a KMS's `fetch` can have keys made in vain.
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
//! have asked it. A request in another content type than AWS's is one of no protocol, as at AWS. Presigned addresses are not taken, nor is
//! `kms:ViaService` from a header. A host whose engine has a virtual clock gives each request the time by which clients sign, or whoever moved the
//! clock could not be asked any more.
//!
//! A body is read as AWS reads it where that is known: members that are unknown or null are not there, names are case-sensitive, a number is no
//! text and a text no number (`SerializationException`, though in words of ours that name the member and never repeat its value). Where it is not
//! known we are strict: nothing may be there twice, nor a key of an encryption context; bytes are canonical base64; a whole number has neither
//! fraction nor exponent; a list is never an object. A member that is missing is refused as an empty one is; AWS says `Member must not be null`.
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
//! # Imported material
//!
//! * **The token is all that is kept of GetParametersForImport.** It carries the private key, sealed under a key of its own together with the KMS key's
//!   id and region, the wrapping algorithm and the end of its day; there is no record to store, to expire or to run out of. So it can be used more than
//!   once within its day, and nobody can take it back: what it lets in is only what its key accepts, from whoever may call ImportKeyMaterial.
//! * **The id of imported material** is a MAC of the key's id and the material, so the same material has the same id whenever it comes back, also
//!   in a replica, and nobody without the root key can try out guesses against an id. That comparison is all that is left of material that went. A
//!   key pair is known by its public key: a private key can be written down in more than one way.
//! * **What can wrap what** is as AWS's reference has it: RSA_AES_* for private keys only, RSAES_OAEP_* for all but RSA private keys. RSAES_PKCS1_V1_5,
//!   which AWS has given up, is for symmetric encryption keys, and SM2PKE is refused. The refusal comes from GetParametersForImport, and its
//!   text is ours. Every spec that can be made can be imported; AWS does not say so of the newest.
//! * **Material that waits for its rotation** belongs to the key only once it is rotated in: until then, when it expires or is deleted, it is forgotten and
//!   the state stays. Everything that was ever rotated in has to be there, or the key is pending import.
//! * **A disabled key** stays disabled when its material is imported once more; one that was pending import becomes enabled, as AWS says. A key whose
//!   deletion is cancelled is pending import again if it lacks material; AWS says disabled, where it could be enabled without any.
//! * **Imported material of multi-Region keys** is imported into each of them. The primary key decides which: a replica knows the ids of its generations,
//!   takes those only, and is pending import until it has all. New material goes into the primary key first; a replica that got or lost it tells the
//!   primary key right after, as one more `SynchronizeMultiRegionKey`, so a rotation needs no look into other regions. It is refused until every
//!   replica has the material; AWS does not publish with what fault, here `KMSInvalidStateException` names the regions. A replica that waits
//!   to be destroyed still counts. What a replica deletes is its own matter; material that waits for its rotation and goes from the primary key goes from all.
//! * **Expiry** is to the millisecond, in every state of the key, as the service event DeleteExpiredKeyMaterial. A key without any
//!   material left shows no ExpirationModel.
//! * **A wrapping key is a new key pair each time**: seconds of work for 4096 bits. A policy can ask for `kms:WrappingKeySpec`.
//!
//! # At rest
//!
//! From the root key, by HKDF-SHA-256 with a label per purpose: the key that wraps key material (AES-256-GCM, with key id and material id as
//! additional authenticated data), the key that seals records (HMAC-SHA-256 over id, version, due time and body), the key that makes grant tokens,
//! the key that seals import tokens and the key that names imported material. Each is derived for one use and wiped.
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
//! * *Ask an RSA key about altered ciphertexts*, as Bleichenbacher and Manger did: each operation is blinded with fresh randomness and its result
//!   checked, and every failure is the one fault without text. The first octet of the padding, by which Manger's oracle answers, is not looked
//!   at, as the CFRG's guidance for implementers has it.
//! * *Send a point off the curve*, or a curve of one's own, to learn a private key from the secrets: a peer's key has to name the key's
//!   curve and be a point of it. *Send altered encapsulations*: they give a secret that nobody has, FIPS 203's implicit rejection, and no refusal.
//! * *Win a race*: changes carry the versions they were decided on; the host applies all or none. An attempt that lost is dropped, with its
//!   events and its audit record, and made again with fresh randomness.
//! * *Move key material to where its key's policy is weaker*: a replica has the same material under a policy of its own, so making one needs
//!   kms:ReplicateKey from the primary key's policy, which can name the regions; each record is sealed under its region and id.
//! * *Get an answer that is then forgotten*: the answer waits for the commit of the changes and of the audit record.
//! * *Two pairs of an encryption context that differ in case*, one to please the policy and one for the data: both values stand under the
//!   one condition key, and a condition on a single value then does not hold.
//! * *Ask ImportKeyMaterial what a stranger's wrapped key is*: all that is wrong with a wrapping is one fault without text. RSAES-OAEP does not
//!   say whether the first byte was 0 (Manger), and what has no valid PKCS #1 v1.5 padding opens as bytes that follow from it and the private key
//!   (Bleichenbacher): some have the length of a key and are imported, as valid ones would be. The RSA operation is blinded. Who can do without
//!   PKCS #1 v1.5 should deny it by `kms:WrappingAlgorithm`.
//! * *Give a key other material than it had*, so that what was encrypted is lost or an attacker's key is used: the id is compared, in constant time.
//! * *Import under a token of another key, or after its day*: the token is opened with all it says, before the wrapping is looked at.
//! * *Open a snapshot with a root key that somebody else chose*, so that one file is two worlds: a sealed snapshot carries a commitment to its root
//!   key, which is compared, in constant time, before anything is decrypted. It also tells a wrong root key from altered bytes, which is no help to
//!   whoever has neither.
//! * *Hide something in a snapshot that is not sealed*: whoever makes one knows its root key and can seal any record. Restoring it is running somebody
//!   else's KMS, so both directions have `danger` in their names; its digest is against accidents.
//! * *Bring it down with what it has to read*: a body has a greatest length, nesting below a member that means something has a greatest depth and is
//!   not read at all below others, and a refusal lists ten errors of however many there are. The fuzz targets in `tests/fuzz` look for more.
//! * *Spell a grant token in another way*, so that what is read from it is not what was proven: it has one spelling.
//! * *Read secrets from memory after a call*: key material, derived keys and data keys live on the heap in buffers that are wiped when dropped,
//!   on success and on failure; the stack that the ciphers used is overwritten at the end of each call. The numbers between the steps of an RSA
//!   operation are its library's, which wipes the key but not all of them.
