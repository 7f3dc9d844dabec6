/// <reference lib="esnext.disposable" />

import type { AuditFilter, AuditRecord, ServiceEvent } from "./audit.js";
import type { EncryptionContext } from "./aws.js";
import type { ExplainRequest, Explanation, Holder } from "./explanation.js";
import type { IdentityStore } from "./identity.js";
import { LocalKmsClient } from "./local-kms-client.js";
import type { TraceEvent } from "./trace.js";
import type { AwsCredentials, AwsRequestHandler } from "./wire.js";

export type * from "./audit.js";
export type * from "./aws.js";
export type * from "./aws-asymmetric.js";
export type * from "./aws-keys.js";
export type * from "./aws-words.js";
export * from "./errors.js";
export type * from "./explanation.js";
export type * from "./identity.js";
// A type only: `LocalKms.as` is what makes one.
export type * from "./local-kms-client.js";
export type * from "./trace.js";
export type * from "./wire.js";

/**
 * An embedded KMS that enforces its policies, for tests, lessons and demonstrations.
 *
 * **It does not protect against other scripts in its page or process.** Its keys are in this process's memory, any code there can reach
 * them, and whoever holds the `LocalKms` can ask as anybody. Use a KMS behind a network where keys must be kept from the application.
 *
 * The methods and shapes are those of AWS SDK v3's `KMS` class, and refusals have AWS's names. The calls of a `LocalKms` itself are the
 * account administrator's (the account's root); `as` gives the same KMS, asked by somebody else.
 *
 * Whatever asks the KMS returns a promise: it may be in another tab, and what a call changes is stored before its promise resolves.
 */
export class LocalKms extends LocalKmsClient {
  /** Loads the engine and opens a KMS: an empty one, or the one that is in storage. */
  static open(options: LocalKmsOptions): Promise<LocalKms>;
  /**
   * A KMS of what is in a snapshot, with the keys, policies and audit log that it had. It rejects with `InvalidInput` if the root key is
   * another one, or the bytes were altered.
   * @param bytes what `snapshot` made
   */
  static restore(bytes: Uint8Array, options: RestoreOptions & SnapshotOptions): Promise<LocalKms>;
  /**
   * A KMS of what is in a snapshot that is not sealed. **Whoever made it, or has seen it, has all of its keys**, and may have put anything
   * into it: for lessons and bug reports.
   * @param bytes what `dangerSnapshotWithoutRootKey` made
   */
  static dangerRestoreWithoutRootKey(bytes: Uint8Array, options: RestoreOptions): Promise<LocalKms>;
  /** What is known of users, roles and accounts. */
  readonly iam: IdentityStore;
  /**
   * The same KMS, asked by somebody else. No password is checked: whoever holds the `LocalKms` vouches for the caller.
   * @param principal the caller's ARN, such as `arn:aws:iam::111122223333:user/bob`; it may be of another account
   */
  as(principal: string, options?: AsOptions): LocalKmsClient;
  /**
   * Answers a request of AWS's JSON protocol, with its signature verified, as the KMS's server would; the arguments are those of the web's
   * `fetch`. Where the request would go does not matter. What is refused is a response too; it rejects where it is aborted, and where
   * `fetch` would.
   */
  fetch(input: Request | URL | string, init?: RequestInit): Promise<Response>;
  /**
   * What an AWS SDK v3 client takes as its `requestHandler`, to ask this KMS without a network:
   * `new KMS({ region: "us-east-1", credentials: () => kms.credentials(principal), requestHandler: kms.requestHandler() })`.
   */
  requestHandler(): AwsRequestHandler;
  /**
   * What a principal's requests are to be signed with: made at the first call and the same at every later one, until the KMS is opened
   * again or another tab takes over. Give AWS's client a function, as above: it then asks again when it has to.
   * @param principal the caller's ARN, such as `arn:aws:iam::111122223333:user/bob`; it may be of another account
   */
  credentials(principal: string): Promise<AwsCredentials>;
  /** Every call so far, oldest first, in CloudTrail's terms, or those that are wanted; in IndexedDB as many are kept as `auditLimit` says. */
  audit(wanted?: AuditFilter): Promise<AuditRecord[]>;
  /**
   * What would be decided about a request, and for a refusal the smallest changes that would allow it, each with whom else it would let in.
   * Nothing is done, and nothing is written to the audit log. It rejects where the request would be refused before it is decided about.
   */
  explain(request: ExplainRequest): Promise<Explanation>;
  /**
   * Who of those whom policies and grants name can do something, with reasons.
   * @param action such as `kms:Decrypt`
   * @param target the key: id, ARN, alias name or alias ARN; or a ciphertext of a symmetric key, which names its key
   */
  whoCan(action: string, target: string | Uint8Array, options?: WhoCanOptions): Promise<Holder[]>;
  /**
   * Moves the `VirtualClock` that the KMS was opened with, and does what falls due by then: keys are rotated and destroyed, each at its own
   * moment. What falls due is done before any other call too; this is for whoever wants to see it.
   * @param date where to; an earlier date leaves the clock where it is
   */
  advanceTo(date: Date): Promise<ServiceEvent[]>;
  /** The same, by a duration. */
  advance(duration: Duration): Promise<ServiceEvent[]>;
  /** All of this KMS, its audit log too, sealed by AES-256-GCM under a root key that you keep; nothing of it is in the clear. */
  snapshot(options: SnapshotOptions): Promise<Uint8Array>;
  /** All of this KMS **with its keys in the clear**: whoever has it can decrypt all that this KMS ever encrypted. For worlds to be shared. */
  dangerSnapshotWithoutRootKey(): Promise<Uint8Array>;
  /**
   * Overwrites all keys in memory; no call works any more. What is in storage stays there: calls under way are still stored, and another tab
   * takes over.
   */
  [Symbol.dispose](): void;
}

