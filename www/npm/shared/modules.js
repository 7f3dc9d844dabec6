// The SDK's WebAssembly modules. A page starts with the small one, which has what most pages need, and no ciphers: WebCrypto has those. The fast one is the same with
// ciphers, compiled for speed: for platforms where the size of a download does not count, pages without WebCrypto, and pages with many messages. The full one has
// everything (the trace, elliptic curves, RSA, caches, the words of errors), weighs several times as much, and is loaded once something takes it.

import { isLoadFailed } from "./errors.js";
import { Refusal } from "./failed.js";
import { Instance } from "./instance.js";

let theFull;

/** The full module is one, whichever entry wants it: its glue holds one instance. */
export function fullInstance(open) {
  return (theFull ??= new Instance(open));
}

export class Modules {
  #first;
  #fast;
  #full;
  #isWithoutCiphers;
  #left = PATIENCE;

  /**
   * What each `Instance` takes.
   *
   * @param first the module to start with
   * @param full
   * @param [fast] the one that is faster, if there is one
   * @param {() => boolean} [isWithoutCiphers] whether only that one has ciphers here, as in a page without WebCrypto
   */
  constructor(first, full, fast, isWithoutCiphers) {
    this.#full = fullInstance(full);
    this.#fast = fast && new Instance(fast);
    this.#first = new Instance(first);
    this.#isWithoutCiphers = isWithoutCiphers;
  }

  /** Loads the module to start with. */
  ready() {
    return (this.#mustBeFast ? this.#fast : this.#first).ready();
  }

  /** The full module, for what is known to take it. */
  get full() {
    return this.#full;
  }

  /**
   * Runs an operation in the small module or the fast one. What they can not do, or say, starts anew in the full one; what is known to take the full one starts there.
   *
   * @param {boolean} takesFull
   * @param {(instance: Instance) => Promise<unknown>} operation
   */
  async run(takesFull, operation) {
    if (takesFull) return operation(this.#full);
    try {
      return await operation(this.#next());
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      return this.#again(operation, error);
    }
  }

  async #again(operation, refusal) {
    try {
      return await operation(this.#full);
    } catch (error) {
      if (!isLoadFailed(error) || refusal.code === "Unsupported") throw error;
      // Its words are out of reach; what it is about is not.
      refusal.cause = error;
      throw refusal;
    }
  }

  get #mustBeFast() {
    return this.#fast !== undefined && this.#isWithoutCiphers();
  }

  #next() {
    if (this.#mustBeFast) return this.#fast;
    if (!this.#fast || --this.#left > 0) return this.#first;
    if (this.#fast.entered !== undefined) return this.#fast;
    // Where it can not be loaded, it goes on without.
    if (this.#left === 0) this.#fast.enter().catch(() => {});
    return this.#first;
  }
}

/** After so many operations the fast module is worth its loading. */
const PATIENCE = 16;
