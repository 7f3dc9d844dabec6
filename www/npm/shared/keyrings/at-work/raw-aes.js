// A wrapping key that the application itself holds. Nothing of it waits.

import { isSame } from "../../bytes.js";
import { invalidInput, randomDataKey, undecryptable } from "./task.js";

export const rawAes = {
  check({ namespace }) {
    if (!namespace.startsWith("aws-kms")) return;
    throw invalidInput(`the namespace \`${namespace}\` is reserved for KMS keys; choose one that does not start with \`aws-kms\``);
  },

  make(keyring, task) {
    const dataKey = randomDataKey(task);
    return { dataKey, encryptedDataKeys: rawAes.wrap(keyring, dataKey, task) };
  },

  wrap({ namespace, name, key }, dataKey, { cipher, aad }) {
    const iv = crypto.getRandomValues(new Uint8Array(IV_LENGTH));
    return [{ providerId: namespace, providerInfo: infoOf(name, iv), ciphertext: cipher.seal(key, iv, aad, dataKey) }];
  },

  unwrap({ namespace, name, key }, keys, { cipher, aad, dataKeyLength }) {
    let isForIt = false;
    for (const { providerId, providerInfo, ciphertext } of keys) {
      const iv = providerInfo.slice(-IV_LENGTH);
      // As a message has them: a name with half of a surrogate pair is another one there.
      if (!isSame(utf8(providerId), utf8(namespace)) || !isSame(providerInfo, infoOf(name, iv))) continue;
      isForIt = true;
      const dataKey = ciphertext.length === dataKeyLength + TAG_LENGTH ? cipher.open(key, iv, aad, ciphertext) : undefined;
      if (dataKey) return dataKey;
    }
    if (isForIt) throw undecryptable();
    return undefined;
  },
};

/** The key's name, the lengths of tag and nonce in bits and bytes, and the nonce. */
const infoOf = (name, iv) => new Uint8Array([...utf8(name), 0, 0, 0, TAG_LENGTH * 8, 0, 0, 0, IV_LENGTH, ...iv]);
const utf8 = (text) => new TextEncoder().encode(text);
const IV_LENGTH = 12;
const TAG_LENGTH = 16;
