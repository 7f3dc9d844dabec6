// Objects from outside, as plain values of our own. WebAssembly gets nothing else: a getter or a proxy that threw in the midst of it would
// look like a trap, and an object inside itself would have no end.

import { isArrayBuffer, isUint8Array, viewOf, wellFormed } from "./bytes.js";
import { invalid } from "./check.js";

/** An encryption context; that its values are strings is checked in Rust. */
export function context(value) {
  if (value === undefined) return undefined;
  // A Map, say, has no members of its own, and would be an empty context without a word.
  if (!isPlain(value)) throw invalid("the encryption context is not a plain object of strings");
  return copied(value, "the encryption context", 1);
}

/** A request to a KMS. A member that is undefined or null is a member that is not there; a Date is seconds, as AWS's protocol has it. */
export function request(value, what) {
  if (!isPlain(value)) throw invalid(`${what} is not a plain object`);
  return copied(Object.fromEntries(Object.entries(value).filter(([, member]) => member !== null)), what, MAX_DEPTH);
}

function copied(value, what, depth) {
  if (typeof value === "string") return wellFormed(value, what);
  if (typeof value === "function" || typeof value === "symbol") throw invalid(`${what} is a ${typeof value}`);
  if (typeof value !== "object" || value === null) return value;
  // What is most often there first: asking whether something is a buffer or a date throws inside when it is not, and that is slow.
  if (isPlain(value)) {
    if (depth < 0) throw invalid(`${what} is nested too deeply`);
    const members = Object.entries(value).filter(([, member]) => member !== undefined);
    return Object.fromEntries(members.map(([name, member]) => [wellFormed(name, what), copied(member, `${what}.${name}`, depth - 1)]));
  }
  if (Array.isArray(value)) {
    if (depth < 0) throw invalid(`${what} is nested too deeply`);
    return Array.from(value, (item, index) => copied(item, `${what}[${index}]`, depth - 1));
  }
  if (isUint8Array(value) || isArrayBuffer(value)) {
    const bytes = viewOf(value);
    if (!bytes) throw invalid(`${what} has no bytes any more: its buffer was transferred away`);
    return bytes;
  }
  const time = timeOf(value);
  if (time === undefined) throw invalid(`${what} is neither a plain object nor an array, string, number, boolean or Uint8Array`);
  if (!Number.isFinite(time)) throw invalid(`${what} is a Date of no time`);
  return time / 1000;
}

/**
 * What WebAssembly hands out, with a plain object for every Map. Maps come as such because a key may be `__proto__`: set on an object it would
 * be gone, from the audit log too.
 */
export function unmapped(value) {
  if (Array.isArray(value)) return value.map(unmapped);
  if (value instanceof Map) return Object.fromEntries(Array.from(value, ([key, member]) => [key, unmapped(member)]));
  if (!isPlain(value)) return value;
  for (const name of Object.keys(value)) value[name] = unmapped(value[name]);
  return value;
}

/** The time of a Date, also of another realm; `undefined` for what is none. */
function timeOf(value) {
  try {
    return Date.prototype.getTime.call(value);
  } catch {
    return undefined;
  }
}

/** Also of another realm, whose `Object` is not ours. */
function isPlain(value) {
  if (typeof value !== "object" || value === null) return false;
  const prototype = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

/** No request of AWS's is nested as deeply. */
const MAX_DEPTH = 8;
