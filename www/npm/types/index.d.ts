/// <reference lib="esnext.disposable" />

import type { EncryptionContext, WrappingKms } from "./aws.js";
import type { AnyKeyring } from "./keyrings.js";
import type {
  DecryptionStream,
  DecryptStreamOptions,
  EncryptionStream,
  EncryptStreamOptions,
  OpenOptions,
  RandomAccessSource,
  SealedFile,
} from "./streams.js";
import type { TraceEvent } from "./trace.js";

export * from "./errors.js";
export type { CallOptions, EncryptionContext, Kms, KmsDecryptRequest, KmsEncryptRequest, KmsGenerateDataKeyRequest, WrappingKms } from "./aws.js";
export * from "./keyrings.js";
export type * from "./streams.js";
export type * from "./trace.js";

/** Data: a string is taken as UTF-8, and refused if it has half of a surrogate pair, which UTF-8 can not say. It is taken as it is when the call is made, and never changed or kept. */
export type Input = string | Uint8Array | ArrayBuffer | Blob;

/**
 * Encrypts and decrypts messages in the AWS Encryption SDK format: suite 0478, AES-256-GCM with key commitment, unless another is asked for.
 *
 * ```js
 * const client = new Client({ kms, keyId });
 * const message = await client.encrypt("top secret", { encryptionContext: { tenant: "42" } });
 * const { plaintext } = await client.decrypt(message, { encryptionContext: { tenant: "42" } });
 * ```
 */
export class Client {
  /** Makes nothing but a note of the options; the WebAssembly module is loaded by the first call. */
  constructor(options: ClientOptions);
  /**
   * Encrypts under a new data key, which the keyring makes and wraps.
   * @returns the message, a new array of the caller's own
   */
  encrypt(plaintext: Input, options?: EncryptOptions): Promise<Uint8Array<ArrayBuffer>>;
  /** Decrypts a message. Nothing is returned until all of it is verified. */
  decrypt(message: Input, options?: DecryptOptions): Promise<Decrypted>;
  /**
   * Encrypts what is piped through it, in constant memory.
   *
   * ```js
   * const message = await new Response(file.stream().pipeThrough(client.encryptStream({ size: file.size }))).blob();
   * ```
   */
  encryptStream(options?: EncryptStreamOptions): EncryptionStream;
  /**
   * Decrypts what is piped through it, in constant memory. **That the message is whole is known only when the stream ends without an error**: what came out
   * before is verified piece by piece, and may be the start of something longer.
   */
  decryptStream(options?: DecryptStreamOptions): DecryptionStream;
  /**
   * Opens a message of which parts are to be read: the header and the last frame are fetched and verified, so one that was cut off is noticed now.
   *
   * ```js
   * using video = await client.open("https://files.example/video.waxseal");
   * const middle = await video.read(Math.floor(video.size / 2), 65_536);
   * ```
   */
  open(source: RandomAccessSource, options?: OpenOptions): Promise<SealedFile>;
  /** Forgets the keyring and wipes a cache of its own; the client can not be used any more. */
  [Symbol.dispose](): void;
}

/** What wraps data keys, either as a keyring, or as a KMS and a key of it. */
export type ClientOptions = ClientSettings &
  (
    | {
        /** What wraps and unwraps data keys. */
        keyring: AnyKeyring;
        kms?: undefined;
        keyId?: undefined;
      }
    | {
        /** The KMS; `{ kms, keyId }` is short for `{ keyring: kmsKeyring({ kms, keyId }) }`. */
        kms: WrappingKms;
        /** The KMS key: id, ARN, alias name or alias ARN. An id or alias encrypts; decrypting needs the key's ARN. */
        keyId: string;
        keyring?: undefined;
      }
  );

/** What a client does besides. */
export interface ClientSettings {
  /**
   * Whether messages without key commitment are written and read; default `require-encrypt-require-decrypt`: neither. Such messages are of older
   * writers; `require-encrypt-allow-decrypt` reads them.
   */
  commitmentPolicy?: "require-encrypt-require-decrypt" | "require-encrypt-allow-decrypt" | "forbid-encrypt-allow-decrypt" | undefined;
  /**
   * The algorithm suite of what is encrypted: a name, or four hexadecimal digits; default `committing`, which is 0478. `committing-signed`, which is
   * 0578, makes a key pair for each message and signs it, through the platform's WebCrypto or, on Node and Bun, `node:crypto`, and without
   * either through the full WebAssembly module: that takes about a millisecond, in WebAssembly several, and proves to readers that the message is of
   * somebody who may encrypt. What is signed is read whatever is said here.
   */
  suite?: "committing" | "committing-signed" | SuiteId | undefined;
  /**
   * Keys of the encryption context whose pairs messages are bound to without storing them; default: none. Every encryption has to have
   * them, and every decryption has to give them as `reproducedEncryptionContext`.
   */
  requiredEncryptionContextKeys?: readonly string[] | undefined;
  /**
   * Bytes of plaintext in a frame of what is encrypted, 1 to 4,294,967,295; default 65,536. Each frame is authenticated by itself. Shorter ones are opened
   * sooner where data arrives slowly, and take more time and space: 32 bytes each.
   */
  frameLength?: number | undefined;
  /**
   * Messages with more encrypted data keys than this are neither written nor read, 1 to 65,535; default: no limit. It bounds how many
   * requests to a KMS a stranger's message can cause.
   */
  maxEncryptedDataKeys?: number | undefined;
  /**
   * Keeps data keys, so that not every message costs a request to the KMS: limits of a cache of the client's own, or a `MaterialsCache` whose room it
   * shares with others; default: every message has a data key of its own. See `CacheLimits` for what that means.
   */
  cache?: CacheLimits | MaterialsCache | undefined;
  /**
   * Clients that name the same partition of the same `MaterialsCache` use each other's data keys, so their keyrings have to be the same; default: a
   * partition of the client's own.
   */
  cachePartition?: string | undefined;
  /**
   * Is told everything that happens, in order, before the operation's promise settles; default: nobody. What it throws is reported as
   * uncaught and changes nothing. All who are given the same function write one trace: the numbers go up, and the same secret has the
   * same fingerprint.
   */
  onEvent?: ((event: TraceEvent) => void) | undefined;
  /** **Puts every key into the events.** For lessons with keys that protect nothing; default `false`. */
  dangerRevealSecrets?: boolean | undefined;
}

