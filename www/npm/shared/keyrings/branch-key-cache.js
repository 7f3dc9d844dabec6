// Branch keys from one operation to the next. They are here and not in WebAssembly, whose memory holds no key between operations.

let caches = 0;

export class BranchKeyCache {
  /** By which WebAssembly tells which operations have this cache in common: of those, one asks for all who want the same key. */
  number = ++caches;
  #maxAge;
  #capacity;
  #entries = new Map();

  /** @param maxAge milliseconds @param capacity entries */
  constructor(maxAge, capacity) {
    this.#maxAge = maxAge;
    this.#capacity = capacity;
  }

  /** `{ version, key }` of that version, or of the active one. */
  find(id, wanted) {
    for (const [name, { askedAt }] of this.#entries) {
      const age = Date.now() - askedAt;
      // A clock that was set back makes no key younger.
      if (age < 0 || age >= this.#maxAge) this.#drop(name);
    }
    return this.#entries.get(nameOf(id, wanted));
  }

  keep(id, wanted, version, key, askedAt) {
    const name = nameOf(id, wanted);
    this.#drop(name);
    if (this.#entries.size >= this.#capacity) this.#drop(this.#entries.keys().next().value);
    if (this.#capacity > 0) this.#entries.set(name, { version, key, askedAt });
    else key.fill(0);
  }

  /** Wipes all keys, also those that are still to come. */
  clear() {
    this.#capacity = 0;
    for (const name of this.#entries.keys()) this.#drop(name);
  }

  #drop(name) {
    this.#entries.get(name)?.key.fill(0);
    this.#entries.delete(name);
  }
}

const nameOf = (id, wanted) => JSON.stringify([id, wanted]);
