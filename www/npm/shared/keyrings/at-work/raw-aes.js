// A wrapping key that the application itself holds. It waits for nothing but its cipher, where that does.

import { isSame } from "../../bytes.js";
import { isPromise } from "../../engines/engine.js";
import { invalidInput, randomDataKey, undecryptable } from "./task.js";

export const rawAes = {
  check({ namespace }) {
    if (!namespace.startsWith("aws-kms")) return;
    throw invalidInput(`the namespace \`${namespace}\` is reserved for KMS keys; choose one that does not start with \`aws-kms\``);
  },

  make(keyring, task) {
    const dataKey = randomDataKey(task);
    return then(rawAes.wrap(keyring, dataKey, task), (encryptedDataKeys) => ({ dataKey, encryptedDataKeys }));
  },

  wrap({ namespace, name, key }, dataKey, { cipher, aad, random }) {
    const iv = random(IV_LENGTH);
    return then(cipher.seal(key, iv, aad, dataKey), (ciphertext) => [{ providerId: namespace, providerInfo: infoOf(name, iv), ciphertext }]);
  },

  unwrap({ namespace, name, key }, keys, { cipher, aad, dataKeyLength }) {
    // As a message has them: a name with half of a surrogate pair is another one there.
    const mine = keys.filter(({ providerId, providerInfo }) => {
      return isSame(utf8(providerId), utf8(namespace)) && isSame(providerInfo, infoOf(name, providerInfo.slice(-IV_LENGTH)));
    });
    const next = (at) => {
      // A loop, for a hostile message has tens of thousands.
      for (; at < mine.length; at++) {
        const { providerInfo, ciphertext } = mine[at];
        if (ciphertext.length !== dataKeyLength + TAG_LENGTH) continue;
        const opened = cipher.open(key, providerInfo.slice(-IV_LENGTH), aad, ciphertext);
        if (isPromise(opened)) return opened.then((dataKey) => dataKey ?? next(at + 1));
        if (opened) return opened;
      }
      throw undecryptable();
    };
    return mine.length > 0 ? next(0) : undefined;
  },
};

const then = (value, use) => (isPromise(value) ? value.then(use) : use(value));
/** The key's name, the lengths of tag and nonce in bits and bytes, and the nonce. */
const infoOf = (name, iv) => new Uint8Array([...utf8(name), 0, 0, 0, TAG_LENGTH * 8, 0, 0, 0, IV_LENGTH, ...iv]);
const utf8 = (text) => new TextEncoder().encode(text);
const IV_LENGTH = 12;
const TAG_LENGTH = 16;
