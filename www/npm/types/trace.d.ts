import type { Finding, FindingId } from "./errors.js";

/** One thing that happened, told by the code that did it. `kind` says which of the other members are there. */
export type TraceEvent = TraceEventBase & TraceEventKind;

/** What every event has. */
export interface TraceEventBase {
  /** Its number in the trace, from 0, without gaps. */
  seq: number;
  /** When, in milliseconds since 1970. */
  at: number;
  /** Who did it. */
  by: "caller" | "kms" | "store";
  /** The operation it belongs to; `id` 0 is the trace itself. */
  span: { id: number; parent?: number };
}

/** A secret as a trace shows it. */
export interface SecretView {
  /** Its length in bytes. */
  len: number;
  /** 16 hexadecimal digits, equal for equal secrets of one trace and of no use outside it. */
  fingerprint: string;
  /** Its bytes, only with `dangerRevealSecrets`. */
  revealed?: Uint8Array;
}

/** How an operation ended. */
export type OperationResult =
  | { outcome: "succeeded"; outputLen?: number }
  | { outcome: "failed"; code: string; message: string };

/** What was stored under a name: its parts and their sizes in bytes. */
export interface StoredPart {
  label: string;
  len: number;
}

/** What happened. */
export type TraceEventKind =
  /** An operation began: `encrypt`, `decrypt`, or a KMS operation by its own name. `inputLen` in bytes. */
  | { kind: "operation-started"; operation: string; inputLen?: number }
  /** The operation ended. */
  | { kind: "operation-finished"; operation: string; result: OperationResult }
  /** A request left for the KMS. */
  | { kind: "kms-request-sent"; operation: string; keyId?: string; encryptionContext: Record<string, string> }
  /** The KMS knows who asks. `scheme` is `in-process` for a caller that the embedding application vouches for. */
  | { kind: "request-verified"; principal: string; viaService?: string; scheme: string }
  /** The key that a request named was found. */
  | { kind: "key-resolved"; namedBy: "id" | "arn" | "alias" | "ciphertext"; keyArn: string }
  /** A statement of a policy, or a grant, was compared with the request. */
  | { kind: "statement-evaluated"; finding: Finding }
  /** The request may go on. */
  | { kind: "authorized"; action: string; reason: string; decidedBy?: FindingId }
  /** The request may not go on. */
  | { kind: "denied"; action: string; verdict: "explicit-deny" | "implicit-deny"; reason: string; decidedBy?: FindingId }
  /** The key's state was compared with what the operation needs. */
  | { kind: "key-state-checked"; state: string; allowed: boolean }
  /** Random bytes were drawn. */
  | { kind: "random-drawn"; purpose: string; len: number }
  /** A data key exists. */
  | { kind: "data-key-generated"; spec: string; dataKey: SecretView }
  /** A data key was encrypted under a wrapping key; `materialId` is that key's generation, absent for a raw key. */
  | { kind: "data-key-wrapped"; dataKey: SecretView; encryptedDataKey: Uint8Array; materialId?: string; encryptionContext: Record<string, string> }
  /** An encrypted data key was decrypted. */
  | { kind: "data-key-unwrapped"; encryptedDataKey: Uint8Array; dataKey: SecretView; materialId?: string }
  /** Two parties share a secret, by `ECDH` or `ML_KEM`; `exchanged` is the peer's public key or the encapsulated secret. */
  | { kind: "shared-secret-established"; algorithm: string; sharedSecret: SecretView; exchanged: Uint8Array }
  /** The KMS chose which generation of the key's secret to use. */
  | { kind: "material-chosen"; materialId: string; current: boolean }
  /** The answer left the KMS. */
  | { kind: "kms-response-sent"; operation: string; result: OperationResult }
  /** The KMS wrote down the call. */
  | { kind: "audit-recorded"; eventId: string }
  /** The KMS's store wrote a record of `len` bytes, before the answer left. */
  | { kind: "change-persisted"; what: string; len: number }
  /** A key was derived from another; `label` is the key schedule's, `DERIVEKEY` or `COMMITKEY`. */
  | { kind: "key-derived"; label: string; from: SecretView; to: SecretView; suite: string }
  /** The commitment in the header was compared with the one derived from the data key. */
  | { kind: "commitment-checked"; matches: boolean }
  /** A header was written and authenticated; it is whole, with its tag. */
  | { kind: "header-sealed"; header: Uint8Array }
  /** A header that was read has the right tag; it is whole, with its tag. */
  | { kind: "header-verified"; header: Uint8Array }
  /** A message was signed: everything before its footer. */
  | { kind: "message-signed"; signature: Uint8Array }
  /** The signature of a message that was read is right. */
  | { kind: "message-signature-verified"; signature: Uint8Array }
  /** A frame was encrypted; `sequence` counts from 1. */
  | { kind: "frame-sealed"; sequence: number; isFinal: boolean; plaintextLen: number; iv: Uint8Array; tag: Uint8Array }
  /** A frame's tag is right and it was decrypted; `sequence` counts from 1. */
  | { kind: "frame-opened"; sequence: number; isFinal: boolean; plaintextLen: number; iv: Uint8Array; tag: Uint8Array }
  /** A secret's bytes were overwritten with zeros. */
  | { kind: "secret-wiped"; secret: "data-key" | "message-key" | "key-material" | "wrapping-key" | "root-key" | "plaintext" | "shared-secret"; identity: SecretView }
  /** A message was written to a store. */
  | { kind: "message-stored"; name: string; parts: StoredPart[] }
  /** A message was read from a store. */
  | { kind: "message-loaded"; name: string; parts: StoredPart[] }
  /** A key changed its state; `before` is absent for a new key. */
  | { kind: "key-state-changed"; keyArn: string; before?: string; after: string }
  /** A key has a new generation of its material, `after`; the older ones still decrypt. */
  | { kind: "key-rotated"; keyArn: string; before: string; after: string }
  /** A key was given material that its owner brought. */
  | { kind: "key-material-imported"; keyArn: string; materialId: string }
  /** Imported material was removed from a key, because it expired or because somebody asked. */
  | { kind: "key-material-deleted"; keyArn: string; materialId: string }
  /** A replica of a multi-Region key has what its primary key has: material and rotation. */
  | { kind: "replica-synchronized"; keyArn: string; replicaArn: string }
  /** A replica of a multi-Region key is the primary key now, and the primary key a replica. */
  | { kind: "primary-key-changed"; before: string; after: string }
  /** A key is no more, and what was encrypted under it is lost. */
  | { kind: "key-destroyed"; keyArn: string }
  /** A key's policy was replaced. */
  | { kind: "policy-replaced"; keyArn: string }
  /** A grant exists. */
  | { kind: "grant-created"; keyArn: string; grantId: string; grantee: string }
  /** A grant is no more. */
  | { kind: "grant-revoked"; keyArn: string; grantId: string }
  /** A grant was ended by somebody whom it entitles to that. */
  | { kind: "grant-retired"; keyArn: string; grantId: string }
  /** An alias names a key from now on. */
  | { kind: "alias-set"; aliasArn: string; keyArn: string }
  /** An alias is no more. Its key stays. */
  | { kind: "alias-deleted"; aliasArn: string }
  /** A key pair signed something; `messageType` is `RAW`, `DIGEST` or `EXTERNAL_MU`. */
  | { kind: "signed"; algorithm: string; messageType: string; signature: Uint8Array }
  /** A signature is right. */
  | { kind: "signature-verified"; algorithm: string; messageType: string }
  /** An HMAC key authenticated a message; the code has `len` bytes. */
  | { kind: "mac-generated"; algorithm: string; len: number }
  /** The code of a message is right. */
  | { kind: "mac-verified"; algorithm: string }
  /** A cached data key serves. `uses` counts this one too, `ageMillis` is in milliseconds; one that `waited` for another's request knows neither. */
  | { kind: "cache-hit"; entry: string; waited: boolean; uses?: number; ageMillis?: number }
  /** The cache has no data key that may still be used, so this operation asks for one. */
  | { kind: "cache-miss"; entry: string }
  /** A cached data key will not be used any more. */
  | { kind: "cache-evicted"; entry: string; uses: number; reason: "expired" | "used-up" | "capacity" | "replaced" | "cleared" }
  /** A check failed and the operation stopped here. */
  | { kind: "verification-failed"; what: "message-format" | "encryption-context" | "key-state" | "encrypted-data-key" | "commitment" | "header" | "frame" | "signature" | "mac" };
