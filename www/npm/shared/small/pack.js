// How calls into the small module are written, and what it gives is read; `crates/npm-small/src/call.rs` is the other side.

/** What a call has: numbers, booleans, text, bytes, lists of those; what is undefined is no number. */
export function pack(values) {
  if (values.length === 1 && values[0] instanceof Uint8Array) return values[0];
  const parts = [];
  const put = (value) => {
    const bytes = typeof value === "string" ? new TextEncoder().encode(value) : value;
    const isList = Array.isArray(bytes);
    const isBytes = bytes instanceof Uint8Array;
    parts.push(isList || isBytes ? bytes.length : Number(bytes));
    if (isList) bytes.forEach(put);
    if (isBytes) parts.push(bytes);
  };
  values.forEach(put);
  const packed = new Uint8Array(parts.reduce((length, part) => length + (part.length ?? NUMBER), 0));
  const numbers = new DataView(packed.buffer);
  let at = 0;
  for (const part of parts) {
    if (part.length === undefined) numbers.setFloat64(at, part);
    else packed.set(part, at);
    at += part.length ?? NUMBER;
  }
  return packed;
}

/** Reads big-endian numbers, and bytes after their length in two bytes. */
export class Unpacked {
  #bytes;
  #at = 0;

  constructor(bytes) {
    this.#bytes = bytes;
  }

  number(length) {
    return this.#take(length).reduce((number, byte) => number * 256 + byte, 0);
  }

  bytes() {
    return this.#take(this.number(2));
  }

  text() {
    return new TextDecoder("utf-8", { ignoreBOM: true }).decode(this.bytes());
  }

  rest() {
    return this.#take(this.#bytes.length - this.#at);
  }

  #take(length) {
    return this.#bytes.subarray(this.#at, (this.#at += length));
  }
}

const NUMBER = 8;
