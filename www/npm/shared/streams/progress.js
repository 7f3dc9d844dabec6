// Tells how far a stream has come.

export class Progress {
  bytes = 0;
  #frames = 0;
  #onProgress;
  #total;

  constructor({ onProgress, size }) {
    this.#onProgress = onProgress;
    this.#total = size;
  }

  add(bytes, frames) {
    this.bytes += bytes;
    this.#frames += frames;
    try {
      this.#onProgress?.({ bytes: this.bytes, frames: this.#frames, total: this.#total });
    } catch (error) {
      // The callback's mistake is not the stream's; it is reported as an uncaught one would be.
      (globalThis.reportError ?? console.error)(error);
    }
  }
}
