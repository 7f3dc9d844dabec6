// How every client asks its service: `fetch`, with a time limit for each try and one for all of them, and another try only after what
// another try may mend.

import { callback, invalid, optional, whole } from "../check.js";
import { WaxsealError } from "../errors.js";
import { bodyOf, objectOf } from "./body.js";
import { KmsClientError, nonsense } from "./fault.js";

export const TRANSPORT_OPTIONS = ["fetch", "timeout", "deadline", "attempts"];

export class Transport {
  #fetch;
  #timeout;
  #deadline;
  #attempts;

  constructor(vendor, { fetch, timeout, deadline, attempts }) {
    this.vendor = vendor;
    this.#fetch = optional(fetch, callback, "fetch");
    this.#timeout = optional(timeout, whole(1, MAX_TIME), "timeout") ?? 5_000;
    this.#deadline = optional(deadline, whole(1, MAX_TIME), "deadline") ?? 20_000;
    this.#attempts = optional(attempts, whole(1, 100), "attempts") ?? 3;
  }

  /**
   * The outcome of the first try that is one.
   *
   * @param {object} how
   * @param how.build makes the n-th request: `{ url, method?, headers, body?, secrets }`; told how many milliseconds are left
   * @param how.read makes the outcome of `{ status, headers, json }`, or throws; called for every status
   * @param {AbortSignal} [how.signal]
   * @param {number} [how.places] how many places the requests go to in turn; only before the first is asked again is there a pause
   */
  async send({ build, read, signal, places = 1 }) {
    const ends = Date.now() + this.#deadline;
    const all = new Limit(signal, this.#deadline);
    try {
      for (let n = 0; ; n++) {
        if (all.ended) throw this.#givenUp(all, all.signal.reason);
        try {
          return await all.race(this.#once(() => build(n, Math.max(ends - Date.now(), 1)), read, all));
        } catch (error) {
          const failure = all.ended ? this.#givenUp(all, error) : error;
          const pause = (n + 1) % places === 0 ? pauseAfter(failure, n / places) : 0;
          const isLast = n + 1 >= Math.max(this.#attempts, places) || Date.now() + pause >= ends;
          if (all.ended || !(failure instanceof KmsClientError && failure.retryable) || isLast) throw failure;
          await all.race(new Promise((resolve) => all.later(resolve, pause))).catch((cause) => {
            throw this.#givenUp(all, cause);
          });
        }
      }
    } finally {
      all.clear();
    }
  }

  async #once(build, read, all) {
    const { url, method = "POST", headers, body, secrets } = await build();
    all.signal.throwIfAborted();
    const one = new Limit(all.signal, this.#timeout);
    try {
      return await one.race(this.#exchange({ url, method, headers, body, secrets }, read, one));
    } catch (error) {
      if (error instanceof WaxsealError || all.ended) throw error;
      const message = one.ended ? `${hostOf(url)} did not answer in ${this.#timeout} milliseconds` : `${hostOf(url)} could not be reached or hung up`;
      throw new KmsClientError({ kind: "unavailable", vendor: this.vendor, message, cause: error });
    } finally {
      one.clear();
    }
  }

  async #exchange({ url, method, headers, body, secrets }, read, limit) {
    const ask = this.#fetch ?? globalThis.fetch;
    // An answer that leads elsewhere is none: what is sent is signed for this place, or has a token.
    const response = await ask(url, { method, headers, body, signal: limit.signal, redirect: "manual" });
    const answer = { status: response.status, headers: response.headers };
    const bytes = await bodyOf(response, MAX_ANSWER);
    if (!bytes) throw nonsense(this.vendor, `more than ${MAX_ANSWER} bytes`, { status: answer.status });
    answer.json = objectOf(bytes);
    answer.retryAfter = retryAfter(response.headers);
    answer.clean = (text) => cleaned(text, [...secrets, plaintextIn(body)]);
    return read(answer);
  }

  #givenUp(all, error) {
    if (all.isAborted) return new WaxsealError({ code: "Aborted", message: "the request was aborted", cause: all.signal.reason });
    const message = `${this.vendor} gave no answer in ${this.#deadline} milliseconds`;
    return new KmsClientError({ kind: "unavailable", vendor: this.vendor, message, cause: error });
  }
}

/** A time, or a signal from outside, after which nothing is waited for any more. */
class Limit {
  #controller = new AbortController();
  #outer;
  #timers = [];
  #onAbort = () => {
    this.isAborted = true;
    this.#controller.abort(this.#outer.reason);
  };

  isAborted = false;

  constructor(outer, milliseconds) {
    this.#outer = outer;
    this.later(() => this.#controller.abort(new Error("it took too long")), milliseconds);
    if (outer?.aborted) this.#onAbort();
    else outer?.addEventListener("abort", this.#onAbort, { once: true });
  }

  get signal() {
    return this.#controller.signal;
  }

  get ended() {
    return this.signal.aborted;
  }

  /** The promise, or a rejection when the limit is reached, even if the promise never settles. */
  race(promise) {
    return new Promise((resolve, reject) => {
      const end = () => reject(this.signal.reason);
      if (this.ended) end();
      else this.signal.addEventListener("abort", end, { once: true });
      promise.then(resolve, reject).finally(() => this.signal.removeEventListener("abort", end));
    });
  }

  later(act, milliseconds) {
    this.#timers.push(setTimeout(act, milliseconds));
  }

  clear() {
    this.#timers.forEach(clearTimeout);
    this.#outer?.removeEventListener("abort", this.#onAbort);
  }
}

/** The service's own words, without what must not be repeated: some services quote what they were sent. */
function cleaned(text, secrets) {
  if (typeof text !== "string") return undefined;
  // What is so short is no secret, and may be a part of any word.
  const long = secrets.filter((secret) => secret?.length >= 8);
  return long.reduce((text, secret) => text.replaceAll(secret, "[secret]"), text).slice(0, MAX_WORDS);
}

/** What a request has to be encrypted, as it is sent: whatever the vendor calls it. */
function plaintextIn(request) {
  const { Plaintext, plaintext, value } = JSON.parse(request);
  return Plaintext ?? plaintext ?? value;
}

/** Milliseconds to wait: what the service said, else up to a bound that doubles, by chance so that not all come back together. */
function pauseAfter({ retryAfter }, tries) {
  const chance = Math.random();
  return retryAfter === undefined ? chance * Math.min(100 * 2 ** tries, 5_000) : retryAfter + chance * 100;
}

/** Milliseconds, of a header with seconds or a date. */
function retryAfter(headers) {
  const text = headers.get("retry-after");
  if (!text) return undefined;
  const time = /^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text) - Date.now();
  return Number.isFinite(time) ? Math.max(time, 0) : undefined;
}

/** An address to which nothing but a path is added. */
export function addressOf(value, what) {
  let url;
  try {
    url = new URL(value);
  } catch {
    throw invalid(`${what} is not a URL`);
  }
  // Names and passwords would be in what `fetch` throws.
  if (!/^https?:$/.test(url.protocol) || url.username || url.password || url.search || url.hash) {
    throw invalid(`${what} is not a plain http or https URL, without user, query and fragment`);
  }
  return url.href.replace(/\/+$/, "");
}

const hostOf = (url) => new URL(url).host;

const MAX_ANSWER = 65_536;
const MAX_WORDS = 1_000;
/** What a timer can count. */
const MAX_TIME = 0x7fff_ffff;
