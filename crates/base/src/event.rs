//! What can happen, one typed event each. SDK and engine write them from the code paths that do the thing; the playground, the audit log,
//! `onEvent` callbacks and tests read them. An event carries ids, lengths and fingerprints, public bytes whole, and secrets never,
//! unless the observer was built to reveal them.

mod finding;

use std::collections::BTreeMap;

use serde::{Serialize, Serializer};

pub use finding::{Effect, ElementFinding, Finding, FindingId, FindingOutcome, Source, Verdict};

use crate::time::Timestamp;

/// One thing that happened.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Event {
    /// Its number in the trace, from 0. The collector assigns it.
    pub seq: u64,
    /// When, by the clock of the observer's environment.
    pub at: Timestamp,
    /// Who did it.
    pub by: Actor,
    /// The operation it belongs to.
    pub span: Span,
    /// What happened.
    #[serde(flatten)]
    pub kind: Kind,
}

/// Who did it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Actor {
    /// The application, or the store, that holds the plaintext and asks the KMS.
    Caller,
    /// The key management service, behind its boundary.
    Kms,
    /// Where messages and records are kept.
    Store,
}

/// An operation, and the operation it is part of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Span {
    /// Unique in the trace; 0 is the trace itself.
    pub id: u64,
    /// The span this one is part of.
    pub parent: Option<u64>,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case", rename_all_fields = "camelCase")]
