// The time of the KMS: the system's, or a virtual one that stands still until somebody moves it and survives restarts.

import { StartFailure } from "./start-failure.js";

export class RealClock {
  static of(store) {
    const virtual = Number(store.setting(SETTING) ?? 0);
    if (virtual > Date.now()) {
      const text = new Date(virtual).toISOString();
      throw new StartFailure("state", `the state has a virtual clock, which stands at ${text}; start with --clock virtual, or give --state another folder`);
    }
    return new RealClock();
  }

  now() {
    return Date.now();
  }

  /** Clients sign by the same clock. */
  received() {
    return undefined;
  }
}

export class VirtualClock {
  #now;
  #store;

  static of(store) {
    const clock = new VirtualClock(store);
    clock.set(Number(store.setting(SETTING) ?? Date.now()));
    return clock;
  }

  constructor(store) {
    this.#store = store;
  }

  now() {
    return this.#now;
  }

  /** Clients know nothing of a virtual clock, and sign by the real one. */
  received() {
    return Date.now();
  }

  /** Notes the time within the store's transaction. */
  set(now) {
    this.#store.set(SETTING, String(now));
    this.#now = now;
  }

  /** Goes back to what the store has, after a transaction that has not happened. */
  restore() {
    this.#now = Number(this.#store.setting(SETTING));
  }
}

const SETTING = "virtual-clock";
