// Assertions without node:assert, for runtimes that have none.

export function assert(condition, what) {
  if (!condition) throw new Error(`not so: ${what}`);
}

export function equal(actual, expected, what = "values") {
  if (!Object.is(actual, expected)) throw new Error(`${what} differ: ${String(actual)} is not ${String(expected)}`);
}

export function same(actual, expected) {
  const [left, right] = [actual, expected].map((value) => JSON.stringify(value));
  if (left !== right) throw new Error(`values differ: ${left} is not ${right}`);
}

export function includes(text, part) {
  if (!String(text).includes(part)) throw new Error(`\`${part}\` is not in: ${text}`);
}

export function zeros(bytes, what) {
  assert(bytes.every((byte) => byte === 0), what);
}

/** The error that a promise is rejected with. */
export async function fails(promise, what = "the call") {
  let value;
  try {
    value = await promise;
  } catch (error) {
    return error;
  }
  throw new Error(`${what} succeeded: ${value}`);
}

/** The memories of those WebAssembly modules that were loaded, by their names: without a module, the glue's function gives the exports of one that was. */
export function memoriesOf(modules) {
  const memories = {};
  for (const [name, exportsOf] of Object.entries(modules)) {
    try {
      memories[name] = exportsOf().memory;
    } catch {
      // It was not.
    }
  }
  return memories;
}

/** Where bytes start in other bytes, or -1. */
export function find(bytes, part) {
  for (let at = bytes.indexOf(part[0]); at >= 0; at = bytes.indexOf(part[0], at + 1)) {
    let index = 1;
    while (index < part.length && bytes[at + index] === part[index]) index++;
    if (index >= part.length) return at;
  }
  return part.length === 0 ? 0 : -1;
}

/** Runs named checks one after the other; for each its name and, if it failed, why. */
export async function runChecks(checks, given) {
  const results = [];
  for (const [name, check] of Object.entries(checks)) {
    try {
      await check(given);
      results.push({ name });
    } catch (error) {
      // Not every engine's stack begins with the message.
      results.push({ name, error: `${error}\n${error?.stack ?? ""}` });
    }
  }
  return results;
}