pub enum Kind {
    /// An operation began: `encrypt`, `decrypt`, or a KMS operation by its own name.
    OperationStarted {
        /// Its name.
        operation: String,
        /// Bytes of its main input, where it has one.
        input_len: Option<usize>,
    },
    /// The operation ended.
    OperationFinished {
        /// Its name.
        operation: String,
        /// How.
        result: OperationResult,
    },
    /// A request left for the KMS.
    KmsRequestSent {
        /// The KMS operation.
        operation: String,
        /// The key as the caller named it.
        key_id: Option<String>,
        /// The encryption context sent along.
        encryption_context: BTreeMap<String, String>,
    },
    /// The KMS knows who asks.
    RequestVerified {
        /// The caller's ARN.
        principal: String,
        /// The service that asks on the caller's behalf, as `kms:ViaService` has it.
        via_service: Option<String>,
        /// How the caller was known: `in-process` for a caller that the embedding application vouches for.
        scheme: String,
    },
    /// The key that a request named was found.
    KeyResolved {
        /// How it was named.
        named_by: NamedBy,
        /// The key's ARN.
        key_arn: String,
    },
    /// A statement of a policy, or a grant, was compared with the request.
    StatementEvaluated {
        /// Which, and how it came out.
        finding: Finding,
    },
    /// The request may go on.
    Authorized {
        /// The permission, such as `kms:Decrypt`.
        action: String,
        /// Why, in a person's words.
        reason: String,
        /// Which of the findings decided.
        decided_by: Option<FindingId>,
    },
    /// The request may not go on.
    Denied {
        /// The permission, such as `kms:Decrypt`.
        action: String,
        /// `explicit-deny` if a Deny statement matched, else `implicit-deny`.
        verdict: Verdict,
        /// Why, in a person's words.
        reason: String,
        /// Which of the findings decided; none where nothing allowed.
        decided_by: Option<FindingId>,
    },
    /// The key's state was compared with what the operation needs.
    KeyStateChecked {
        /// The state, as the KMS names it: `Enabled`, `Disabled`, …
        state: String,
        /// Whether the operation may use the key.
        allowed: bool,
    },
    /// Random bytes were drawn.
    RandomDrawn {
        /// What for, such as `data key` or `message id`.
        purpose: String,
        /// How many bytes.
        len: usize,
    },
    /// A data key exists. It was drawn at random, not made from the KMS key.
    DataKeyGenerated {
        /// Such as `AES_256`.
        spec: String,
        /// The data key.
        data_key: SecretView,
    },
    /// A data key was encrypted under a wrapping key.
    DataKeyWrapped {
        /// The data key.
        data_key: SecretView,
        /// The encrypted data key, whole.
        encrypted_data_key: PublicBytes,
        /// The generation of the KMS key that wrapped it; none for a raw key.
        material_id: Option<String>,
        /// What it is bound to.
        encryption_context: BTreeMap<String, String>,
    },
    /// An encrypted data key was decrypted.
    DataKeyUnwrapped {
        /// The encrypted data key, whole.
        encrypted_data_key: PublicBytes,
        /// The data key.
        data_key: SecretView,
        /// The generation of the KMS key that unwrapped it; none for a raw key.
        material_id: Option<String>,
    },
    /// Two parties share a secret: the KMS derived, encapsulated or recovered its copy.
    SharedSecretEstablished {
        /// `ECDH` or `ML_KEM`.
        algorithm: String,
        /// The secret.
        shared_secret: SecretView,
        /// What the other party sent or is sent, whole: its public key, or the encapsulated secret.
        exchanged: PublicBytes,
    },
    /// The KMS chose which generation of the key's secret to use.
    MaterialChosen {
        /// The key material's id, 64 hexadecimal digits.
        material_id: String,
        /// Whether it is the current one or an older one.
        current: bool,
    },
    /// The answer left the KMS.
    KmsResponseSent {
        /// The KMS operation.
        operation: String,
        /// What is in it.
        result: OperationResult,
    },
    /// The KMS wrote down the call.
    AuditRecorded {
        /// The record's event id.
        event_id: String,
    },
    /// The KMS's store wrote a record, before the answer left.
    ChangePersisted {
        /// Which record, such as `key/1234abcd-…`.
        what: String,
        /// Its size in bytes.
        len: usize,
    },
    /// A key was derived from another.
    KeyDerived {
        /// The label of the key schedule: `DERIVEKEY` or `COMMITKEY`.
        label: String,
        /// What it was derived from.
        from: SecretView,
        /// What came out.
        to: SecretView,
        /// The suite, four hexadecimal digits.
        suite: String,
    },
    /// The commitment in the header was compared with the one derived from the data key.
    CommitmentChecked {
        /// Whether they are equal.
        matches: bool,
    },
    /// A header was written and authenticated.
    HeaderSealed {
        /// The header with its tag, whole; `fields()` of the message format reads it.
        header: PublicBytes,
    },
    /// A header that was read has the right tag.
    HeaderVerified {
        /// The header with its tag, whole; `fields()` of the message format reads it.
        header: PublicBytes,
    },
    /// A message was signed: everything before its footer.
    MessageSigned {
        /// The signature, in DER.
        signature: PublicBytes,
    },
    /// The signature of a message that was read is right.
    MessageSignatureVerified {
        /// The signature, in DER.
        signature: PublicBytes,
    },
    /// A frame was encrypted.
    FrameSealed {
        /// Its number, from 1.
        sequence: u32,
        /// Whether it is the last.
        is_final: bool,
        /// Bytes of plaintext in it.
        plaintext_len: usize,
        /// Its nonce.
        iv: PublicBytes,
        /// Its tag.
        tag: PublicBytes,
    },
    /// A frame's tag is right and it was decrypted.
    FrameOpened {
        /// Its number, from 1.
        sequence: u32,
        /// Whether it is the last.
        is_final: bool,
        /// Bytes of plaintext in it.
        plaintext_len: usize,
        /// Its nonce.
        iv: PublicBytes,
        /// Its tag.
        tag: PublicBytes,
    },
    /// A secret's bytes were overwritten with zeros.
    SecretWiped {
        /// What it was.
        secret: SecretName,
        /// Which one; its bytes are never revealed here, for they are gone.
        identity: SecretView,
    },
    /// A message was written to a store.
    MessageStored {
        /// Under this name.
        name: String,
        /// What it consists of.
        parts: Vec<StoredPart>,
    },
    /// A message was read from a store.
    MessageLoaded {
        /// By this name.
        name: String,
        /// What it consists of.
        parts: Vec<StoredPart>,
    },
    /// A key changed its state.
    KeyStateChanged {
        /// The key's ARN.
        key_arn: String,
        /// The state before; none for a new key.
        before: Option<String>,
        /// The state after.
        after: String,
    },
    /// A key has a new generation of its material, which encrypts from now on; the older ones still decrypt.
    KeyRotated {
        /// The key's ARN.
        key_arn: String,
        /// The id of the generation that encrypted so far.
        before: String,
        /// The id of the new one.
        after: String,
    },
    /// A key was given material that its owner brought.
    KeyMaterialImported {
        /// The key's ARN.
        key_arn: String,
        /// The id of the generation.
        material_id: String,
    },
    /// Imported material was removed from a key, because it expired or because somebody asked. The same can be imported again.
    KeyMaterialDeleted {
        /// The key's ARN.
        key_arn: String,
        /// The id of the generation.
        material_id: String,
    },
    /// A replica of a multi-Region key and its primary key agree again on what they share: material and rotation.
    ReplicaSynchronized {
        /// The primary key's ARN.
        key_arn: String,
        /// The replica's ARN.
        replica_arn: String,
    },
    /// A replica of a multi-Region key is the primary key now, and the primary key a replica.
    PrimaryKeyChanged {
        /// The ARN of the key that was the primary.
        before: String,
        /// The ARN of the key that is it now.
        after: String,
    },
    /// A key is no more: its record, with all its material, was removed. What was encrypted under it is lost.
    KeyDestroyed {
        /// The key's ARN.
        key_arn: String,
    },
    /// A key's policy was replaced.
    PolicyReplaced {
        /// The key's ARN.
        key_arn: String,
    },
    /// A grant exists.
    GrantCreated {
        /// The key's ARN.
        key_arn: String,
        /// The grant's id.
        grant_id: String,
        /// Who may use it.
        grantee: String,
    },
    /// A grant is no more.
    GrantRevoked {
        /// The key's ARN.
        key_arn: String,
        /// The grant's id.
        grant_id: String,
    },
    /// A grant was ended by somebody whom it entitles to that.
    GrantRetired {
        /// The key's ARN.
        key_arn: String,
        /// The grant's id.
        grant_id: String,
    },
    /// An alias names a key from now on.
    AliasSet {
        /// The alias's ARN.
        alias_arn: String,
        /// The key's ARN.
        key_arn: String,
    },
    /// An alias is no more. Its key stays.
    AliasDeleted {
        /// The alias's ARN.
        alias_arn: String,
    },
    /// A key pair signed something.
    Signed {
        /// Such as `ECDSA_SHA_256`.
        algorithm: String,
        /// What was given to it: `RAW`, `DIGEST` or `EXTERNAL_MU`.
        message_type: String,
        /// The signature.
        signature: PublicBytes,
    },
    /// A signature is right.
    SignatureVerified {
        /// Such as `ECDSA_SHA_256`.
        algorithm: String,
        /// What was given to it: `RAW`, `DIGEST` or `EXTERNAL_MU`.
        message_type: String,
    },
    /// An HMAC key authenticated a message.
    MacGenerated {
        /// Such as `HMAC_SHA_256`.
        algorithm: String,
        /// Bytes of the code.
        len: usize,
    },
    /// The code of a message is right.
    MacVerified {
        /// Such as `HMAC_SHA_256`.
        algorithm: String,
    },
    /// A cached data key serves, without asking anybody.
    CacheHit {
        /// The entry: 16 hexadecimal digits of the hash of what its data key is for.
        entry: String,
        /// Whether another operation was asking for it and this one waited.
        waited: bool,
        /// How often the entry has been used, this time too; unknown to one that waited.
        uses: Option<u64>,
        /// Its age in milliseconds; unknown to one that waited.
        age_millis: Option<i64>,
    },
    /// The cache has no data key that may still be used, so this operation asks for one.
    CacheMiss {
        /// The entry, as in a hit.
        entry: String,
    },
    /// A cached data key will not be used any more. It is wiped once nobody is using it.
    CacheEvicted {
        /// The entry, as in a hit.
        entry: String,
        /// How often it was used.
        uses: u64,
        /// Why.
        reason: Eviction,
    },
    /// A check failed and the operation stopped here.
    VerificationFailed {
        /// What was being verified; no more detail than the public error gives.
        what: Verified,
    },
}

