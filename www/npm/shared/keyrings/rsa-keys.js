// RSA-OAEP through WebCrypto, with the methods of a keyring. A data key is wrapped by whichever usage the key has: as bytes, or as a key.

import { isSame, isUint8Array } from "../bytes.js";
import { Refused, Unwrapped } from "./answers.js";

export class RsaKeys {
  #namespace;
  #name;
  #hash;
  #keys;
  /** Whether the two keys belong together, once that is known. */
  #isPair;
  #zerosAreLost;

  /** Bytes of keys are ours, and overwritten as soon as WebCrypto has them, where no script can read them. */
  constructor({ namespace, name, hash, publicKey, privateKey }) {
    this.#namespace = namespace;
    this.#name = new TextEncoder().encode(name);
    this.#hash = hash;
    this.#keys = { public: publicKey, private: privateKey };
    this.#isPair = publicKey === undefined || privateKey === undefined;
  }

  async wrapDataKey({ dataKey }) {
    const refused = (await this.#read("public")) ?? (await this.#read("private")) ?? (await this.#paired());
    if (refused) return refused;
    if (!this.#keys.public) return new Refused("a raw RSA keyring without a public key can not encrypt; give it one");
    return [{ providerId: this.#namespace, providerInfo: this.#name, ciphertext: await wrap(this.#keys.public, dataKey) }];
  }

  async unwrapDataKey({ encryptedDataKeys, dataKeyLength }) {
    const refused = (await this.#read("private")) ?? (await this.#read("public")) ?? (await this.#paired());
    if (refused) return refused;
    const mine = [...encryptedDataKeys.entries()].filter(([, { providerId, providerInfo }]) => {
      return providerId === this.#namespace && isSame(providerInfo, this.#name);
    });
    let short;
    for (const [at, { ciphertext }] of mine) {
      const dataKey = await unwrapped(this.#keys.private, ciphertext);
      if (dataKey?.length === dataKeyLength) {
        short?.dataKey.fill(0);
        return new Unwrapped(dataKey, at);
      }
      if (!short && dataKey?.length < dataKeyLength) short = new Unwrapped(dataKey, at);
      else dataKey?.fill(0);
    }
    if (short && (await this.#losesZeros())) return new Unwrapped(padded(short.dataKey, dataKeyLength), short.at);
    short?.dataKey.fill(0);
    return mine.length > 0 ? new Refused() : undefined;
  }

  /** Overwrites bytes of keys that WebCrypto has not got yet. */
  clear() {
    for (const key of Object.values(this.#keys)) if (isUint8Array(key)) key.fill(0);
    this.#keys = {};
  }

  /** Has a key read, if it is bytes still. Calls at the same time each have it read: none waits for another. */
  async #read(which) {
    const written = this.#keys[which];
    if (!isUint8Array(written)) return undefined;
    const key = await imported(which, written, this.#hash);
    if (!key || !isSizeTaken(key)) {
      const [form, label] = which === "public" ? ["SubjectPublicKeyInfo", "PUBLIC KEY"] : ["PKCS#8", "PRIVATE KEY"];
      return new Refused(`the RSA ${which} key can not be read; give ${form}, in PEM (\`BEGIN ${label}\`) or DER, of 2048 to 8192 bits`);
    }
    if (this.#keys[which] === written) this.#keys[which] = key;
    written.fill(0);
    return undefined;
  }

  /** Whether this platform takes zeros at the start away, as WebKitGTK does: one data key in 256 has one there. Found out where it may matter. */
  async #losesZeros() {
    if (this.#zerosAreLost === undefined) {
      const algorithm = { ...OAEP, modulusLength: 2048, publicExponent: Uint8Array.of(1, 0, 1), hash: "SHA-256" };
      const { publicKey, privateKey } = await crypto.subtle.generateKey(algorithm, false, ["encrypt", "decrypt"]);
      const opened = await unwrapped(privateKey, await wrap(publicKey, Uint8Array.of(0, 1)));
      this.#zerosAreLost = opened?.length === 1;
    }
    return this.#zerosAreLost;
  }

  /** Tries whether what one key wraps the other unwraps: a private key may be one that does not show what it is. */
  async #paired() {
    const { public: publicKey, private: privateKey } = this.#keys;
    if (this.#isPair || !publicKey || !privateKey) return undefined;
    const probe = crypto.getRandomValues(new Uint8Array(16)).map((byte) => byte | 1);
    const opened = await unwrapped(privateKey, await wrap(publicKey, probe));
    this.#isPair = opened !== undefined && isSame(opened, probe);
    if (this.#isPair) return undefined;
    return new Refused("the RSA private key is not that of the public key; what is encrypted could not be decrypted");
  }
}

/** Whether a key is of a size that is neither unsafe nor unreasonable. */
export function isSizeTaken({ algorithm: { modulusLength } }) {
  return modulusLength >= 2048 && modulusLength <= 8192;
}

async function wrap(key, dataKey) {
  const { subtle } = crypto;
  if (key.usages.includes("encrypt")) return new Uint8Array(await subtle.encrypt(OAEP, key, dataKey));
  return new Uint8Array(await subtle.wrapKey("raw", await subtle.importKey("raw", dataKey, ANY_KEY, true, ["sign"]), key, OAEP));
}

/** Undefined whatever is wrong. */
async function unwrapped(key, ciphertext) {
  const { subtle } = crypto;
  try {
    if (key.usages.includes("decrypt")) return new Uint8Array(await subtle.decrypt(OAEP, key, ciphertext));
    return new Uint8Array(await subtle.exportKey("raw", await subtle.unwrapKey("raw", ciphertext, key, OAEP, ANY_KEY, true, ["sign"])));
  } catch {
    return undefined;
  }
}

/** A key that can not be read by scripts, of PEM or DER; undefined if it is none. */
async function imported(which, written, hash) {
  const [format, usage] = which === "public" ? ["spki", "encrypt"] : ["pkcs8", "decrypt"];
  const der = derOf(written, which);
  try {
    return der && (await crypto.subtle.importKey(format, der, { ...OAEP, hash }, false, [usage]));
  } catch {
    return undefined;
  } finally {
    if (der !== written) der?.fill(0);
  }
}

/** What is in PEM, or the bytes themselves. */
function derOf(written, which) {
  // DER of a key is a sequence.
  if (written[0] === 0x30) return written;
  const label = `${which.toUpperCase()} KEY-----`;
  const [, base64] = new TextDecoder().decode(written).match(new RegExp(`-----BEGIN ${label}([A-Za-z0-9+/=\\s]*)-----END ${label}`)) ?? [];
  try {
    return base64 && Uint8Array.from(atob(base64.replace(/\s/g, "")), (character) => character.charCodeAt(0));
  } catch {
    return undefined;
  }
}

/** The same number with zeros before it; the shorter array is overwritten. */
function padded(bytes, length) {
  const all = new Uint8Array(length);
  all.set(bytes, length - bytes.length);
  bytes.fill(0);
  return all;
}

const OAEP = { name: "RSA-OAEP" };
/** Keys of this kind may have any length. */
const ANY_KEY = { name: "HMAC", hash: "SHA-256" };
