// How calls into the small module are written, and what it gives is read; `crates/npm-small/src/call.rs` is the other side.

/** What a call has: numbers, booleans, text, bytes, lists of those; what is undefined is no number. */
export function pack(values) {
  if (values.length === 1 && values[0] instanceof Uint8Array) return values[0];
  const parts = [];
  const packed = new Uint8Array(partsOf(values, parts));
  const numbers = new DataView(packed.buffer);
  let at = 0;
  for (const part of parts) {
    if (typeof part === "number") {
      numbers.setFloat64(at, part);
      at += NUMBER;
    } else {
      packed.set(part, at);
      at += part.length;
    }
  }
  return packed;
}

/** Takes values apart into numbers and bytes, and gives their length. */
function partsOf(values, parts) {
  let length = 0;
  for (const value of values) {
    const bytes = typeof value === "string" ? ENCODER.encode(value) : value;
    parts.push(bytes?.length ?? Number(bytes));
    length += NUMBER;
    if (Array.isArray(bytes)) length += partsOf(bytes, parts);
    else if (bytes?.length > 0) {
      parts.push(bytes);
      length += bytes.length;
    }
  }
  return length;
}

/** Reads big-endian numbers, and bytes after their length in two bytes. */
export class Unpacked {
  #bytes;
  #at = 0;

  constructor(bytes) {
    this.#bytes = bytes;
  }

  number(length) {
    let number = 0;
    for (const end = this.#at + length; this.#at < end; this.#at++) number = number * 256 + this.#bytes[this.#at];
    return number;
  }

  bytes() {
    return this.#take(this.number(2));
  }

  text() {
    return DECODER.decode(this.bytes());
  }

  rest() {
    return this.#take(this.#bytes.length - this.#at);
  }

  #take(length) {
    return this.#bytes.subarray(this.#at, (this.#at += length));
  }
}

const NUMBER = 8;
const ENCODER = new TextEncoder();
const DECODER = new TextDecoder("utf-8", { ignoreBOM: true });
