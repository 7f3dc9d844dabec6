// Waiting for what another call does. WebAssembly knows which operations are to be woken; here is how.

import { deferred, patiently } from "./patiently.js";

export class Waiting {
  #wake = new Map();

  /** Until the operation of that number is woken, its signal aborts, or it has waited long enough to look for itself. */
  async until(number, signal) {
    const { promise, resolve } = deferred();
    this.#wake.set(number, resolve);
    signal?.addEventListener("abort", resolve, { once: true });
    await patiently(promise);
    signal?.removeEventListener("abort", resolve);
    this.#wake.delete(number);
  }

  get isEmpty() {
    return this.#wake.size === 0;
  }

  /** Those of the numbers that wait. */
  wake(numbers) {
    for (const number of numbers) {
      this.#wake.get(number)?.();
      this.#wake.delete(number);
    }
  }

  wakeAll() {
    this.wake([...this.#wake.keys()]);
  }
}
