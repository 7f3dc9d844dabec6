// What Node and Bun have besides. `node:crypto` answers at once: no thread is asked, so there is little to pay for a short frame.

import { webCryptoSealer } from "./webcrypto.js";

/** @param crypto gives the module `crypto` of Node; called once WebAssembly is loaded */
export function node(crypto) {
  let loaded;
  // For the first message that is signed.
  const signatures = () => (loaded ??= import("./node-signatures.js").then(({ nodeSignatures }) => nodeSignatures(crypto())));
  return {
    /** Which row of the table counts. */
    name: "node",
    /** The engine of that name, for the frames of one message; overwrites the key. */
    sealer: (engine, key) => (engine === "node" ? nodeSealer(crypto(), key) : webCryptoSealer(key)),
    signs: true,
    signatures,
    /** Whether they take a message in pieces. */
    signsStreams: true,
  };
}

/** Seals and opens the frames of one message. The key's array is overwritten at once; the key itself is kept outside of JavaScript. */
function nodeSealer(crypto, key) {
  const algorithm = `aes-${key.length * 8}-gcm`;
  const secret = crypto.createSecretKey(key);
  key.fill(0);
  return new NodeSealer(crypto, algorithm, secret);
}

class NodeSealer {
  #crypto;
  #algorithm;
  #key;

  constructor(crypto, algorithm, key) {
    this.#crypto = crypto;
    this.#algorithm = algorithm;
    this.#key = key;
  }

  /** Encrypts the frames' data and writes their tags. */
  seal(frames) {
    for (let index = 0; index < frames.count; index++) {
      const cipher = this.#crypto.createCipheriv(this.#algorithm, this.#key, frames.iv(index));
      cipher.setAAD(frames.additionalData(index));
      update(cipher, frames.plaintext(index), frames.data(index));
      cipher.final();
      frames.tag(index).set(cipher.getAuthTag());
    }
  }

  /**
   * Decrypts the frames' data into an array, from some place on. Throws if any of them is not what was sealed; what is in the array then must
   * not be shown to anybody.
   */
  open(frames, plaintext, at) {
    for (let index = 0; index < frames.count; index++) {
      const decipher = this.#crypto.createDecipheriv(this.#algorithm, this.#key, frames.iv(index));
      decipher.setAAD(frames.additionalData(index));
      decipher.setAuthTag(frames.tag(index));
      update(decipher, frames.data(index), plaintext.subarray(at + index * frames.frameLength));
      decipher.final();
    }
  }
}

/** In parts, because OpenSSL counts the bytes of a call in 31 bits, and because memory for short arrays is used again at once. */
function update(cipher, from, to) {
  for (let at = 0; at < from.length; at += PART) to.set(cipher.update(from.subarray(at, at + PART)), at);
}

const PART = 64 * 1024;
