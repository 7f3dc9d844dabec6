// Objects from outside, as plain values of our own. WebAssembly gets nothing else: a getter or a proxy that threw in the midst of it would
// look like a trap, and an object inside itself would have no end.

import { isArrayBuffer, isUint8Array, viewOf, wellFormed } from "./bytes.js";
import { invalid } from "./check.js";

/** An encryption context. */
export function context(value) {
  if (value === undefined) return undefined;
  // A Map, say, has no members of its own, and would be an empty context without a word.
  if (!isPlain(value)) throw invalid("the encryption context is not a plain object of strings");
  const pairs = Object.entries(value).filter(([, each]) => each !== undefined);
  return Object.fromEntries(pairs.map(([key, each]) => [wellFormed(key, "the encryption context"), valueOf(each, key)]));
}

function valueOf(value, key) {
  if (typeof value !== "string") throw invalid(`the encryption context's value of \`${key}\` is not a string`);
  return wellFormed(value, `the encryption context.${key}`);
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

/** The time of a Date, also of another realm; `undefined` for what is none. */
function timeOf(value) {
  try {
    return Date.prototype.getTime.call(value);
  } catch {
    return undefined;
  }
}

/** Also of another realm, whose `Object` is not ours. */
export function isPlain(value) {
  if (typeof value !== "object" || value === null) return false;
  const prototype = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

/** No request of AWS's is nested as deeply. */
const MAX_DEPTH = 8;