/** How to make a KMS. */
export interface LocalKmsOptions {
  /**
   * Where keys are kept; it has to be written down. `memory`: they are gone with the page or process. Else in this browser, see
   * `IndexedDbStorage`.
   */
  storage: "memory" | IndexedDbStorage;
  /** Tells the time, once per call; default: the platform's clock. Where tabs share a KMS, each asks by its own. */
  clock?: VirtualClock | (() => Date) | undefined;
  /** The account, 12 digits; default `111122223333`, or the one that is in storage. */
  account?: string | undefined;
  /** The region in the keys' ARNs; default `us-east-1`, or the one that is in storage. */
  region?: string | undefined;
  /**
   * Seconds that a change of grants takes to be seen, a whole number from 0 to 3600: a new grant counts after them, or at once for who gives
   * its token, and one that was ended keeps counting for them. At AWS it is usually less than 300. Default 0. Where tabs share a KMS, that
   * of the tab which has it counts.
   */
  grantConsistency?: number | undefined;
  /**
   * Is told everything that happens, in order, before the call's promise settles; default: nobody. Give it and a `Client` the same function
   * and they write one trace. Where several tabs share a KMS, it hears of what is done in its own tab.
   */
  onEvent?: ((event: TraceEvent) => void) | undefined;
  /** **Puts every key into the events.** For lessons with keys that protect nothing; default `false`. */
  dangerRevealSecrets?: boolean | undefined;
  /**
   * **Makes every key follow from this number**, a whole one from 0, so that a test can be repeated: the same calls at the same times give
   * the same keys, ids and ciphertexts. Whoever knows it knows the keys. For storage in memory only; default: the platform's randomness.
   */
  dangerSeed?: number | undefined;
}

/**
 * A KMS that stays in this browser, in IndexedDB, and that all tabs of the site share. A call's promise resolves when what it changed is on
 * the disk (`durability: "strict"`); if that fails, the change is undone and the call rejects with `KMSInternalException`. Calls that overlap
 * share a transaction.
 *
 * One tab has the KMS at a time; the others ask it, and one of them takes over when it is closed. A call that a tab was closed in the midst
 * of rejects with `KMSInternalException`: whether it was done is not known.
 *
 * Key material is wrapped under a root key, and that under a key of WebCrypto that no script can read. That keeps keys out of plain sight of
 * who copies the browser's profile or reads a backup of it. **It does not protect against scripts of the same origin**, which can use that key as the KMS
 * does, nor against whoever can run the browser with the profile. Policies, descriptions and the audit log are not encrypted. The browser
 * deletes it all when the user clears the site's data, or, without `navigator.storage.persist()`, when it needs room: keep a `snapshot`.
 */
export interface IndexedDbStorage {
  /** A name for the KMS, of the site's own choice. */
  indexedDB: string;
  /** Lines of the audit log that are kept, the newest ones, 1 to 1,000,000; default 10,000. */
  auditLimit?: number | undefined;
}

/** Where to restore a snapshot to. Account and region come with it. */
export interface RestoreOptions {
  /** As for `open`; there must be no KMS of that name yet. */
  storage: "memory" | IndexedDbStorage;
  /** As for `open`. */
  clock?: VirtualClock | (() => Date) | undefined;
  /** As for `open`. */
  grantConsistency?: number | undefined;
  /** As for `open`. */
  onEvent?: ((event: TraceEvent) => void) | undefined;
  /** As for `open`. */
  dangerRevealSecrets?: boolean | undefined;
}

/** What a snapshot is sealed under. */
export interface SnapshotOptions {
  /** 32 random bytes, such as `crypto.getRandomValues(new Uint8Array(32))`. They are copied. */
  rootKey: Uint8Array;
}

/** A clock that stands still until it is moved, and moves forward only: for tests and lessons. `LocalKms.advanceTo` moves it too. */
export class VirtualClock {
  /** @param now what it shows at first; default: the platform's time */
  constructor(now?: Date);
  /** What it shows. */
  now(): Date;
  /** Moves it; an earlier date leaves it where it is. Returns what it shows then. */
  advanceTo(date: Date): Date;
  /** Moves it by a duration. Returns what it shows then. */
  advance(duration: Duration): Date;
  /** What it will show when so much has passed. */
  after(duration: Duration): Date;
}

/** How long, as the sum of its parts; each is a number from 0. */
export interface Duration {
  /** Of 24 hours. Default 0. */
  days?: number | undefined;
  /** Of 60 minutes. Default 0. */
  hours?: number | undefined;
  /** Of 60 seconds. Default 0. */
  minutes?: number | undefined;
  /** Of 1000 milliseconds. Default 0. */
  seconds?: number | undefined;
  /** The smallest part that counts. Default 0. */
  milliseconds?: number | undefined;
}

/** What `whoCan` supposes. */
export interface WhoCanOptions {
  /** The encryption context of the request; default: none. */
  encryptionContext?: EncryptionContext | undefined;
}

/** How somebody asks. */
export interface AsOptions {
  /** The AWS service that asks on the caller's behalf, such as `s3.us-east-1.amazonaws.com`; it is `kms:ViaService`. Default: none. */
  via?: string | undefined;
}

/** Loads the WebAssembly module now. `LocalKms.open` does so by itself. */
export function ready(): Promise<void>;
