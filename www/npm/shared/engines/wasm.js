// Frames through WebAssembly: where the platform has no cipher for them, or asking it for each takes longer than doing it.

/** Seals and opens the frames of one message in its session, which has the key and knows what it has done. */
export class WasmSealer {
  #session;

  /** @param {import("../session.js").Session} session */
  constructor(session) {
    this.#session = session;
    this.tellsSession = true;
  }

  /** Encrypts the frames' data and writes their tags. */
  seal(frames) {
    frames.keep();
    frames.wire.set(this.#session.call("seal", frames.wire));
  }

  /** Decrypts the frames' data into an array, from some place on. Throws if any of them is not what was sealed. */
  open(frames, plaintext, at) {
    const opened = this.#session.call("open", frames.wire);
    plaintext.set(opened, at);
    opened.fill(0);
  }
}
