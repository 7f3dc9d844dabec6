// Checks of types at the border, where JavaScript lets anything through. What values mean is checked in Rust.

import { WaxsealError } from "./errors.js";

export function invalid(message) {
  return new WaxsealError({ code: "InvalidInput", message });
}

/** An options object, of which every member is known: a misspelt option would otherwise be an option that silently does nothing. */
export function options(value, what, known) {
  if (value === undefined) return {};
  // A Map or an array would be an object without any of the options.
  if (typeof value !== "object" || value === null || Symbol.iterator in value) throw invalid(`${what} is not an object of options`);
  for (const name of Object.keys(value)) {
    if (!known.includes(name)) throw invalid(`${what} has no option \`${name}\`; there is ${known.join(", ")}`);
  }
  return value;
}

export function text(value, what) {
  if (typeof value !== "string" || value === "") throw invalid(`${what} is not a string with something in it`);
  return value;
}

export function optional(value, check, what) {
  return value === undefined ? undefined : check(value, what);
}

export function whole(least, most) {
  return (value, what) => {
    if (!Number.isInteger(value) || value < least || value > most) throw invalid(`${what} is not a whole number from ${least} to ${most}`);
    return value;
  };
}

export function callback(value, what) {
  if (typeof value !== "function") throw invalid(`${what} is not a function`);
  return value;
}

export function list(value, what) {
  if (!Array.isArray(value)) throw invalid(`${what} is not an array`);
  return [...value];
}

export function signal(value, what) {
  if (typeof value?.addEventListener !== "function" || typeof value.aborted !== "boolean") throw invalid(`${what} is not an AbortSignal`);
  return value;
}
