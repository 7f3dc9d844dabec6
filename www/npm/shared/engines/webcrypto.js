// Frames through WebCrypto. Each call takes a copy of its data at once, works elsewhere, and gives a new array; so many run at the same time.

import { pipelined } from "./pipeline.js";

/** Seals and opens the frames of one message. The key's array is overwritten at once; the key itself is kept where no script can read it. */
export async function webCryptoSealer(key) {
  const { subtle } = crypto;
  const imported = subtle.importKey("raw", key, "AES-GCM", false, ["encrypt", "decrypt"]);
  key.fill(0);
  return new WebCryptoSealer(await imported);
}

export class WebCryptoSealer {
  #subtle = crypto.subtle;
  #key;

  /** @param {CryptoKey} key */
  constructor(key) {
    this.#key = key;
  }

  /** Encrypts the frames' data and writes their tags. */
  async seal(frames) {
    frames.keep();
    await pipelined(frames.count, width(frames), async (index) => {
      const sealed = await this.#subtle.encrypt(parameters(frames, index), this.#key, frames.data(index));
      frames.sealed(index).set(new Uint8Array(sealed));
    });
  }

  /**
   * Decrypts the frames' data into an array, from some place on. Throws if any of them is not what was sealed; what is in the array then must
   * not be shown to anybody.
   */
  async open(frames, plaintext, at) {
    await pipelined(frames.count, width(frames), async (index) => {
      const opened = await this.#subtle.decrypt(parameters(frames, index), this.#key, frames.sealed(index));
      plaintext.set(new Uint8Array(opened), at + index * frames.frameLength);
    });
  }
}

function parameters(frames, index) {
  return { name: "AES-GCM", iv: frames.iv(index), additionalData: frames.additionalData(index), tagLength: 128 };
}

/** How many frames at once: enough to keep the platform busy, and not more than a few megabytes. */
function width({ frameLength }) {
  return Math.max(1, Math.min(MOST_FRAMES, Math.floor(MOST_BYTES / frameLength)));
}

const MOST_FRAMES = 16;
const MOST_BYTES = 4 * 1024 * 1024;
