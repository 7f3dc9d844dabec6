// Bytes that arrive in pieces and are needed together. Memory is taken as they come, not as much as somebody says will come.

import { allocated } from "../bytes.js";

export class Gathered {
  #bytes = NONE;
  #spare = [];
  length = 0;

  /** Those that are there. */
  get bytes() {
    return this.#bytes.subarray(0, this.length);
  }

  /** Appends what fits of a piece into so many bytes; how much that was. */
  append(piece, capacity) {
    const count = Math.min(piece.length, capacity - this.length);
    const needed = this.length + count;
    if (needed > this.#bytes.length) {
      const spare = this.#spare.pop();
      const grown = spare?.length >= needed ? spare : allocated(Math.max(needed, Math.min(capacity, 2 * this.#bytes.length)));
      grown.set(this.bytes);
      this.#bytes.fill(0);
      this.#bytes = grown;
    }
    this.#bytes.set(piece.subarray(0, count), this.length);
    this.length = needed;
    return count;
  }

  /** Forgets them, and keeps the memory for others. */
  clear() {
    this.length = 0;
  }

  /** Gives them away. */
  release() {
    const { bytes } = this;
    this.#bytes = NONE;
    this.length = 0;
    return bytes;
  }

  /** Takes back what was given away and is needed no more, for the garbage collector lets much of the like pile up. */
  reuse(bytes) {
    if (this.#spare.length < MOST_SPARE) this.#spare.push(new Uint8Array(bytes.buffer));
  }

  wipe() {
    this.#bytes.fill(0);
    this.length = 0;
  }
}

const NONE = new Uint8Array();
const MOST_SPARE = 16;
