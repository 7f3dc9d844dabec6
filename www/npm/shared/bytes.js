// What callers and KMS objects pass as data, as bytes of our own: nothing the caller does to theirs afterwards changes an operation that waits.

import { invalid } from "./check.js";
import { WaxsealError } from "./errors.js";

/**
 * The caller's bytes, used in place as long as nobody waits: whoever is about to wait takes a copy first, and from then on nothing the caller does
 * to theirs changes anything.
 */
class Input {
  #isOwn;

  constructor(bytes, isOwn) {
    this.bytes = bytes;
    this.#isOwn = isOwn;
  }

  get isOwn() {
    return this.#isOwn;
  }

  /** To be called before every wait. */
  keep() {
    if (this.#isOwn) return;
    this.bytes = new Uint8Array(this.bytes);
    this.#isOwn = true;
  }

  /** Overwrites the copy, if one was taken. */
  wipe() {
    if (this.#isOwn) this.bytes.fill(0);
  }
}

/** Only a Blob has to be waited for. @returns {Input | Promise<Input>} */
export function inputOf(value, what) {
  if (typeof value === "string") return new Input(new TextEncoder().encode(wellFormed(value, what)), true);
  if (isUint8Array(value) || isArrayBuffer(value)) {
    const bytes = viewOf(value);
    if (!bytes) throw invalid(`${what} has no bytes any more: its buffer was transferred away`);
    const input = new Input(bytes, false);
    // Memory that others can write to meanwhile, or that may shrink, is no place to work in.
    if (bytes.buffer.resizable || !isArrayBuffer(bytes.buffer)) input.keep();
    return input;
  }
  const tag = Object.prototype.toString.call(value);
  if (tag === "[object Blob]" || tag === "[object File]") return readBlob(value, what);
  throw invalid(`${what} is not a string, Uint8Array, ArrayBuffer or Blob`);
}

async function readBlob(blob, what) {
  try {
    return new Input(new Uint8Array(await blob.arrayBuffer()), true);
  } catch (cause) {
    throw new WaxsealError({ code: "InvalidInput", message: `${what} can not be read: ${cause?.message ?? cause}`, cause });
  }
}

/** A new array, or an error that says that there is no memory for it. */
export function allocated(length) {
  try {
    return new Uint8Array(length);
  } catch (cause) {
    throw new WaxsealError({ code: "Internal", message: `there is no memory for ${length} bytes more`, cause });
  }
}

/** UTF-8 has no half of a surrogate pair: it would come back as another character. */
export function wellFormed(text, what) {
  if (/\p{Surrogate}/u.test(text)) throw invalid(`${what} has half of a surrogate pair, for which UTF-8 has no bytes`);
  return text;
}

// Not `instanceof`, and not members that may be overridden: arrays of another realm, such as a frame or a test runner's sandbox, are arrays
// too, and nothing of the caller's runs.
const intrinsic = (prototype, name) => {
  const { get } = Object.getOwnPropertyDescriptor(prototype, name);
  return (value) => get.call(value);
};
const TYPED_ARRAY = Object.getPrototypeOf(Uint8Array.prototype);
const kindOf = intrinsic(TYPED_ARRAY, Symbol.toStringTag);
const bufferOf = intrinsic(TYPED_ARRAY, "buffer");
const offsetOf = intrinsic(TYPED_ARRAY, "byteOffset");
const lengthOf = intrinsic(TYPED_ARRAY, "byteLength");
const sizeOf = intrinsic(ArrayBuffer.prototype, "byteLength");

export const isUint8Array = (value) => kindOf(value) === "Uint8Array";

export function isArrayBuffer(value) {
  try {
    return sizeOf(value) >= 0;
  } catch {
    return false;
  }
}

/** The same bytes, in place, as a plain Uint8Array of this realm; `undefined` for what is no bytes, or none any more. */
export function viewOf(value) {
  try {
    if (isUint8Array(value)) return new Uint8Array(bufferOf(value), offsetOf(value), lengthOf(value));
    if (isArrayBuffer(value)) return new Uint8Array(value);
  } catch {
    // The buffer was transferred away.
  }
  return undefined;
}

/** Not for secrets: it takes longer the more of them is the same. */
export function isSame(bytes, others) {
  return bytes.length === others.length && bytes.every((byte, at) => byte === others[at]);
}
