// Data keys in a cache: how often the KMS is asked, who shares what, and that keys go when they have to.

import { assert, equal, fails, find, includes, same } from "../checks.mjs";
import { CONTEXT, flipped, randomBytes, spy, world } from "./world.mjs";

const CROWD = 10_000;
const dispose = Symbol.dispose ?? Symbol.for("Symbol.dispose");
const DAY = { maxAge: 86_400 };

/** A KMS that is watched, and clients of it. */
async function watched(given) {
  const { Client, LocalKms } = given;
  const kms = await LocalKms.open({ storage: "memory" });
  const { KeyMetadata } = await kms.createKey();
  const own = spy(kms);
  const count = (operation) => own.seen.calls.filter((call) => call.operation === operation).length;
  return {
    own,
    keyId: KeyMetadata.Arn,
    client: (options) => new Client({ kms: own, keyId: KeyMetadata.Arn, ...options }),
    asked: () => [count("generateDataKey"), count("decrypt")],
  };
}

/** A KMS that answers when it is let to. */
function slowed(kms) {
  let release;
  const released = new Promise((resolve) => (release = resolve));
  const slow = (operation) => async (...asked) => (await released, kms[operation](...asked));
  return { release, generateDataKey: slow("generateDataKey"), encrypt: slow("encrypt"), decrypt: slow("decrypt") };
}

/** Runs with a clock that stands still until it is moved. */
async function withClock(run) {
  const { now } = Date;
  let time = now();
  Date.now = () => time;
  try {
    return await run((seconds) => (time += seconds * 1000));
  } finally {
    Date.now = now;
  }
}

const crowd = (count, call) => Promise.all(Array.from({ length: count }, (_, index) => call(index)));

/** The pieces of a secret that are in the SDK's memories. */
function pieces({ memories }, secret) {
  const { kms, ...ofSdk } = memories();
  const all = Object.values(ofSdk).map(({ buffer }) => new Uint8Array(buffer));
  return [0, 8, 16, 24].filter((at) => all.some((bytes) => find(bytes, secret.subarray(at, at + 8)) >= 0));
}

