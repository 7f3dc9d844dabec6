// Where what is written to a stream waits for whoever reads it: one chunk at most, in place, whose write ends once all of it was taken.

export class Inlet {
  #chunk;
  #written;
  #isClosed = false;
  #failure;
  #wake;
  #finished = withResolvers();

  constructor() {
    this.#finished.promise.catch(() => {});
  }

  /** Settles once all of the bytes were taken, or it is known that nobody will take them. */
  write(bytes) {
    if (this.#failure) return Promise.reject(this.#failure.reason);
    if (bytes.length === 0) return Promise.resolve();
    this.#chunk = bytes;
    this.#written = withResolvers();
    this.#wake?.();
    return this.#written.promise;
  }

  /** Nothing more will be written. Settles once all is done with what was. */
  close() {
    this.#isClosed = true;
    this.#wake?.();
    return this.#finished.promise;
  }

  /** The bytes that were written and not taken yet, at least one, as soon as there are any; `undefined` after the last. They stay until they are taken. */
  async rest() {
    for (;;) {
      if (this.#failure) throw this.#failure.reason;
      if (this.#chunk) return this.#chunk;
      if (this.#isClosed) return undefined;
      await new Promise((resolve) => (this.#wake = resolve));
      this.#wake = undefined;
    }
  }

  /** Takes bytes away from the front of the rest. */
  take(count) {
    if (count < this.#chunk.length) this.#chunk = this.#chunk.subarray(count);
    else {
      this.#chunk = undefined;
      this.#written.resolve();
    }
  }

  /** All is done with what was written. */
  finish() {
    this.#finished.resolve();
  }

  /** Nobody will take anything more. */
  fail(reason) {
    if (this.#failure) return;
    this.#failure = { reason };
    if (this.#chunk) this.#written.reject(reason);
    this.#chunk = undefined;
    this.#finished.reject(reason);
    this.#wake?.();
  }
}

function withResolvers() {
  const made = {};
  made.promise = new Promise((resolve, reject) => Object.assign(made, { resolve, reject }));
  return made;
}
