// What callers pass as data, as bytes of our own: nothing the caller does to theirs afterwards changes an operation that waits.

import { invalid } from "./check.js";

/** Copies at once; only a Blob has to be waited for. @returns {Uint8Array | Promise<Uint8Array>} */
export function copyOf(input, what) {
  if (typeof input === "string") return new TextEncoder().encode(input);
  if (isUint8Array(input)) return new Uint8Array(input);
  const tag = Object.prototype.toString.call(input);
  if (tag === "[object ArrayBuffer]") return new Uint8Array(input.slice(0));
  if (tag === "[object Blob]" || tag === "[object File]") return input.arrayBuffer().then((buffer) => new Uint8Array(buffer));
  throw invalid(`${what} is not a string, Uint8Array, ArrayBuffer or Blob`);
}

// Not `instanceof`: arrays of another realm, such as a frame or a test runner's sandbox, are arrays too.
export const isUint8Array = (value) => ArrayBuffer.isView(value) && value[Symbol.toStringTag] === "Uint8Array";
