// A keyring over a KMS whose keys have no ARNs. Its wrapped data keys say whose they are by a provider id of ours, so that an official AWS
// Encryption SDK reads the message and passes over them.

import { invalid, options, text } from "../check.js";
import { withDataKeys } from "../own-data-key.js";
import { nonsense } from "./fault.js";

/**
 * @param given what the user gave: `{ kms, keyId }`
 * @param what the function's name, for messages
 * @param {string} providerId
 * @param {(keyId: string, kms: object) => (keyId: string) => boolean} matcher whether a key that a message names is that of the keyring
 */
export function vendorKeyring(given, what, providerId, matcher) {
  const { kms, keyId } = options(given, what, ["kms", "keyId"]);
  for (const method of ["encrypt", "decrypt"]) {
    if (typeof kms?.[method] !== "function") throw invalid(`kms has no method \`${method}\``);
  }
  return new VendorKeyring(withDataKeys(kms), text(keyId, "keyId"), providerId, matcher(keyId, kms));
}

class VendorKeyring {
  #kms;
  #keyId;
  #providerId;
  #isMine;

  constructor(kms, keyId, providerId, isMine) {
    this.#kms = kms;
    this.#keyId = keyId;
    this.#providerId = providerId;
    this.#isMine = isMine;
  }

  async makeDataKey({ dataKeyLength, encryptionContext, signal }) {
    const request = { KeyId: this.#keyId, NumberOfBytes: dataKeyLength, EncryptionContext: encryptionContext };
    const made = await this.#kms.generateDataKey(request, { abortSignal: signal });
    return { dataKey: made.Plaintext, encryptedDataKeys: [this.#encryptedDataKey(made)] };
  }

  async wrapDataKey({ dataKey, encryptionContext, signal }) {
    const request = { KeyId: this.#keyId, Plaintext: dataKey, EncryptionContext: encryptionContext };
    return [this.#encryptedDataKey(await this.#kms.encrypt(request, { abortSignal: signal }))];
  }

  async unwrapDataKey({ encryptedDataKeys, encryptionContext, signal }) {
    let failure;
    for (const { providerId, providerInfo, ciphertext } of encryptedDataKeys) {
      const keyId = providerId === this.#providerId ? textOf(providerInfo) : undefined;
      if (keyId === undefined || !this.#isMine(keyId)) continue;
      const request = { KeyId: keyId, CiphertextBlob: ciphertext, EncryptionContext: encryptionContext };
      try {
        return (await this.#kms.decrypt(request, { abortSignal: signal })).Plaintext;
      } catch (error) {
        failure ??= error;
        if (signal?.aborted) break;
      }
    }
    if (failure) throw failure;
    return undefined;
  }

  #encryptedDataKey({ KeyId, CiphertextBlob }) {
    // A message that names another key would not open again.
    if (!this.#isMine(KeyId)) throw nonsense("the KMS", `the key \`${KeyId}\` where \`${this.#keyId}\` was asked for`);
    return { providerId: this.#providerId, providerInfo: new TextEncoder().encode(KeyId), ciphertext: CiphertextBlob };
  }
}

function textOf(bytes) {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
