// Operations that wait until another one, which asks the same, has its answer. WebAssembly knows who is to be woken; here is how.

export class Waiting {
  #wake = new Map();

  /** Until the operation of that number is woken, or its signal aborts. */
  until(number, signal) {
    return new Promise((resolve) => {
      const wake = () => {
        this.#wake.delete(number);
        signal?.removeEventListener("abort", wake);
        resolve();
      };
      this.#wake.set(number, wake);
      signal?.addEventListener("abort", wake, { once: true });
    });
  }

  get isEmpty() {
    return this.#wake.size === 0;
  }

  /** Those of the numbers that wait. */
  wake(numbers) {
    for (const number of numbers) this.#wake.get(number)?.();
  }

  wakeAll() {
    this.wake([...this.#wake.keys()]);
  }
}
