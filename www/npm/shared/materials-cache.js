// Caches of data keys. The keys are in WebAssembly's memory; here is who holds them there.

import { invalid, optional, options, whole } from "./check.js";
import { DISPOSE } from "./dispose.js";
import { patiently } from "./patiently.js";

const held = new WeakMap();

export class MaterialsCache {
  constructor(given) {
    held.set(this, new Held(given, "MaterialsCache"));
  }

  /** Forgets all data keys. */
  clear() {
    holdOf(this)?.clear();
  }

  /** Forgets all data keys, and keeps none from now on. */
  [DISPOSE]() {
    holdOf(this)?.close();
  }
}

/** What a client's option `cache` means: a cache of others, or limits of one of its own. */
export function cacheOf(given) {
  const others = holdOf(given);
  return others ? { held: others, isOwn: false } : { held: new Held(given, "cache"), isOwn: true };
}

const holdOf = (cache) => (typeof cache === "object" && cache !== null ? held.get(cache) : undefined);

/** A cache in a WebAssembly instance: it is made there at its first use, and anew, empty, in the next instance. */
class Held {
  #limits;
  #signers = new Map();
  #instance;
  #generation;
  #cache;
  #isClosed = false;

  constructor(given, what) {
    const { maxAge, maxMessages, maxBytes, capacity } = options(given, what, ["maxAge", "maxMessages", "maxBytes", "capacity"]);
    this.#limits = [
      whole(1, 0xffff_ffff)(maxAge, "maxAge"),
      optional(maxMessages, whole(1, 2 ** 32), "maxMessages"),
      optional(maxBytes, whole(1, Number.MAX_SAFE_INTEGER), "maxBytes"),
      optional(capacity, whole(1, 0xffff_ffff), "capacity"),
    ];
  }

  /** How settings name it in the instance; a promise where that has to be entered first. */
  numberIn(instance) {
    if (this.#isClosed) throw invalid("the cache has been disposed of");
    const generation = instance.entered;
    return generation === undefined ? instance.enter().then((entered) => this.#numberAt(instance, entered)) : this.#numberAt(instance, generation);
  }

  #numberAt(instance, generation) {
    // Disposed of meanwhile, as the client may be: the call goes on without.
    if (this.#isClosed) return undefined;
    if (generation !== this.#generation) {
      this.#cache = instance.step(generation, (glue) => new glue.Cache(...this.#limits));
      this.#instance = instance;
      this.#generation = generation;
    }
    return this.#cache.number;
  }

  /** Who signs the messages of a partition for now: data keys are bound to its key pair, so it is kept as long as they are. */
  async signer(partition, curve, make) {
    const name = `${curve} ${partition}`;
    for (const [name, { madeAt }] of this.#signers) {
      const age = Date.now() - madeAt;
      if (age < 0 || age >= this.#limits[0] * 1000) this.#signers.delete(name);
    }
    if (!this.#signers.has(name)) {
      const signer = make();
      this.#signers.set(name, { signer, madeAt: Date.now() });
      signer.catch(() => this.#signers.delete(name));
    }
    return (await patiently(this.#signers.get(name).signer)) ?? make();
  }

  clear() {
    this.#signers.clear();
    if (this.#isThere) this.#instance.step(this.#generation, () => this.#cache.clear());
  }

  close() {
    if (this.#isThere) this.#instance.free(this.#generation, this.#cache);
    this.#signers.clear();
    this.#isClosed = true;
    this.#cache = undefined;
  }

  get #isThere() {
    return this.#cache !== undefined && this.#instance.generation === this.#generation;
  }
}