/**
 * How long and how often a data key in a cache is used. Messages of one suite and one encryption context share a data key until a limit is reached, each
 * still under a key derived for it alone, and if they are signed, by one signer; a message whose encrypted data keys were unwrapped before is opened without asking. However many calls want
 * the same data key at the same moment, one of them asks, and a failure is everybody's who waited for it. Data keys are in WebAssembly's memory
 * meanwhile, a permission that was revoked is noticed when their time is over, and the KMS's log has one line for many messages.
 */
export interface CacheLimits {
  /** Seconds, a whole number from 1, after which an entry is not used any more, counted from the request to the KMS. Some time before, it is asked for anew in the background. */
  maxAge: number;
  /** How many messages are encrypted under one data key, 1 to 2^32; default: 2^32. */
  maxMessages?: number | undefined;
  /** How many bytes of plaintext are encrypted under one data key, 1 to 2^53 - 1; default: no limit. A longer plaintext has a data key of its own. */
  maxBytes?: number | undefined;
  /** How many entries there are for encryption, and as many for decryption; default 1000. The one not used for longest makes room. */
  capacity?: number | undefined;
}

/** A cache of data keys whose room several clients share; its data keys they share only where they name the same partition. */
export class MaterialsCache {
  constructor(limits: CacheLimits);
  /** Wipes all data keys in it. Calls that are under way go on. */
  clear(): void;
  /** Wipes all data keys in it; it can not be used any more. Without this, the garbage collector does it. */
  [Symbol.dispose](): void;
}

/** An algorithm suite, by its number; 0214, 0346, 0378 and 0578 sign. */
export type SuiteId = "0014" | "0046" | "0078" | "0114" | "0146" | "0178" | "0214" | "0346" | "0378" | "0478" | "0578";

/** How to encrypt. */
export interface EncryptOptions {
  /** What the message is bound to. It travels in the clear. Keys starting with `aws-crypto-` are reserved. Default: nothing. */
  encryptionContext?: EncryptionContext | undefined;
  /** Ends the operation with `Aborted`, and reaches the KMS as `abortSignal`; default: none. */
  signal?: AbortSignal | undefined;
}

/** How to decrypt. */
export interface DecryptOptions {
  /**
   * Every pair given here must be in the message, or it is refused with `EncryptionContextMismatch` before any KMS is asked; the message
   * may have others too. Default: nothing is expected.
   */
  encryptionContext?: EncryptionContext | undefined;
  /**
   * Pairs that the message may be bound to without storing them. One that it stores has to be equal; one that it neither stores nor is bound to makes
   * decryption fail. Default: none.
   */
  reproducedEncryptionContext?: EncryptionContext | undefined;
  /** Refuses signed messages, right after their header and before a keyring is asked: for what reads streams and acts on every piece. Default `false`. */
  unsignedOnly?: boolean | undefined;
  /**
   * Bytes of plaintext that a frame may have at most; a longer one, all of which would have to be held until it is verified, is refused when its head has
   * arrived. Default: no limit but the frame length that the header says.
   */
  maxBufferedFrame?: number | undefined;
  /** Ends the operation with `Aborted`, and reaches the KMS as `abortSignal`; default: none. */
  signal?: AbortSignal | undefined;
}

/** A message that was opened and verified. */
export interface Decrypted {
  /** What was encrypted; the caller's own. */
  readonly plaintext: Uint8Array<ArrayBuffer>;
  /** All pairs that the message is bound to, verified. */
  readonly encryptionContext: Record<string, string>;
  /** What the header says, verified. */
  readonly header: Header;
  /** The plaintext as text; throws a `TypeError` if it is not UTF-8. */
  text(): string;
  /** Overwrites the plaintext with zeros. */
  [Symbol.dispose](): void;
}

/** A message's header. */
export interface Header {
  /** The algorithm suite, four hexadecimal digits: `0478`. */
  readonly suite: string;
  /** Random bytes that no other message has: 32, or 16 in messages of version 1. */
  readonly messageId: Uint8Array<ArrayBuffer>;
  /** Bytes of plaintext in every frame but the last; absent if the message is one piece. */
  readonly frameLength?: number | undefined;
  /** The wrapped copies of the data key. */
  readonly encryptedDataKeys: readonly EncryptedDataKey[];
  /** The commitment to the data key; absent in suites without one. */
  readonly commitment?: Uint8Array<ArrayBuffer> | undefined;
}

/** One wrapped copy of a message's data key. */
export interface EncryptedDataKey {
  /** `aws-kms`, or a raw key's namespace. */
  readonly providerId: string;
  /** Which wrapping key, UTF-8 for `aws-kms`: the KMS key's ARN. */
  readonly providerInfo: Uint8Array<ArrayBuffer>;
  /** The data key, wrapped. */
  readonly ciphertext: Uint8Array<ArrayBuffer>;
}

/** Loads the WebAssembly module now. The first call does so by itself. */
export function ready(): Promise<void>;
