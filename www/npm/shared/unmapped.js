// What WebAssembly hands out, as JavaScript has it.

import { isPlain } from "./plain.js";

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
