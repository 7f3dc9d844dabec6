// The SDK's two WebAssembly modules. The small one does what most pages need; the full one has everything (the trace, elliptic curves, RSA,
// caches, the words of errors), weighs several times as much, and is loaded once something takes it. Its ciphers are compiled for speed, those of the small one for size.

import { isLoadFailed } from "./errors.js";
import { Refusal } from "./failed.js";
import { Instance } from "./instance.js";

let theFull;

/** The full module is one, whichever entry wants it: its glue holds one instance. */
export function fullInstance(open) {
  return (theFull ??= new Instance(open));
}

export class Modules {
  #small;
  #full;
  #patience;

  /** What each `Instance` takes, and after how many operations the full module is worth its loading because it is the faster one: never, if it is far away. */
  constructor(small, full, patience = Infinity) {
    this.#small = new Instance(small);
    this.#full = fullInstance(full);
    this.#patience = patience;
  }

  /** Loads the small module. */
  ready() {
    return this.#small.ready();
  }

  /** The full module, for what is known to take it. */
  get full() {
    return this.#full;
  }

  /**
   * Runs an operation in the small module. What that one can not do, or say, starts anew in the full one; what is known to take the full one starts there.
   *
   * @param {boolean} takesFull
   * @param {(instance: Instance) => Promise<unknown>} operation
   */
  async run(takesFull, operation) {
    if (takesFull || this.#isFullFaster()) return operation(this.#full);
    try {
      return await operation(this.#small);
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

  #isFullFaster() {
    if (--this.#patience > 0) return false;
    if (this.#full.entered !== undefined) return true;
    this.#full.enter().catch(() => {});
    return false;
  }
}
