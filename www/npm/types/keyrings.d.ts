/// <reference lib="esnext.disposable" />

import type { EncryptionContext, Kms, WrappingKms } from "./aws.js";
import type { EncryptedDataKey } from "./index.js";

/** What wraps and unwraps data keys. Made by `kmsKeyring` and the other functions; one object serves any number of clients. */
export interface Keyring {
  /** Overwrites the keyring's own copies of raw keys and branch keys; the keyring can not be used any more. */
  [Symbol.dispose](): void;
}

/** A keyring of waxseal's or of your own. */
export type AnyKeyring = Keyring | OwnKeyring;

/** Wraps data keys under a KMS key. */
export function kmsKeyring(options: KmsKeyringOptions): Keyring;

/**
 * Wraps data keys under a KMS key, as `kmsKeyring` does, and also opens what the same multi-Region key wrapped in another region: it asks its own
 * KMS, for its own key.
 */
export function mrkKeyring(options: KmsKeyringOptions): Keyring;

/** Which KMS key. */
export interface KmsKeyringOptions {
  /** The KMS: a `LocalKms`, the `new KMS()` of `@aws-sdk/client-kms`, or an object of your own. */
  kms: WrappingKms;
  /** The KMS key: id, ARN, alias name or alias ARN. An id or alias encrypts; decrypting needs the key's ARN. */
  keyId: string;
  /** Tokens of grants that may be too new to be seen everywhere; default: none. */
  grantTokens?: readonly string[] | undefined;
}

/**
 * Unwraps data keys that any KMS key wrapped, and wraps none. The message says which key is asked, so whoever wrote it chooses: give `accounts`,
 * unless the KMS's own permissions are as narrow as you want.
 */
export function kmsDiscoveryKeyring(
  options: DiscoveryOptions & {
    /**
     * The KMS to ask, whatever the key's region; or a function from region, such as `us-east-1`, to the KMS to ask there, which is called for each
     * data key, and whose `undefined` says that keys of that region are not to be used.
     */
    kms: DecryptingKms | ((region: string) => OrPromise<DecryptingKms | undefined>);
  },
): Keyring;

/** Unwraps, as `kmsDiscoveryKeyring` does, but in one region only: under keys of that region, and under the replicas there of multi-Region keys. */
export function mrkDiscoveryKeyring(
  options: DiscoveryOptions & {
    /** The KMS of the region. */
    kms: DecryptingKms;
    /** The region, such as `us-east-1`. */
    region: string;
  },
): Keyring;

/** Whose keys may be asked for. */
export interface DiscoveryOptions {
  /** Ids of the accounts whose keys may be asked for; default: any account's. */
  accounts?: readonly string[] | undefined;
  /** The partition of these accounts; only together with them; default `aws`. */
  partition?: string | undefined;
  /** Tokens of grants that may be too new to be seen everywhere; default: none. */
  grantTokens?: readonly string[] | undefined;
}

/** As much of a KMS as decrypting needs. */
export type DecryptingKms = Pick<Kms, "decrypt">;

/** Wraps data keys under an AES key that you keep, rotate and lose yourself. */
export function rawAesKeyring(options: {
  /** Names the kind of key; a message says it, and only a keyring with the same opens it. It must not start with `aws-kms`. */
  namespace: string;
  /** Names the key within the namespace. */
  name: string;
  /** 16, 24 or 32 bytes; copied. */
  key: Uint8Array;
}): Keyring;

/**
 * Wraps data keys under an RSA public key and unwraps them with its private key, which who encrypts need not have.
 *
 * RSA does not bind the data key to the encryption context, as all other keyrings do: whoever can write messages can put a wrapped key into a message
 * with another context. The message's own tags still bind its plaintext to its context.
 *
 * The platform's WebCrypto works with the keys, and keeps those given as PEM or DER where no script can read them, from the first use on. Where there is
 * none, as in a page that is not of a secure origin, and for PKCS#1 v1.5, the full WebAssembly module does, which is downloaded for it. A data key that
 * does not unwrap, for whatever reason, is `DecryptionFailed`; keys that can not be read or do not belong together are `InvalidInput`.
 */
export function rawRsaKeyring(options: RsaOptions): Keyring;

