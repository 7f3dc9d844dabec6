// The entry `waxseal/kms`, for any way of loading the module.

import * as glue from "../dist/kms.js";
import { isUint8Array, viewOf } from "./bytes.js";
import { callback, invalid, optional, options, text, whole } from "./check.js";
import { DISPOSE } from "./dispose.js";
import { Instance } from "./instance.js";
import { LocalKmsClient } from "./kms/client.js";
import { VirtualClock, millis, teller } from "./kms/clock.js";
import { valueOf } from "./kms/engine.js";
import { HostWorld } from "./kms/host.js";
import { IdentityStore } from "./kms/identity.js";
import { MemoryWorld } from "./kms/memory.js";
import { TabsWorld } from "./kms/tabs.js";
import { WebRsaKeys } from "./kms/web-rsa-keys.js";
import { context, request as plainRequest } from "./plain.js";
import { Trace } from "./trace.js";
import { RequestHandler, answerFetch } from "./wire.js";

/**
 * @param {import("./instance.js").Load} load
 * @param {(bits: number) => Uint8Array} [makeRsaKey] makes an RSA key at once, as PKCS #8 in DER; without it WebCrypto does, before the engine is asked
 */
export function makeKms(load, makeRsaKey) {
  const instance = new Instance(() => ({ glue, load }));

  class LocalKms extends LocalKmsClient {
    #world;
    #clock;

    constructor(world, clock) {
      if (!WORLDS.some((World) => world instanceof World)) throw invalid("a LocalKms is made by LocalKms.open");
      super(world, undefined, undefined);
      this.#world = world;
      this.#clock = clock;
      this.iam = new IdentityStore(world);
    }

    static async open(given) {
      return LocalKms.#make(settingsOf(options(given, "LocalKms.open", OPEN_OPTIONS)), NOTHING);
    }

    static async restore(bytes, given) {
      const { rootKey, ...rest } = options(given, "LocalKms.restore", [...RESTORE_OPTIONS, "rootKey"]);
      const key = ownBytes(rootKey, "rootKey");
      return wipedAfter(key, () => LocalKms.#restore(bytes, key, rest));
    }

    static async dangerRestoreWithoutRootKey(bytes, given) {
      return LocalKms.#restore(bytes, undefined, options(given, "LocalKms.dangerRestoreWithoutRootKey", RESTORE_OPTIONS));
    }

    static async #restore(bytes, rootKey, given) {
      const settings = settingsOf(given);
      if (settings.storage.World === HostWorld) throw invalid("a snapshot can not be restored to a store; restore it to memory or IndexedDB");
      const file = ownBytes(bytes, "the snapshot");
      const generation = await instance.enter();
      const opened = valueOf(instance.step(generation, (glue) => glue.openSnapshot(file, rootKey)));
      let isTaken = false;
      const make = (_, settings) => ((isTaken = true), opened.restore(settings));
      try {
        return await LocalKms.#make(settings, { isNew: true, rootKey: () => instance.step(generation, () => opened.rootKey()), make });
      } finally {
        if (!isTaken) instance.free(generation, opened);
      }
    }

    static async #make(settings, origin) {
      const { World } = settings.storage;
      const rsa = settings.dangerSeed === undefined ? rsaKeysBy(makeRsaKey) : SEEDED;
      return new LocalKms(await World.open(instance, { ...settings, ...rsa }, origin), settings.clock);
    }

    as(principal, given) {
      const { via } = options(given, "as", ["via"]);
      text(principal, "principal");
      optional(via, text, "via");
      valueOf(instance.step(instance.generation, (glue) => glue.checkCaller(principal)));
      return new LocalKmsClient(this.#world, principal, via);
    }

    fetch(input, init) {
      return answerFetch(this.#world, input, init);
    }

    requestHandler() {
      return new RequestHandler(this.#world);
    }

    async credentials(principal) {
      const made = await this.#ask("credentials", text(principal, "principal"));
      // Another tab, or process, which makes others, may have the KMS soon: a client is to ask again, and does so only for what expires.
      return this.#world instanceof MemoryWorld ? made : { ...made, expiration: new Date() };
    }

    async audit(given) {
      const { account, operation, key, from, until, limit } = options(given, "audit", ["account", "operation", "key", "from", "until", "limit"]);
      return this.#ask("audit", {
        account: optional(account, text, "account"),
        operation: optional(operation, text, "operation"),
        key: optional(key, text, "key"),
        from: optional(from, millis, "from"),
        until: optional(until, millis, "until"),
        limit: optional(limit, whole(1, 2 ** 31), "limit"),
      });
    }

    async explain(given) {
      const { as, via, operation, request = {} } = options(given, "explain", ["as", "via", "operation", "request"]);
      const members = plainRequest(request, `the ${text(operation, "operation")} request`);
      return this.#ask("explain", optional(as, text, "as"), optional(via, text, "via"), operation, members);
    }

    async whoCan(action, target, given) {
      const { encryptionContext } = options(given, "whoCan", ["encryptionContext"]);
      const [key, ciphertext] = isUint8Array(target) ? [undefined, ownBytes(target, "target")] : [text(target, "target"), undefined];
      return this.#ask("whoCan", text(action, "action"), key, ciphertext, context(encryptionContext));
    }

    async advanceTo(date) {
      if (!(this.#clock instanceof VirtualClock)) throw invalid("only a VirtualClock can be moved; give one to LocalKms.open as its `clock`");
      return this.#ask("advanceTo", Number(this.#clock.advanceTo(date)));
    }

    async advance(duration) {
      return this.advanceTo(this.#clock instanceof VirtualClock ? this.#clock.after(duration) : undefined);
    }

    async snapshot(given) {
      const { rootKey } = options(given, "snapshot", ["rootKey"]);
      const key = ownBytes(rootKey, "rootKey");
      return wipedAfter(key, () => this.#ask("snapshot", key));
    }

    async dangerSnapshotWithoutRootKey() {
      return this.#ask("snapshot");
    }

    [DISPOSE]() {
      this.#world.stop();
    }

    async #ask(method, ...args) {
      return valueOf(await this.#world.ask(method, ...args));
    }
  }

  return { LocalKms, ready: () => instance.ready() };
}

/** Where RSA keys come from: the platform makes them at once, or WebCrypto before they are needed. */
function rsaKeysBy(makeRsaKey) {
  if (makeRsaKey) return { makeRsaKey };
  const rsaKeys = new WebRsaKeys();
  return { rsaKeys, makeRsaKey: rsaKeys.makeRsaKey };
}

function settingsOf({ storage, clock, account, region, grantConsistency, onEvent, dangerRevealSecrets, dangerSeed }) {
  optional(onEvent, callback, "onEvent");
  const kept = storageOf(storage);
  if (dangerSeed !== undefined) {
    if (!Number.isSafeInteger(dangerSeed) || dangerSeed < 0) throw invalid("dangerSeed is not a whole number from 0");
    // Opened again, it would draw the same nonces again, for other plaintexts.
    if (kept.World !== MemoryWorld) throw invalid("dangerSeed is for storage in memory only");
  }
  return {
    storage: kept,
    clock,
    tell: teller(clock),
    account: optional(account, text, "account"),
    region: optional(region, text, "region"),
    grantConsistency: optional(grantConsistency, whole(0, MAX_GRANT_CONSISTENCY), "grantConsistency"),
    trace: onEvent && new Trace(onEvent, dangerRevealSecrets === true),
    dangerSeed,
  };
}

/** Which world, and what it is kept in: `{ name, auditLimit }` of a database, or what a host gives. */
function storageOf(storage) {
  if (storage === "memory") return { World: MemoryWorld };
  if (typeof storage !== "object" || storage === null) {
    throw invalid('storage is neither "memory", with which keys are gone with this page or process, nor { indexedDB: "a name" }, nor { store, rootKey }');
  }
  if ("store" in storage) return hostStorageOf(options(storage, "storage", ["store", "rootKey"]));
  const { indexedDB, auditLimit = AUDIT_LIMIT } = options(storage, "storage", ["indexedDB", "auditLimit"]);
  const name = text(indexedDB, "storage.indexedDB");
  return { World: TabsWorld, name, auditLimit: whole(1, MAX_AUDIT_LIMIT)(auditLimit, "storage.auditLimit") };
}

function hostStorageOf({ store, rootKey }) {
  for (const method of ["read", "ids", "nextDue", "commit", "audit"]) callback(store?.[method], `storage.store.${method}`);
  const key = ownBytes(rootKey, "storage.rootKey");
  if (key.length !== 32) throw invalid(`a root key has 32 bytes, this one has ${key.length}`);
  return { World: HostWorld, store, rootKey: key };
}

/** A copy that can be given away and wiped. */
function ownBytes(value, what) {
  if (!isUint8Array(value) || !viewOf(value)) throw invalid(`${what} is not a Uint8Array`);
  return viewOf(value).slice();
}

async function wipedAfter(key, act) {
  try {
    return await act();
  } finally {
    key.fill(0);
  }
}

/** The origin of a KMS that may begin anew. */
const NOTHING = {
  isNew: false,
  rootKey: () => crypto.getRandomValues(new Uint8Array(32)),
  make: (glue, settings) => glue.open(settings),
};
const WORLDS = [MemoryWorld, TabsWorld, HostWorld];
/** A seed is for all randomness: the engine makes them. */
const SEEDED = {};
const RESTORE_OPTIONS = ["storage", "clock", "grantConsistency", "onEvent", "dangerRevealSecrets"];
const OPEN_OPTIONS = [...RESTORE_OPTIONS, "account", "region", "dangerSeed"];
/** Lines of the audit log that a database keeps. */
const AUDIT_LIMIT = 10_000;
const MAX_AUDIT_LIMIT = 1_000_000;
/** Seconds. */
const MAX_GRANT_CONSISTENCY = 3600;
