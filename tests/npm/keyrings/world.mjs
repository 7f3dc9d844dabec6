// What a case of keyrings plays in: objects that are asked and answer by a script, and notes of what they were asked, what they threw and which arrays
// went through their hands.

import { createCipheriv } from "node:crypto";

export const KEY = "arn:aws:kms:us-east-1:111122223333:key/1234";
export const OTHER = "arn:aws:kms:us-east-1:111122223333:key/5678";
export const ALIAS = "arn:aws:kms:us-east-1:111122223333:alias/documents";

export const bytes = (length, value) => new Uint8Array(length).fill(value);
/** The data key of all messages that are opened. */
export const dataKey = () => bytes(32, 7);
export const copy = (providerId, info, value = 8) => ({ providerId, providerInfo: typeof info === "string" ? utf8(info) : info, ciphertext: bytes(20, value) });
export const fault = (name, message, more) => Object.assign(new Error(message), { name, ...more });

export class World {
  asked = [];
  thrown = [];
  /** The message that is opened. */
  message;
  #arrays = [];
  #labels = new Map();
  #controller = new AbortController();

  get signal() {
    return this.#controller.signal;
  }

  abort() {
    this.#controller.abort(new Error("the user went away"));
  }

  /** An object with methods that answer with what functions of the question give. */
  actor(name, answers) {
    return Object.fromEntries(Object.entries(answers).map(([method, answer]) => [method, (...given) => this.#ask(name, method, given, answer)]));
  }

  #ask(name, method, given, answer) {
    const [request, how] = given;
    const signal = how ? how.abortSignal : request.signal;
    this.asked.push([name, method, given.length, signal === this.signal || signal, this.shown({ ...request, signal: undefined })]);
    this.#watch(request);
    const fail = (error) => {
      this.thrown.push(error);
      throw error;
    };
    const watch = (value) => (this.#watch(value), value);
    let result;
    try {
      result = answer(request);
    } catch (error) {
      fail(error);
    }
    return result instanceof Promise ? result.then(watch, fail) : watch(result);
  }

  /** Remembers the arrays in what is asked or answered. */
  #watch(value) {
    if (value instanceof Uint8Array || value instanceof ArrayBuffer) this.#arrays.push(value);
    else if (typeof value === "object" && value !== null) {
      for (const { value: member } of Object.values(Object.getOwnPropertyDescriptors(value))) this.#watch(member);
    }
  }

  /** A value with names for bytes, of which some are random: the same bytes have the same name. */
  shown(value) {
    if (value instanceof Uint8Array) return this.#nameOf(value);
    if (Array.isArray(value)) return value.map((each) => this.shown(each));
    if (typeof value !== "object" || value === null) return value;
    return Object.entries(value).map(([name, member]) => [name, this.shown(member)]);
  }

  #nameOf(array) {
    if (array.every((byte) => byte === array[0])) return `${array.length} of ${array[0]}`;
    if (array.every((byte) => byte >= 32 && byte < 127)) return new TextDecoder().decode(array);
    const hex = Buffer.from(array).toString("hex");
    if (!this.#labels.has(hex)) this.#labels.set(hex, `${array.length} bytes, number ${this.#labels.size}`);
    return this.#labels.get(hex);
  }

  /** An error with all that users see of it. */
  told(error) {
    const { name, code, message, kmsCode, requestId, retryable, cause } = error;
    const from = cause === this.signal.reason ? "the abort" : this.thrown.indexOf(cause);
    return { name, code, message, kmsCode, requestId, retryable, members: Object.keys(error), cause: "cause" in error ? from : "none" };
  }

  /** Of each array, in the order in which they went through hands, whether it has been overwritten. */
  wiped() {
    return this.#arrays.map((array) => {
      // What was transferred away has no bytes.
      const bytes = array.byteLength > 0 && array instanceof ArrayBuffer ? new Uint8Array(array) : array;
      return bytes.byteLength === 0 || bytes.every((byte) => byte === 0);
    });
  }
}

/** What a raw AES keyring writes, written down here a second time. */
export function rawCopy({ namespace = "tests", name = "raw", key = 1, context = [], info, damage = (ciphertext) => ciphertext, keyValue = dataKey() }) {
  const iv = bytes(12, 3);
  const u16 = (number) => [number >> 8, number & 255];
  const pairs = context.flat().flatMap((text) => [...u16(utf8(text).length), ...utf8(text)]);
  const cipher = createCipheriv("aes-256-gcm", bytes(32, key), iv);
  cipher.setAAD(Uint8Array.from(context.length > 0 ? [...u16(context.length), ...pairs] : []));
  const ciphertext = Uint8Array.from([...cipher.update(keyValue), ...cipher.final(), ...cipher.getAuthTag()]);
  const providerInfo = info ?? Uint8Array.from([...utf8(name), 0, 0, 0, 128, 0, 0, 0, 12, ...iv]);
  return { providerId: namespace, providerInfo, ciphertext: damage(ciphertext) };
}

export const utf8 = (text) => new TextEncoder().encode(text);
