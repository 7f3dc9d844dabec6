// The keyrings that the small module has, at work. Their errors, and what they ask of whom in which order, are those of the Rust keyrings, which do the
// same work where the full module runs. `tests/npm/keyrings.test.mjs` compares them.

import { failed } from "../failed.js";
import { wipe } from "../questions.js";
import { copiesOf, Failure, firstOf, invalidInput, secret } from "./at-work/task.js";
import { kms } from "./at-work/kms.js";
import { own } from "./at-work/own.js";
import { rawAes } from "./at-work/raw-aes.js";

/** Whether the keyring of a description, see keyring.js, is one of these; if not, the full module has it. */
export function isSmall(description) {
  const { kind, mrkAware, key } = description;
  if (kind === "multi") return all(description).every(isSmall);
  return kind === "own" || (kind === "kms" && !mrkAware) || (kind === "raw-aes" && key.length === 32);
}

/** Throws if the description is one of a keyring that can not be. */
export function check(description) {
  try {
    checkAll(description);
  } catch (error) {
    throw told(error);
  }
}

/**
 * A new data key and its wrapped copies. A raw AES keyring gives them at once, if its cipher does; others give a promise, and have `request.keep` called before anything else.
 *
 * @param request what the data key is for, and what it takes: `{ suite: string, dataKeyLength: number, encryptionContext: Record<string, string>,
 *   aad: Uint8Array, signal?: AbortSignal, cipher, random, keep(): void }`, `random(length)` gives bytes. `encryptionContext` is in the order of `aad`, which is the same in bytes;
 *   `cipher` is AES-GCM: `seal(key, iv, aad, plaintext)` gives ciphertext and tag, and `open(key, iv, aad, sealed)` the plaintext, or undefined
 * @returns `{ dataKey: Uint8Array, encryptedDataKeys: { providerId: string, providerInfo: Uint8Array, ciphertext: Uint8Array }[] }`, or a promise of it;
 *   the caller checks the data key's length, and wipes it
 */
export function makeDataKey(description, request) {
  return run(description, request, make);
}

/**
 * The data key of the first of its copies that can be unwrapped. Undefined if none of them is for this keyring.
 *
 * @param encryptedDataKeys see `makeDataKey`, and there for all else
 * @returns {Uint8Array | undefined | Promise<Uint8Array | undefined>} the caller checks its length, and wipes it
 */
export function unwrapDataKey(description, encryptedDataKeys, request) {
  // Whoever waits has copies, for the others may be a part of the caller's message.
  const keys = isAtOnce(description, request) ? encryptedDataKeys : copiesOf(encryptedDataKeys);
  return run(description, request, (kept, task) => unwrap(kept, keys, task));
}

/** Acts for a task: a request, what was thrown first at a question of it, and the secrets that do not outlive it, save for the data key that is its result. */
function run(description, request, act) {
  const task = { ...request, secrets: [], cause: undefined };
  const end = (result) => {
    for (const each of task.secrets) if (each !== result && each !== result?.dataKey) wipe(each);
    return result;
  };
  const fail = (error) => {
    end();
    throw told(error, task);
  };
  if (!isAtOnce(description, request)) {
    request.keep();
    const acting = async () => act(kept(description, task), task);
    return acting().then(end, fail);
  }
  try {
    return end(act(description, task));
  } catch (error) {
    return fail(error);
  }
}

const isAtOnce = ({ kind }, { cipher }) => kind === "raw-aes" && cipher.isAtOnce;

/** With raw keys of its own: those of a keyring are overwritten when it is disposed of, and a task that waits goes on. */
function kept(description, task) {
  const { kind, key, generator, children } = description;
  if (kind === "raw-aes") return { ...description, key: secret(key.slice(), task) };
  if (kind !== "multi") return description;
  return { kind, generator: generator && kept(generator, task), children: children.map((child) => kept(child, task)) };
}

/** What is thrown; what is not a keyring's failure is thrown as it is. */
const told = (error, { signal, cause } = {}) => (error instanceof Failure ? failed(error, signal, cause) : error);

const checkAll = (description) => KEYRINGS[description.kind].check?.(description);
const make = (description, task) => KEYRINGS[description.kind].make(description, task);
const wrap = (description, dataKey, task) => KEYRINGS[description.kind].wrap(description, dataKey, task);
const unwrap = (description, keys, task) => KEYRINGS[description.kind].unwrap(description, keys, task);

const all = ({ generator, children }) => (generator ? [generator, ...children] : children);

/** Several keyrings as one: any of them can open what all of them wrapped. */
const multi = {
  check: (description) => all(description).forEach(checkAll),

  async make({ generator, children }, task) {
    if (!generator) throw invalidInput("a multi-keyring without a generator can not encrypt; give it one");
    const { dataKey, encryptedDataKeys } = await make(generator, task);
    return { dataKey, encryptedDataKeys: [...encryptedDataKeys, ...(await multi.wrap({ children }, dataKey, task))] };
  },

  async wrap(description, dataKey, task) {
    const copies = [];
    for (const keyring of all(description)) copies.push(...(await wrap(keyring, dataKey, task)));
    return copies;
  },

  unwrap: (description, keys, task) => firstOf(all(description), (keyring) => unwrap(keyring, keys, task)),
};

const KEYRINGS = { kms, "raw-aes": rawAes, own, multi };
