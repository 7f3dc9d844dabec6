// A message that WebAssembly has started to write or read, and whose data stays here.

import { invalid } from "./check.js";
import { aborted, failed } from "./failed.js";

export class Session {
  /** What was told of it when it was started. */
  facts;
  #instance;
  #generation;
  #object;
  #signal;
  #isFree = false;

  /**
   * @param {{ call(glue: object, method: string, given: unknown[]), free(glue: object): void }} object the session in WebAssembly; its errors are returned,
   *   as `{ error }`
   * @param {AbortSignal} [signal]
   */
  constructor(instance, generation, object, facts, signal) {
    this.#instance = instance;
    this.#generation = generation;
    this.#object = object;
    this.facts = facts;
    this.#signal = signal;
  }

  /** Calls one of the session's methods; throws the errors that it returns. */
  call(method, ...given) {
    // A pointer to nothing would be taken for a trap.
    if (this.#isFree) throw invalid("it has been closed, or has failed before");
    const result = this.#instance.step(this.#generation, (glue) => this.#object.call(glue, method, given));
    if (result?.error) throw failed(result.error, this.#signal);
    return result;
  }

  /** To be called after every wait. */
  check() {
    if (this.#signal?.aborted) throw aborted(this.#signal);
  }

  free() {
    if (this.#isFree) return;
    this.#isFree = true;
    this.#instance.free(this.#generation, this.#object);
  }
}
