// Credentials and tokens that end: kept until shortly before that, then asked for again, once for everybody who waits.

import { invalid } from "../check.js";
import { WaxsealError } from "../errors.js";
import { KmsClientError } from "./fault.js";

/**
 * @param source the value itself, or a function that gives it or a promise of it
 * @param check makes `{ value, expires?: number, isOnce?: boolean }` of what the source gave, or throws; what it throws must not quote it
 * @param what for messages
 */
export class Renewed {
  #source;
  #check;
  #what;
  #current;
  #asking;
  /** Whether what the source gives is for one request only; known once it has given something. */
  #isOnce = false;

  constructor(source, check, what) {
    this.#source = source;
    this.#check = check;
    this.#what = what;
    // What was written down wrongly is told at once.
    if (typeof source !== "function") this.#current = check(source);
  }

  /**
   * One that is good now. A renewal that takes longer than `patience` milliseconds, or half of them while the old one is good, has failed, for the next one
   * to be tried.
   */
  async value(patience) {
    const current = this.#current;
    if (current && leftOf(current) > EARLY) return current.value;
    if (typeof this.#source !== "function") {
      if (leftOf(current) > 0) return current.value;
      throw invalid(`the ${this.#what} ended at ${new Date(current.expires).toISOString()}; pass new ones, or a function that gets them`);
    }
    // A renewal that hangs must leave time for the request, which the old one is still good for.
    if (current && leftOf(current) > 0) patience /= 2;
    try {
      if (this.#isOnce) return (await this.#ask(patience)).value;
      const isFirst = this.#asking === undefined;
      this.#asking ??= this.#ask(patience).finally(() => (this.#asking = undefined));
      const { value, isOnce } = await this.#asking;
      this.#isOnce = isOnce === true;
      return isOnce && !isFirst ? (await this.#ask(patience)).value : value;
    } catch (error) {
      // It is asked early, so that the old one is still good if that fails.
      if (current && leftOf(current) > 0) return current.value;
      throw error;
    }
  }

  /** The service did not take it, whatever it says of its end. */
  forget() {
    if (typeof this.#source === "function") this.#current = undefined;
  }

  async #ask(patience) {
    let given;
    let timer;
    try {
      const late = new Promise((_, reject) => (timer = setTimeout(() => reject(new Error("it took too long")), patience)));
      given = await Promise.race([this.#source(), late]);
    } catch (cause) {
      if (cause instanceof WaxsealError) throw cause;
      // The text may have a secret in it; whoever wrote the function can look.
      const message = `the function that gets the ${this.#what} failed: see \`cause\``;
      throw new KmsClientError({ kind: "unavailable", vendor: "its owner", message, cause, isFinal: true });
    } finally {
      clearTimeout(timer);
    }
    const current = this.#check(given);
    if (leftOf(current) <= 0) throw invalid(`the function that gets the ${this.#what} gave what has ended already`);
    // What is good for one request only is not kept.
    if (!current.isOnce) this.#current = current;
    return current;
  }
}

/** Renews tokens: strings, or `{ token, expires }`. A function that gives a string is asked for every request. */
export function tokens(source, what) {
  const isFunction = typeof source === "function";
  return new Renewed(source, (given) => {
    const { token, expires } = typeof given === "string" ? { token: given } : (given ?? {});
    return { value: printable(token, what), expires: endOf(expires, what), isOnce: isFunction && typeof given === "string" };
  }, what);
}

/** Text that can be in a header. What `fetch` itself says of text that can not quotes it. */
export function printable(value, what) {
  if (typeof value !== "string" || !/^[\x21-\x7e]+$/.test(value)) throw invalid(`the ${what} is not a string of printable characters without spaces`);
  return value;
}

/** Milliseconds, of a `Date`; of another realm too. */
export function endOf(value, what) {
  if (value === undefined) return undefined;
  const time = typeof value?.getTime === "function" ? value.getTime() : NaN;
  if (!Number.isFinite(time)) throw invalid(`the end of the ${what} is not a Date`);
  return time;
}

function leftOf({ expires = Infinity }) {
  return expires - Date.now();
}

/** Five minutes, as in AWS's own clients. */
const EARLY = 300_000;