/** An RSA key of 2048 to 8192 bits, with OAEP or, to read old messages only, with PKCS#1 v1.5. */
export type RsaOptions = {
  /** Names the kind of key; a message says it, and only a keyring with the same opens it. It must not start with `aws-kms`. */
  namespace: string;
  /** Names the key within the namespace. */
  name: string;
} & (
  | {
      /**
       * The hash of OAEP, for its label and its mask; it has to be the same where the message is read, and that of every `CryptoKey`; default: that of the
       * `CryptoKey`, or `SHA-256`.
       */
      hash?: "SHA-1" | "SHA-256" | "SHA-384" | "SHA-512" | undefined;
      /**
       * The key that encrypts: SubjectPublicKeyInfo as PEM (`BEGIN PUBLIC KEY`) or as DER in an array, which is copied; or a `CryptoKey` for RSA-OAEP with
       * the usage `encrypt` or `wrapKey`. Default: the keyring only decrypts.
       */
      publicKey?: string | Uint8Array | RsaCryptoKey | undefined;
      /**
       * The key that decrypts: PKCS#8 as PEM (`BEGIN PRIVATE KEY`) or as DER in an array, which is copied; or a `CryptoKey` for RSA-OAEP with the usage
       * `decrypt` or `unwrapKey`, which need not be extractable. With a public key it has to be that one's. Default: the keyring only encrypts.
       */
      privateKey?: string | Uint8Array | RsaCryptoKey | undefined;
      dangerPkcs1v15DecryptOnly?: false | undefined;
    }
  | {
      /**
       * **Unwraps data keys padded as PKCS#1 v1.5 has it, and wraps none.** Decrypting such ciphertexts is what Bleichenbacher's attack and its many
       * descendants live from: where an attacker can send many messages and measure well, do not use it. Encrypt such messages anew with OAEP. Default
       * `false`.
       */
      dangerPkcs1v15DecryptOnly: true;
      /** The key that decrypts, PKCS#8: PEM (`BEGIN PRIVATE KEY`), or DER in an array, which is copied. */
      privateKey: string | Uint8Array;
      publicKey?: undefined;
      hash?: undefined;
    }
);

/** A `CryptoKey` of WebCrypto, by what is looked at of it: also where the types of the DOM are not known. */
export interface RsaCryptoKey {
  readonly type: string;
  readonly algorithm: { readonly name: string };
  readonly extractable: boolean;
  readonly usages: readonly string[];
}

/** Wraps each data key under several keys; any one of them opens the message. */
export function multiKeyring(options: {
  /** Makes the data keys; default: the keyring can only decrypt. */
  generator?: AnyKeyring | undefined;
  /** Wrap the same data keys too; default: none. */
  children?: readonly AnyKeyring[] | undefined;
}): Keyring;

/**
 * Wraps data keys under branch keys: wrapping keys in versions, which a KMS keeps wrapped in a store of yours. One of them serves many messages,
 * so that with a cache not every message costs a request to the KMS.
 */
export function hierarchicalKeyring(options: {
  /** The KMS that unwraps the branch keys. */
  kms: DecryptingKms;
  /** The ARN of the KMS key that wraps them. */
  keyArn: string;
  /** Where the wrapped branch keys are. */
  store: BranchKeyStore;
  /** The branch key's id; or a function that chooses it by the message's encryption context, such as the tenant's. It is called for each message. */
  branchKeyId: string | ((encryptionContext: Record<string, string>) => OrPromise<string>);
  /**
   * Keeps branch keys in this page's memory, and lets one message ask for all that want the same branch key at the same moment; default: each message
   * asks the store and the KMS.
   */
  cache?:
    | {
        /** How long a branch key is used after it was asked for, in seconds; by then a new active version is noticed, and that the KMS would refuse. */
        maxAge: number;
        /** How many branch keys are kept; when it is full, the oldest makes room; default 1000. */
        capacity?: number | undefined;
      }
    | undefined;
}): Keyring;

/**
 * Where wrapped branch keys are: a table of a database, a file. What it answers is not trusted: the KMS unwraps a record only as what it is. What a
 * method throws fails the operation as what a KMS throws does.
 */
export interface BranchKeyStore {
  /** The record of the active version, or `undefined` if there is no such branch key. */
  active(request: { readonly branchKeyId: string; readonly signal?: AbortSignal | undefined }): OrPromise<BranchKeyRecord | undefined>;
  /** The record of one version, or `undefined` if there is none. */
  version(request: { readonly branchKeyId: string; readonly version: string; readonly signal?: AbortSignal | undefined }): OrPromise<BranchKeyRecord | undefined>;
}

