// An encryption context as the bytes that a KMS with additional authenticated data binds a data key to.

import { wellFormed } from "../bytes.js";
import { invalid } from "../check.js";
import { context } from "../plain.js";

/**
 * The bytes that the AWS Encryption SDK puts into a message's header for it: the number of pairs, then each key and value after its length, all
 * lengths two bytes, sorted by the bytes of the keys. No pairs are no bytes.
 */
export function bindingOf(encryptionContext) {
  const encoder = new TextEncoder();
  const pairs = Object.entries(context(encryptionContext) ?? {}).map((pair) => pair.map((text) => encoder.encode(string(text))));
  if (pairs.length === 0) return new Uint8Array(0);
  pairs.sort(([a], [b]) => compared(a, b));
  const parts = [short(pairs.length), ...pairs.flat().flatMap((bytes) => [short(bytes.length), bytes])];
  return joined(parts);
}

/** All of them, one after the other. */
export function joined(parts) {
  const bytes = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  parts.reduce((at, part) => (bytes.set(part, at), at + part.length), 0);
  return bytes;
}

function short(number) {
  if (number > 0xffff) throw invalid("the encryption context is longer than any message can have");
  return Uint8Array.of(number >> 8, number & 0xff);
}

function string(value) {
  if (typeof value !== "string") throw invalid("the encryption context is not a plain object of strings");
  return wellFormed(value, "the encryption context");
}

function compared(a, b) {
  const at = a.findIndex((byte, index) => byte !== b[index]);
  return at === -1 ? a.length - b.length : a[at] - (b[at] ?? -1);
}
