// One KMS for all tabs of a site. The tab that holds the lock has the engine and answers; the others ask it. When it goes, another one
// takes over.

import { isUint8Array } from "../bytes.js";
import { invalid } from "../check.js";
import { DurableWorld, otherPlace } from "./durable.js";
import { METHODS, disposed } from "./engine.js";

export class TabsWorld {
  #id = crypto.randomUUID();
  #instance;
  #settings;
  #origin;
  #channel;
  /** The KMS, if this tab has it. */
  #own;
  /** The id of who has it, if it is another tab. */
  #owner;
  /** What was asked and is not answered: by its number. */
  #asked = new Map();
  #numbers = 0;
  /** Why who has it can not be asked. */
  #trouble;
  #seeking;
  #leave = new AbortController();
  /** How whoever opened it learns that it is known who has the KMS. */
  #known;
  #release;
  #answering = new Set();

  static async open(instance, settings, origin) {
    for (const [name, there] of [["indexedDB", globalThis.indexedDB], ["navigator.locks", globalThis.navigator?.locks]]) {
      if (!there) throw invalid(`storage is IndexedDB, and there is no ${name} here: it needs a page or worker of a secure origin`);
    }
    // Whoever asks another tab may have to take over.
    await instance.enter();
    const world = new TabsWorld();
    world.#instance = instance;
    world.#settings = settings;
    world.#origin = origin;
    world.#channel = new BroadcastChannel(nameOf(settings));
    world.#channel.onmessage = ({ data }) => world.#hear(data);
    try {
      await world.#join();
    } catch (thrown) {
      world.stop();
      throw thrown;
    }
    return world;
  }

  async ask(method, ...args) {
    const now = this.#settings.tell();
    if (this.#leave.signal.aborted) throw disposed();
    if (this.#trouble) throw this.#trouble;
    if (this.#own) return this.#own.ask(now, this.#settings.trace?.parentSpan ?? 0, method, args);
    const number = ++this.#numbers;
    const request = { kind: "ask", from: this.#id, number, now, method, args: args.map(alone) };
    return new Promise((resolve) => {
      this.#asked.set(number, { request, resolve, isHeard: false });
      if (this.#owner) this.#send(this.#owner, request);
      else this.#seek();
    });
  }

  stop() {
    if (this.#leave.signal.aborted) return;
    this.#leave.abort();
    this.#channel.onmessage = null;
    for (const { resolve } of this.#asked.values()) resolve(Promise.reject(disposed()));
    this.#asked.clear();
    // The owner's answers still have to go out.
    if (this.#release) this.#release();
    else this.#channel.close();
  }

  /** Is over when it is known who has the KMS. */
  #join() {
    return new Promise((resolve, reject) => {
      this.#known = { resolve, reject };
      this.#seek();
      if (!this.#origin.isNew) this.#channel.postMessage({ kind: "who" });
    });
  }

  /** Waits to have the KMS; nobody waits to found a new one. */
  #seek() {
    if (this.#seeking) return;
    this.#seeking = true;
    const how = this.#origin.isNew ? { ifAvailable: true } : { signal: this.#leave.signal };
    navigator.locks
      .request(nameOf(this.#settings), how, (lock) => this.#rule(lock))
      .catch((thrown) => this.#fail(thrown))
      .finally(() => (this.#seeking = false));
  }

  /** While this runs, the KMS is this tab's. */
  async #rule(lock) {
    if (!lock) throw invalid(`the KMS \`${this.#settings.storage.name}\` is open, and so not new; restore under another name`);
    // Whoever had it is gone.
    this.#owner = this.#trouble = undefined;
    const own = await DurableWorld.open(this.#instance, this.#settings, this.#origin);
    this.#origin = { ...this.#origin, isNew: false };
    if (!this.#leave.signal.aborted) {
      const released = new Promise((resolve) => (this.#release = resolve));
      this.#own = own;
      this.#channel.postMessage(this.#introduction());
      this.#known.resolve();
      this.#settle(({ request }) => own.ask(request.now, 0, request.method, request.args));
      await released;
    }
    await own.stop();
    await Promise.all(this.#answering);
    this.#channel.close();
  }

  #fail(thrown) {
    this.#known.reject(thrown);
    for (const { resolve } of this.#asked.values()) resolve(Promise.reject(thrown));
    this.#asked.clear();
  }

  /** What another tab has heard and not answered is lost; the rest is asked again. */
  #settle(askAgain) {
    for (const [number, asked] of this.#asked) {
      const result = asked.isHeard ? unknown() : askAgain(asked);
      if (!result) continue;
      this.#asked.delete(number);
      asked.resolve(result);
    }
  }

  #hear(message) {
    if (message.to !== undefined && message.to !== this.#id) return;
    switch (message.kind) {
      case "who":
        if (this.#own) this.#channel.postMessage(this.#introduction());
        break;
      case "owner":
        this.#follow(message);
        break;
      case "ask":
        if (this.#own) this.#answer(message);
        break;
      case "heard":
        if (this.#asked.has(message.number)) this.#asked.get(message.number).isHeard = true;
        break;
      case "answer":
        this.#asked.get(message.number)?.resolve(message.result);
        this.#asked.delete(message.number);
        break;
    }
  }

  #introduction() {
    return { kind: "owner", owner: this.#id, protocol: PROTOCOL, ...this.#own.place };
  }

  /** Another tab has the KMS: what the one before it has not heard goes to it. */
  #follow({ owner, protocol, ...place }) {
    if (owner === this.#owner || this.#origin.isNew) return;
    this.#owner = owner;
    const wrong = this.#misfit(protocol, place);
    this.#trouble = wrong && invalid(wrong);
    if (wrong) return this.#fail(this.#trouble);
    this.#known.resolve();
    this.#settle(({ request }) => void this.#send(owner, request));
  }

  #misfit(protocol, place) {
    const { storage, ...given } = this.#settings;
    if (protocol !== PROTOCOL) return `the KMS \`${storage.name}\` is open in a tab with another version of waxseal; close or reload that`;
    const part = ["account", "region"].find((part) => given[part] !== undefined && given[part] !== place[part]);
    return part && otherPlace(storage.name, part, place[part]);
  }

  /** It says first that it has heard: what is not answered after that may have been done. */
  #answer({ from, number, now, method, args }) {
    this.#send(from, { kind: "heard", number });
    const result = METHODS.includes(method) ? this.#own.ask(now, 0, method, args) : Promise.reject(invalid(`there is no method ${method}`));
    const answering = result
      .catch(errorOf)
      .then((result) => this.#send(from, { kind: "answer", number, result }))
      .finally(() => this.#answering.delete(answering));
    this.#answering.add(answering);
  }

  #send(to, message) {
    this.#channel.postMessage({ ...message, to });
  }
}

const nameOf = ({ storage }) => `waxseal-kms/${storage.name}`;

/** Bytes by themselves: a view would take all of its buffer along. */
function alone(value) {
  if (isUint8Array(value)) return value.slice();
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(alone);
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, alone(member)]));
}

/** What was thrown, as a result that can travel. */
function errorOf(thrown) {
  return { error: { code: thrown?.code ?? "Internal", message: `${thrown?.message ?? thrown}` } };
}

/** Nobody can tell whether it was done. */
function unknown() {
  const message = "the tab that had the KMS was closed before it answered; whether the call was done is not known";
  return { fault: { name: "KMSInternalException", message, httpStatusCode: 500, retryable: true } };
}

/** The version of what tabs say to each other. */
const PROTOCOL = 1;
