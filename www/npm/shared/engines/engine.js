// The engine for a message. All have the same two methods: `seal(frames)` encrypts, `open(frames, plaintext, at)` decrypts into another array. What they
// give back is a promise where they have to wait; whose plaintext they still need then, they have kept. `tellsSession` is true where the session needs not be told what was done.

import { engineFor } from "./table.js";
import { WasmSealer } from "./wasm.js";
import { WebCryptoSealer } from "./webcrypto.js";

/**
 * @param {import("../session.js").Session} session has the key, which does not stay here
 * @param {{ messageLength: number, frameLength: number }} sizes
 * @returns the engine, or a promise of it
 */
export function sealerFor(platform, session, sizes) {
  const { key, keyLength } = session.facts;
  // Not to be read, and so for WebCrypto.
  if (key) return new WebCryptoSealer(key);
  const engine = engineFor(platform.name, { ...sizes, keyLength });
  return engine === "wasm" ? new WasmSealer(session) : platform.sealer(engine, session.call("dangerMessageKey"));
}

export const isPromise = (value) => typeof value?.then === "function";

/** Engines that do not wait let everything else have its turn now and then. */
export class Pauses {
  #since = 0;

  /** Whether it is time, after so many bytes more. */
  isDue(bytes) {
    this.#since += bytes;
    return this.#since > WITHOUT_PAUSE;
  }

  take() {
    this.#since = 0;
    return new Promise((resolve) => (globalThis.setImmediate ?? setTimeout)(resolve));
  }
}

/** How many frames are planned, and given to an engine, at once. Somebody who listens is told of each before the next is begun. */
export function framesAtOnce(frameLength, isObserved) {
  return isObserved ? 1 : Math.max(1, Math.min(MOST_FRAMES, Math.floor(BATCH_BYTES / frameLength)));
}

const MOST_FRAMES = 1024;
const BATCH_BYTES = 16 * 1024 * 1024;
/** So many bytes are encrypted or decrypted without a pause. */
export const WITHOUT_PAUSE = BATCH_BYTES;
export const NONE = new Uint8Array();
