// The trace of a callback. Its numbers, its spans and its fingerprint key belong to the callback, so everybody who reports to the same
// function, from either WebAssembly module, writes one trace: in order, and with the same fingerprint for the same secret.

import { unmapped } from "./unmapped.js";

const traces = new WeakMap();

/** The operation that is asking a KMS right now, for the KMS's events to be part of. */
let asking;

export class Trace {
  #state;

  /** @param {(event: object) => void} onEvent */
  constructor(onEvent, reveal) {
    let state = traces.get(onEvent);
    if (!state) traces.set(onEvent, (state = { onEvent, events: 0, spans: 0, key: undefined, waiting: [] }));
    this.#state = state;
    this.reveal = reveal;
  }

  get fingerprintKey() {
    return (this.#state.key ??= crypto.getRandomValues(new Uint8Array(32)));
  }

  nextSpan() {
    return ++this.#state.spans;
  }

  /**
   * Events reach the callback in a microtask of their own: in order, before the operation's promise settles, and never while the code
   * that emitted them is running, which the callback could otherwise call again.
   */
  collect(told) {
    const state = this.#state;
    const event = unmapped(told);
    event.seq = state.events++;
    if (state.waiting.push(event) === 1) queueMicrotask(() => deliver(state));
  }

  /** Calls `ask` as part of the operation `span`. */
  within(span, ask) {
    const outer = asking;
    asking = { state: this.#state, span };
    try {
      return ask();
    } finally {
      asking = outer;
    }
  }

  /** The operation that this call is part of, if it writes the same trace; else 0, the trace itself. */
  get parentSpan() {
    return asking?.state === this.#state ? asking.span : 0;
  }
}

function deliver(state) {
  for (const event of state.waiting.splice(0)) {
    try {
      state.onEvent(event);
    } catch (error) {
      // The callback's mistake is not the operation's; it is reported as an uncaught one would be.
      (globalThis.reportError ?? console.error)(error);
    }
  }
}