/// How an operation ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "outcome", rename_all = "kebab-case", rename_all_fields = "camelCase")]
pub enum OperationResult {
    /// Well.
    Succeeded {
        /// Bytes of its main output, where it has one.
        output_len: Option<usize>,
    },
    /// Not well.
    Failed {
        /// The public error's code.
        code: String,
        /// The public error's text.
        message: String,
    },
}

/// How a request named its key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum NamedBy {
    /// By its id.
    Id,
    /// By its ARN.
    Arn,
    /// By an alias name or alias ARN.
    Alias,
    /// Not at all: the ciphertext names its key.
    Ciphertext,
}

/// What a check was about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verified {
    /// The message's structure.
    MessageFormat,
    /// The encryption context that the caller expects.
    EncryptionContext,
    /// The state of the KMS key.
    KeyState,
    /// An encrypted data key, by the keyring or the KMS.
    EncryptedDataKey,
    /// The commitment to the data key.
    Commitment,
    /// The header's tag.
    Header,
    /// A frame's tag or number.
    Frame,
    /// The signature of a message, or one that a KMS was asked to verify.
    Signature,
    /// A message authentication code that a KMS was asked to verify.
    Mac,
}

/// Why a cache let go of an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Eviction {
    /// It was too old.
    Expired,
    /// It had served as many messages or bytes as it may.
    UsedUp,
    /// There was no room, and it had not been used for longest.
    Capacity,
    /// A younger one took its place.
    Replaced,
    /// Somebody asked for all to be forgotten.
    Cleared,
}