export const cache = {
  async "10,000 concurrent encryptions and decryptions make one KMS call each way"(given) {
    const { client, asked } = await watched(given);
    const cached = client({ cache: DAY });
    const messages = await crowd(CROWD, (index) => cached.encrypt(`${index}`, { encryptionContext: CONTEXT }));
    same(asked(), [1, 0]);
    const decrypted = await crowd(CROWD, (index) => cached.decrypt(messages[index], { encryptionContext: CONTEXT }));
    same(asked(), [1, 1]);
    assert(decrypted.every((each, index) => each.text() === `${index}`), "every message is its own");
    equal(new Set(decrypted.map(({ header }) => String(header.messageId))).size, CROWD);
    equal((await client().decrypt(messages[7])).text(), "7", "without a cache they open too");
  },

  async "10,000 concurrent encryptions make one KMS call for each hundred that an entry may serve"(given) {
    const { client, asked } = await watched(given);
    const cached = client({ cache: { ...DAY, maxMessages: 100 } });
    const messages = await crowd(CROWD, () => cached.encrypt("x"));
    same(asked(), [100, 0]);
    const uses = new Map();
    for (const { header } of await crowd(200, (index) => cached.decrypt(messages[index]))) {
      const key = String(header.encryptedDataKeys[0].ciphertext);
      uses.set(key, (uses.get(key) ?? 0) + 1);
    }
    same([...uses.values()], [100, 100]);
    const few = client({ cache: { ...DAY, maxBytes: 10 } });
    await crowd(4, () => few.encrypt("12345"));
    equal(asked()[0], 102, "bytes count too");
    for (let time = 0; time < 2; time++) await few.encrypt("12345678901");
    equal(asked()[0], 104, "what is longer has a data key of its own");
  },

  async "the first caller may give up, and so may one who waits"(given) {
    const { own, client, asked } = await watched(given);
    const slow = slowed(own);
    const cached = client({ kms: slow, cache: DAY });
    const controllers = Array.from({ length: 4 }, () => new AbortController());
    const calls = controllers.map(({ signal }) => cached.encrypt("x", { signal }));
    const outcomes = Promise.all(calls.map((call) => call.then((message) => message.length > 200, (error) => error.code)));
    setTimeout(() => controllers[0].abort(), 5);
    setTimeout(() => controllers[2].abort(), 10);
    setTimeout(slow.release, 15);
    same(await outcomes, ["Aborted", true, "Aborted", true]);
    same(asked(), [2, 0], "the second caller asked in the first one's place");
    await cached.encrypt("x");
    same(asked(), [2, 0]);
  },

  async "a caller whose KMS never answers is not waited for for ever"(given) {
    const { own, client, asked } = await watched(given);
    let calls = 0;
    const forgetful = { ...own, generateDataKey: (...asked) => (calls++ === 0 ? new Promise(() => {}) : own.generateDataKey(...asked)) };
    const cached = client({ kms: forgetful, cache: DAY });
    const { setTimeout: original } = globalThis;
    let enough;
    globalThis.setTimeout = (call, delay) => (delay > 10_000 ? ((enough = call), undefined) : original(call, delay));
    try {
      await withClock(async (later) => {
        cached.encrypt("waits for ever");
        const second = cached.encrypt("x");
        while (!enough) await new Promise((resolve) => original(resolve, 1));
        same(asked(), [0, 0]);
        later(11);
        enough();
        await second;
        same(asked(), [1, 0], "who waited asks in its place");
      });
    } finally {
      globalThis.setTimeout = original;
    }
  },

  async "a refusal is everybody's who waited for it, and is not kept"(given) {
    const { own, keyId, client, asked } = await watched(given);
    const denied = Object.assign(new Error("not you"), { name: "AccessDeniedException", $fault: "client" });
    let isDenied = true;
    let attempts = 0;
    const moody = { ...own, generateDataKey: async (...asked) => (attempts++, isDenied ? Promise.reject(denied) : own.generateDataKey(...asked)) };
    const cached = client({ kms: moody, keyId, cache: DAY });
    const codes = await crowd(50, async () => (await fails(cached.encrypt("x"))).kmsCode);
    same([...new Set(codes)], ["AccessDeniedException"]);
    equal(attempts, 1);
    isDenied = false;
    await cached.encrypt("x");
    same(asked(), [1, 0]);
    const timeout = Object.assign(new Error("took too long"), { name: "AbortError" });
    let tries = 0;
    const hasty = client({ kms: { ...own, generateDataKey: async () => (tries++, Promise.reject(timeout)) }, cache: DAY });
    const [error] = await crowd(9, () => fails(hasty.encrypt("x")));
    same([error.code, tries], ["KmsUnavailable", 1]);
  },

  async "an entry is not used after its time, and is asked for anew before it"(given) {
    await withClock(async (later) => {
      const events = [];
      const { client, asked, own } = await watched(given);
      const cached = client({ cache: { maxAge: 100 }, onEvent: (event) => events.push(event) });
      const message = await cached.encrypt("x");
      await cached.decrypt(message);
      later(70);
      await cached.encrypt("x");
      same(asked(), [1, 1]);
      later(25);
      await crowd(5, () => cached.encrypt("x"));
      await crowd(5, () => cached.decrypt(message));
      while (!events.some(({ kind, operation }, index) => kind === "operation-finished" && operation === "refresh" && index > 0)) await new Promise((resolve) => setTimeout(resolve));
      await new Promise((resolve) => setTimeout(resolve, 20));
      same(asked(), [2, 2], "one refresh each way, besides");
      later(50);
      await cached.encrypt("x");
      same(asked(), [2, 2], "and the time counts anew");
      const broken = own.generateDataKey;
      own.generateDataKey = async () => Promise.reject(new Error("no route"));
      later(45);
      await cached.encrypt("x");
      await new Promise((resolve) => setTimeout(resolve, 20));
      const failed = events.find(({ kind, operation, result }) => kind === "operation-finished" && operation === "refresh" && result.outcome === "failed");
      equal(failed.result.code, "KmsUnavailable", "a refresh that fails is told, and to nobody else");
      later(6);
      equal((await fails(cached.encrypt("x"))).code, "KmsUnavailable", "until the time is over");
      own.generateDataKey = broken;
      await cached.encrypt("x");
    });
  },

  async "clients share a cache's room, and its keys only in one partition"(given) {
    const { MaterialsCache } = given;
    const { client, asked } = await watched(given);
    const cache = new MaterialsCache(DAY);
    const clients = [client({ cache }), client({ cache }), client({ cache, cachePartition: "ours" }), client({ cache, cachePartition: "ours" })];
    const message = await clients[0].encrypt("x");
    for (const each of clients) await each.encrypt("x");
    same(asked(), [3, 0]);
    for (const each of [...clients, ...clients]) equal((await each.decrypt(message)).text(), "x");
    same(asked(), [3, 3]);
    clients[2][dispose]();
    await clients[3].encrypt("x");
    same(asked(), [3, 3], "a client that goes takes nothing from the others");
    cache.clear();
    await clients[3].encrypt("x");
    same(asked(), [4, 3]);
    cache[dispose]();
    equal((await fails(clients[3].encrypt("x"))).code, "InvalidInput");
    const full = new MaterialsCache({ ...DAY, capacity: 1 });
    const [one, two] = [client({ cache: full }), client({ cache: full })];
    for (const each of [one, two, one]) await each.encrypt("x");
    same(asked(), [7, 3]);
  },

  async "a message that was altered is refused as ever"(given) {
    const { client, asked } = await watched(given);
    const cached = client({ cache: DAY });
    const message = await cached.encrypt("top secret", { encryptionContext: CONTEXT });
    await cached.decrypt(message);
    for (const at of [3, -1, -20]) equal((await fails(cached.decrypt(flipped(message, at)))).code, "DecryptionFailed");
    same(asked(), [1, 1]);
    equal((await fails(cached.decrypt(message, { encryptionContext: { tenant: "43" } }))).code, "EncryptionContextMismatch");
  },

  async "signed messages share data key and signer"(given) {
    const { client, asked } = await watched(given);
    const cached = client({ cache: DAY, suite: "committing-signed" });
    const messages = await crowd(50, (index) => cached.encrypt(`${index}`, { encryptionContext: CONTEXT }));
    same(asked(), [1, 0]);
    const decrypted = await crowd(50, (index) => cached.decrypt(messages[index]));
    same(asked(), [1, 1]);
    assert(decrypted.every((each, index) => each.text() === `${index}`), "each is verified");
    equal(new Set(decrypted.map(({ encryptionContext }) => encryptionContext["aws-crypto-public-key"])).size, 1);
    equal((await fails(cached.decrypt(flipped(messages[0], -1)))).code, "DecryptionFailed");
    const other = client({ cache: DAY, suite: "committing-signed" });
    const { encryptionContext } = await other.decrypt(await other.encrypt("x"));
    assert(encryptionContext["aws-crypto-public-key"] !== decrypted[0].encryptionContext["aws-crypto-public-key"], "a client has a signer of its own");
  },

  async "hits, misses and evictions are told, and where a key was wiped"(given) {
    const events = [];
    const { client } = await watched(given);
    const cached = client({ cache: DAY, onEvent: (event) => events.push(event) });
    const message = await cached.encrypt("x");
    await crowd(2, () => cached.encrypt("x"));
    await cached.decrypt(message);
    cached[dispose]();
    await Promise.resolve();
    const told = events.filter(({ kind }) => kind.startsWith("cache-"));
    same(told.map(({ kind }) => kind), ["cache-miss", "cache-hit", "cache-hit", "cache-miss", "cache-evicted", "cache-evicted"]);
    const [miss, hit, , decryption, ...evicted] = told;
    same([hit.entry, hit.waited, hit.uses], [miss.entry, false, 2]);
    assert(hit.ageMillis >= 0 && hit.ageMillis < 60_000 && decryption.entry !== miss.entry, "with their ages");
    same(evicted.map(({ entry, uses, reason }) => [entry, uses, reason]), [[miss.entry, 3, "cleared"], [decryption.entry, 1, "cleared"]]);
    const derived = events.find(({ kind }) => kind === "key-derived");
    const wiped = events.filter(({ kind, secret }) => kind === "secret-wiped" && secret === "data-key");
    same(wiped.map(({ identity }) => identity.fingerprint), [derived.from.fingerprint, derived.from.fingerprint]);
    assert(wiped.every(({ seq }) => seq > evicted[0].seq), "no sooner than they were evicted");
  },

  async "no key stays in memory that is not in a cache"(given) {
    const { own, client } = await watched(given);
    const keys = [];
    const key = async (run) => {
      own.seen.dataKeys.length = 0;
      await run();
      keys.push(own.seen.dataKeys[0]);
      return keys.at(-1);
    };
    const cached = client({ cache: { ...DAY, capacity: 1 } });
    const first = await key(() => cached.encrypt("x"));
    same(pieces(given, first), [0, 8, 16, 24]);
    await key(() => cached.encrypt("x", { encryptionContext: CONTEXT }));
    same(pieces(given, first), [], "evicted by another");
    const message = await cached.encrypt("x", { encryptionContext: CONTEXT });
    await cached.decrypt(message);
    await fails(cached.decrypt(flipped(message, -1)));
    cached[dispose]();
    same(pieces(given, keys[1]), [], "gone with its client");

    const once = client({ cache: { ...DAY, maxMessages: 1 } });
    same(pieces(given, await key(() => once.encrypt("x"))), [], "used up");
    await withClock(async (later) => {
      const aging = client({ cache: { maxAge: 1 } });
      const old = await key(() => aging.encrypt("x"));
      same(pieces(given, old), [0, 8, 16, 24]);
      later(1);
      await aging.encrypt("y", { encryptionContext: CONTEXT });
      same(pieces(given, old), [], "too old, at another's use");
      aging[dispose]();
    });
    const controller = new AbortController();
    const leaving = client({
      cache: DAY,
      kms: { ...own, generateDataKey: async (request) => (setTimeout(() => controller.abort()), await own.generateDataKey(request), new Promise(() => {})) },
    });
    const waiting = crowd(3, () => fails(leaving.encrypt("x", { signal: controller.signal })));
    for (const { code } of await waiting) equal(code, "Aborted");
    same(pieces(given, own.seen.dataKeys.at(-1)), []);
    const searched = randomBytes(32);
    new Uint8Array(given.memories().full.buffer).set(searched, given.memories().full.buffer.byteLength - 40);
    same(pieces(given, searched), [0, 8, 16, 24], "the search finds what is there");
    new Uint8Array(given.memories().full.buffer).fill(0, given.memories().full.buffer.byteLength - 40);
  },

  async "after a trap the cache starts empty, and who waited is told"(given) {
    const { own, client, asked } = await watched(given);
    const cached = client({ cache: DAY });
    await cached.encrypt("x");
    const stuck = client({ kms: { ...own, generateDataKey: () => new Promise(() => {}) }, cache: DAY });
    const [, waiting] = [0, 1].map(() => fails(stuck.encrypt("x")));
    await new Promise((resolve) => setTimeout(resolve, 5));
    const { full } = given.memories();
    const destructive = { ...own, decrypt: async (request) => (new Uint8Array(full.buffer).fill(0xff), own.decrypt(request)) };
    const trapping = client({ kms: destructive, cache: DAY });
    equal((await fails(trapping.decrypt(await client().encrypt("x")))).code, "Internal");
    equal((await waiting).code, "Internal", "one that waited for another");
    const before = asked()[0];
    await cached.encrypt("x");
    await cached.encrypt("x");
    equal(asked()[0], before + 1);
  },

  async "limits of a cache are checked when it is made"(given) {
    const { MaterialsCache, Client } = given;
    const { kms, keyId } = await world(given);
    const refused = [
      [{}, "maxAge"],
      [{ maxAge: 0 }, "maxAge"],
      [{ maxAge: 0.5 }, "maxAge"],
      [{ maxAge: 1, maxMessages: 0 }, "maxMessages"],
      [{ maxAge: 1, maxMessages: 2 ** 32 + 1 }, "maxMessages"],
      [{ maxAge: 1, maxBytes: 0 }, "maxBytes"],
      [{ maxAge: 1, capacity: 0 }, "capacity"],
      [{ maxAge: 1, maxage: 1 }, "no option `maxage`"],
      [7, "not an object of options"],
    ];
    for (const [cache, why] of refused) {
      for (const make of [() => new MaterialsCache(cache), () => new Client({ kms, keyId, cache })]) {
        const error = await fails(Promise.resolve().then(make));
        assert(error.code === "InvalidInput", String(error));
        includes(error.message, why);
      }
    }
    includes((await fails(Promise.resolve().then(() => new Client({ kms, keyId, cachePartition: "ours" })))).message, "cachePartition");
    new MaterialsCache({ maxAge: 1, maxMessages: 2 ** 32, maxBytes: Number.MAX_SAFE_INTEGER, capacity: 1 })[dispose]();
  },
};
