// A KMS whose records are in IndexedDB: what an answer rests on is on the disk before the answer goes out. Calls that overlap share a
// transaction. It outlives its page, and its instance of WebAssembly.

import { invalid } from "../check.js";
import { Database, unwrapRootKey, wrapRootKey } from "./database.js";
import { Engine, disposed } from "./engine.js";
import { RecordStore } from "./record-store.js";

export class DurableWorld {
  #settings;
  #database;
  #store;
  #engine;
  #about;
  #opening;
  #writing;
  #isStopped = false;

  static async open(instance, settings, origin) {
    const world = new DurableWorld();
    world.#settings = settings;
    world.#engine = new Engine(instance, settings.rsaKeys);
    world.#database = await Database.open(settings.storage.name);
    try {
      const { records, lines, world: about } = await world.#database.load();
      world.#store = new RecordStore(records, lines);
      if (!about) await world.#found(origin);
      else if (origin.isNew) throw invalid(`there is a KMS \`${settings.storage.name}\` already; restore under another name`);
      else await world.#reopen(about);
    } catch (thrown) {
      world.#engine.stop();
      world.#database.close();
      throw thrown;
    }
    return world;
  }

  /** `{ account, region }` */
  get place() {
    const { account, region } = this.#about;
    return { account, region };
  }

  async ask(now, span, method, args) {
    return this.#engine.prepared(method, args, (rsaKey) => this.#ask(now, span, method, args, rsaKey));
  }

  async #ask(now, span, method, args, rsaKey) {
    while (this.#engine.isLost && !this.#isStopped) await (this.#opening ??= this.#restart());
    if (this.#isStopped) throw disposed();
    const result = this.#engine.step(now, span, method, args, rsaKey);
    const written = this.#store.written();
    this.#writing ??= this.#write();
    return written.then(() => result, notStored);
  }

  /** Answers nothing new, and is over when all that was asked is answered. */
  async stop() {
    this.#isStopped = true;
    await Promise.allSettled([this.#opening, this.#writing]);
    this.#engine.stop();
    this.#database.close();
  }

  /** A new world. It is founded when its root key is on the disk, with all that it begins with. */
  async #found(origin) {
    const rootKey = origin.rootKey();
    try {
      const { account, region } = this.#settings;
      await this.#start(rootKey, { account, region }, origin.make);
      const about = { ...this.#engine.place, rootKey: await wrapRootKey(rootKey) };
      const batch = this.#store.take();
      await this.#database.write(batch, { world: about, forgetBefore: this.#forgetBefore(batch) });
      this.#about = about;
    } finally {
      rootKey.fill(0);
    }
  }

  async #reopen(about) {
    for (const part of ["account", "region"]) {
      const given = this.#settings[part];
      if (given !== undefined && given !== about[part]) throw invalid(otherPlace(this.#settings.storage.name, part, about[part]));
    }
    this.#about = about;
    const rootKey = await unwrapRootKey(about.rootKey);
    try {
      await this.#start(rootKey, this.place, (glue, settings) => glue.open(settings));
    } finally {
      rootKey.fill(0);
    }
  }

  async #start(rootKey, place, make) {
    const { grantConsistency, makeRsaKey, tell, trace } = this.#settings;
    const settings = { ...place, grantConsistency, makeRsaKey, now: tell(), trace, rootKey, store: this.#store };
    await this.#engine.start((glue) => make(glue, settings));
  }

  /** After a trap. */
  async #restart() {
    try {
      await this.#reopen(this.#about);
    } finally {
      this.#opening = undefined;
    }
  }

  /** Writes batch after batch, for as long as somebody waits for one. */
  async #write() {
    // Whoever asks in the same breath is part of the first.
    await undefined;
    for (let batch = this.#store.take(); batch; batch = this.#store.isAwaited && this.#store.take()) {
      try {
        const forgetBefore = this.#forgetBefore(batch);
        if (!batch.isEmpty) await this.#database.write(batch, { forgetBefore });
        this.#store.forgetBefore(forgetBefore);
        batch.resolve();
      } catch (cause) {
        // What was decided meanwhile rests on what is now undone. The engine remembers records by their seals, so none that is gone.
        const later = this.#store.take();
        this.#store.undo([later, batch]);
        batch.reject(cause);
        later.reject(cause);
      }
    }
    this.#writing = undefined;
  }

  #forgetBefore({ lines }) {
    return lines.length > 0 ? lines.at(-1).number + 1 - this.#settings.storage.auditLimit : 0;
  }
}

export function otherPlace(name, part, value) {
  return `the KMS \`${name}\` is of the ${part} ${value}; open it without \`${part}\`, or another one by another name`;
}

function notStored(cause) {
  const why = cause?.name === "QuotaExceededError" ? "the browser gives this site no more room" : `${cause?.message ?? cause}`;
  const message = `what the call changed could not be stored, and is undone: ${why}`;
  return { fault: { name: "KMSInternalException", message, httpStatusCode: 500, retryable: true } };
}
