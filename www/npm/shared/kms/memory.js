// A KMS that is gone with this page or process, and with its instance of WebAssembly: a trap is its end.

import { Engine } from "./engine.js";

export class MemoryWorld {
  #engine;
  #settings;

  static async open(instance, settings, origin) {
    const world = new MemoryWorld();
    world.#settings = settings;
    world.#engine = new Engine(instance, settings.rsaKeys);
    const { account, region, grantConsistency, dangerSeed, makeRsaKey, trace } = settings;
    // Before the module is entered: a clock that throws fails its own call only.
    const now = settings.tell();
    await world.#engine.start((glue) => origin.make(glue, { account, region, grantConsistency, dangerSeed, makeRsaKey, now, trace }));
    return world;
  }

  // Up to the answer nothing waits, but for an RSA key.
  async ask(method, ...args) {
    const { tell, trace } = this.#settings;
    const span = trace?.parentSpan ?? 0;
    return this.#engine.prepared(method, args, (rsaKey) => {
      const now = tell();
      return this.#engine.step(now, span, method, args, rsaKey);
    });
  }

  stop() {
    this.#engine.stop();
  }
}
