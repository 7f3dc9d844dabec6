// A KMS whose records a host keeps, such as in the SQLite of a Durable Object: what a call changed is there before it is answered. It outlives
// its instance of WebAssembly.

import { Engine } from "./engine.js";

export class HostWorld {
  #engine;
  #settings;
  #opening;
  #isStopped = false;

  static async open(instance, settings, origin) {
    const world = new HostWorld();
    world.#settings = settings;
    world.#engine = new Engine(instance, settings.rsaKeys);
    await world.#start(origin.make);
    return world;
  }

  async ask(method, ...args) {
    const span = this.#settings.trace?.parentSpan ?? 0;
    return this.#engine.prepared(method, args, async (rsaKey) => {
      // After a trap.
      while (this.#engine.isLost && !this.#isStopped) await (this.#opening ??= this.#restart());
      const now = this.#settings.tell();
      return this.#engine.step(now, span, method, args, rsaKey);
    });
  }

  stop() {
    this.#isStopped = true;
    this.#engine.stop();
    this.#settings.storage.rootKey.fill(0);
  }

  async #start(make) {
    const { account, region, grantConsistency, makeRsaKey, trace, tell, storage } = this.#settings;
    const now = tell();
    await this.#engine.start((glue) => make(glue, { account, region, grantConsistency, makeRsaKey, now, trace, ...storage }));
  }

  async #restart() {
    try {
      await this.#start((glue, settings) => glue.open(settings));
    } finally {
      this.#opening = undefined;
      if (this.#isStopped) this.#engine.stop();
    }
  }
}