/// What a wiped secret was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum SecretName {
    /// A plaintext data key.
    DataKey,
    /// The key that encrypts one message, derived from its data key.
    MessageKey,
    /// One generation of a KMS key's secret.
    KeyMaterial,
    /// A key derived for one ciphertext from key material or a branch key, or the private key that imported material is wrapped for.
    WrappingKey,
    /// The KMS's root key.
    RootKey,
    /// What a caller had the KMS encrypt or decrypt.
    Plaintext,
    /// What two parties came to share by a key agreement or an encapsulation.
    SharedSecret,
}

/// A secret as a trace may show it: how long it is and a fingerprint that says which one it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SecretView {
    /// Its length in bytes.
    pub len: usize,
    /// 16 hexadecimal digits: HMAC-SHA-256 under a random key of the trace, cut to 8 bytes. Equal for equal secrets of one trace, and of no
    /// use to guess the secret offline.
    pub fingerprint: String,
    /// Its bytes, only if the observer was built with `danger_reveal_secrets`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub revealed: Option<PublicBytes>,
}

/// Bytes that anyone may see. In JavaScript a `Uint8Array`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicBytes(
    /// The bytes.
    pub Vec<u8>,
);

impl PublicBytes {
    /// A copy of public bytes.
    pub fn copy_of(bytes: &[u8]) -> Self {
        Self(bytes.to_vec())
    }
}

impl Serialize for PublicBytes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(&self.0)
    }
}

/// A part of a stored message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct StoredPart {
    /// Such as `ciphertext` or `encrypted data key`.
    pub label: String,
    /// Its size in bytes.
    pub len: usize,
}
