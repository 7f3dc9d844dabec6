// Waiting for what another call does. WebAssembly knows which operations are to be woken; here is how.

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

/**
 * What another call promises, or `undefined` after a while: it may be a request to a Worker that has been ended. The timer is there for waiting
 * Workers too, where a request that waits for nothing of its own is ended as well.
 */
export async function patiently(promise) {
  const enough = deferred();
  const timer = setTimeout(enough.resolve, PATIENCE);
  try {
    return await Promise.race([promise, enough.promise]);
  } finally {
    clearTimeout(timer);
  }
}

function deferred() {
  let resolve;
  const promise = new Promise((settle) => (resolve = () => settle()));
  return { promise, resolve };
}

/** Milliseconds; a little more than WebAssembly waits for one who asks. */
const PATIENCE = 11_000;