/** A wrapped branch key. */
export interface BranchKeyRecord {
  /** The branch key, as the KMS wrapped it; attribute `enc` of an item in a key store of AWS's. */
  readonly ciphertext: Uint8Array;
  /** What it is bound to: all other attributes of the item, and `tablename`. */
  readonly encryptionContext: EncryptionContext;
}

/**
 * Makes a version of a branch key, of a new one or of one that is to be rotated. Nothing is stored: put both records into your store at once. The
 * active one replaces that of the version before; records of versions stay as long as messages do.
 */
export function makeBranchKey(options: {
  /** The KMS that wraps the branch key. */
  kms: Pick<Kms, "generateDataKey" | "encrypt">;
  /** The ARN of the KMS key that wraps it. */
  keyArn: string;
  /** The branch key's id, of your choice. */
  branchKeyId: string;
  /** The name of your store, to which the records are bound. */
  tableName: string;
  /** Ends the call with `Aborted`, and reaches the KMS as `abortSignal`; default: none. */
  signal?: AbortSignal | undefined;
}): Promise<{
  /** Which version: a UUID. */
  readonly version: string;
  /** The record of this version. */
  readonly versionRecord: BranchKeyRecord;
  /** The record that says that it is the active one. */
  readonly activeRecord: BranchKeyRecord;
}>;

/**
 * A keyring of your own: any object with these methods, given where a keyring is taken. With `wrapDataKey` and `unwrapDataKey` it does everything;
 * `makeDataKey` is for those whose data keys are made elsewhere, such as in a KMS or HSM.
 *
 * What a method throws means "mine, but broken": the operation fails with it as `cause`, unless another keyring opens the message. An answer of another
 * shape than told here is `InvalidInput`.
 */
export interface OwnKeyring {
  /** Makes a data key and wraps it at least once; default: one is made of random bytes and given to `wrapDataKey`. */
  makeDataKey?(request: DataKeyRequest): OrPromise<{
    /** The data key, `dataKeyLength` bytes. **It is overwritten** once it is copied. */
    dataKey: Uint8Array;
    /** Its wrapped copies, in the order they go into the message. */
    encryptedDataKeys: readonly OwnEncryptedDataKey[];
  }>;
  /** Wraps a data key that was made elsewhere; default: the keyring encrypts nothing that it has not made. */
  wrapDataKey?(
    request: DataKeyRequest & {
      /** The data key. **It is overwritten** when the promise settles. */
      readonly dataKey: Uint8Array<ArrayBuffer>;
    },
  ): OrPromise<readonly OwnEncryptedDataKey[]>;
  /**
   * Unwraps the data key from the first of the copies that it can; `undefined` says that none is for this keyring; default: the keyring
   * decrypts nothing. What it gives has to be `dataKeyLength` bytes, or decryption fails; **it is overwritten** once it is copied.
   */
  unwrapDataKey?(
    request: DataKeyRequest & {
      /** All wrapped copies of the message's data key. */
      readonly encryptedDataKeys: readonly EncryptedDataKey[];
    },
  ): OrPromise<Uint8Array | undefined>;
}

/** A wrapped data key of a keyring of your own. */
export interface OwnEncryptedDataKey {
  /** Names the kind of keyring, at most 65,535 bytes of UTF-8. It is in the message and finds your keyring again. */
  readonly providerId: string;
  /** Which wrapping key, at most 65,535 bytes. It is in the message. */
  readonly providerInfo: Uint8Array;
  /** The wrapped data key, at most 65,535 bytes; it should be bound to the encryption context. */
  readonly ciphertext: Uint8Array;
}

/** What a data key is for. */
export interface DataKeyRequest {
  /** The message's algorithm suite, four hexadecimal digits: `0478`. */
  readonly suite: string;
  /** Bytes of its data keys: 16, 24 or 32. */
  readonly dataKeyLength: number;
  /** What the wrapped data key is to be bound to, or is bound to. */
  readonly encryptionContext: Record<string, string>;
  /** The operation's signal. */
  readonly signal?: AbortSignal | undefined;
}

/** A value, or the promise of one. */
export type OrPromise<T> = T | Promise<T>;
