// The entry `waxseal`, for any way of loading the module.

import { __wbg_reset_state, call, failure, initSync } from "../dist/sdk.js";
import { inputOf } from "./bytes.js";
import { callback, invalid, list, optional, options, signal as checkSignal, text, whole } from "./check.js";
import { DISPOSE } from "./dispose.js";
import { isPromise } from "./engines/engine.js";
import { branchKeyRequest } from "./keyrings/hierarchical.js";
import { describe } from "./keyrings/keyring.js";
import { kmsKeyring } from "./keyrings/kms.js";
import { later } from "./later.js";
import { cacheOf } from "./materials-cache.js";
import { Modules } from "./modules.js";
import { decrypt } from "./opening.js";
import { context } from "./plain.js";
import { encrypt } from "./sealing.js";
import { startOpening, startSealing } from "./small/start.js";
import { pair } from "./streams/pair.js";

/** What the small module's glue is used for: by name, so that bundlers leave out the rest. */
const glue = { initSync, __wbg_reset_state, call, failure };
const machine = { startSealing, startOpening };

/**
 * @param {import("./instance.js").Load} load the small module
 * @param {() => Promise<{ glue: object, load: import("./instance.js").Load, machine: object }>} full the full one, with its glue and what starts messages in it
 * @param platform what engines and signatures there are
 */
export function makeSdk(load, full, platform) {
  const modules = new Modules(() => ({ glue, load, machine }), full, platform.patience);
  let clients = 0;

  class Client {
    #keyring;
    #cache;
    #settings;

    constructor(given) {
      const { kms, keyId, keyring, onEvent, ...rest } = options(given, "Client", CLIENT_OPTIONS);
      if ((keyring === undefined) === (kms === undefined && keyId === undefined)) {
        throw invalid("Client takes either a keyring, or kms and keyId: one of them, and not both");
      }
      this.#keyring = keyring ?? kmsKeyring({ kms, keyId });
      describe(this.#keyring, "keyring");
      this.#cache = optional(rest.cache, cacheOf);
      const partition = optional(rest.cachePartition, text, "cachePartition");
      if (partition && !this.#cache) throw invalid("cachePartition is of no use without cache");
      this.#settings = {
        cachePartition: partition ? `shared ${partition}` : `own ${++clients}`,
        frameLength: optional(rest.frameLength, whole(1, 0xffff_ffff), "frameLength"),
        commitmentPolicy: optional(rest.commitmentPolicy, text, "commitmentPolicy"),
        suite: optional(rest.suite, suiteNumber, "suite"),
        requiredEncryptionContextKeys: optional(rest.requiredEncryptionContextKeys, texts, "requiredEncryptionContextKeys"),
        maxEncryptedDataKeys: optional(rest.maxEncryptedDataKeys, whole(1, 0xffff), "maxEncryptedDataKeys"),
        onEvent: optional(onEvent, callback, "onEvent"),
        reveal: rest.dangerRevealSecrets === true,
      };
    }

    async encrypt(plaintext, given) {
      const call = this.#begin(given, "encrypt", ENCRYPT_OPTIONS);
      let input = inputOf(plaintext, "plaintext");
      if (isPromise(input)) input = await input;
      try {
        const entering = this.#useCache(call, input);
        if (entering) await entering;
        return await modules.run(call.takesFull, (instance) => encrypt(instance, platform, call, input));
      } finally {
        input.wipe();
      }
    }

    async decrypt(message, given) {
      const call = this.#begin(given, "decrypt", DECRYPT_OPTIONS);
      let input = inputOf(message, "message");
      if (isPromise(input)) input = await input;
      const entering = this.#useCache(call, input);
      if (entering) await entering;
      return new Decrypted(await modules.run(call.takesFull, (instance) => decrypt(instance, platform, call, input)));
    }

    encryptStream(given) {
      const call = this.#beginStream(given, "encryptStream", ENCRYPT_OPTIONS);
      const transform = async function* (inlet, signal) {
        const { sealed } = await later("sealing", () => import("./streams/sealing.js"));
        yield* sealed(await call.inModule(), platform, call, inlet, signal);
      };
      const { readable, writable } = pair({ what: "the plaintext", takesText: true, signal: call.signal }, transform);
      return { readable, writable };
    }

    decryptStream(given) {
      const call = this.#beginStream(given, "decryptStream", DECRYPT_OPTIONS);
      const transform = async function* (inlet, signal) {
        const { opened } = await later("opening", () => import("./streams/opening.js"));
        yield* opened(await call.inModule(), platform, call, inlet, signal);
      };
      const { readable, writable, first } = pair({ what: "the message", takesText: false, signal: call.signal }, transform, true);
      const told = (name) => {
        const fact = first.then((facts) => facts[name]);
        // Whoever does not ask for it learns of the failure from the streams.
        fact.catch(() => {});
        return fact;
      };
      return { readable, writable, header: told("header"), encryptionContext: told("encryptionContext") };
    }

    async open(source, given) {
      const { dangerIgnoreSignature, fetch, ...rest } = options(given, "open", [...DECRYPT_OPTIONS, ...OPEN_OPTIONS]);
      const call = this.#begin(rest, "open", DECRYPT_OPTIONS);
      const more = { dangerIgnoreSignature: dangerIgnoreSignature === true, fetch: optional(fetch, callback, "fetch") };
      const { openFile } = await later("file", () => import("./random-access/file.js"));
      await this.#useCache(call);
      return openFile((operation) => modules.run(true, operation), platform, { ...call, ...more }, source);
    }

    /** Forgets the keyring, and what is in a cache of its own; a call that is under way goes on. */
    [DISPOSE]() {
      this.#keyring = undefined;
      if (this.#cache?.isOwn) this.#cache.held.close();
    }

    /** A promise only where it has to wait, for which the input is kept. */
    #useCache(call, input) {
      const use = (number) => void (call.settings.cache = number);
      const number = this.#cache?.held.numberIn(modules.full);
      if (!isPromise(number)) return use(number);
      input?.keep();
      return number.then(use);
    }

    #beginStream(given, what, known) {
      const { size, onProgress, ...rest } = options(given, what, [...known, ...STREAM_OPTIONS]);
      const call = this.#begin(rest, what, known);
      const inModule = async () => {
        await this.#useCache(call);
        return (operation) => modules.run(call.takesFull, operation);
      };
      const progress = { size: optional(size, whole(0, Number.MAX_SAFE_INTEGER), "size"), onProgress: optional(onProgress, callback, "onProgress") };
      return { ...call, ...progress, inModule };
    }

    #begin(given, what, known) {
      if (!this.#keyring) throw invalid("the client has been disposed of");
      const { encryptionContext, signal, ...rest } = options(given, what, known);
      const { onEvent, reveal, ...settings } = this.#settings;
      return {
        settings: { ...settings, keyring: describe(this.#keyring, "keyring") },
        encryptionContext: context(encryptionContext),
        reading: reading(encryptionContext, rest),
        signal: optional(signal, checkSignal, "signal"),
        traced: onEvent && { onEvent, reveal },
        takesFull: Boolean(onEvent || this.#cache),
        cache: this.#cache?.held,
      };
    }
  }

  async function makeBranchKey(given) {
    const request = branchKeyRequest(given);
    return modules.run(true, async (instance) => {
      await instance.enter();
      return instance.machine.makeBranchKey(instance, request);
    });
  }

  return { Client, makeBranchKey, ready: () => modules.ready() };
}

class Decrypted {
  constructor({ plaintext, encryptionContext, header }) {
    this.plaintext = plaintext;
    this.encryptionContext = encryptionContext;
    this.header = header;
  }

  text() {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(this.plaintext);
  }

  [DISPOSE]() {
    this.plaintext.fill(0);
  }
}

/** What is asked of a message. */
function reading(encryptionContext, { reproducedEncryptionContext, unsignedOnly, maxBufferedFrame }) {
  return {
    encryptionContext: context(encryptionContext),
    reproduced: context(reproducedEncryptionContext),
    unsignedOnly: unsignedOnly === true,
    maxBufferedFrame: optional(maxBufferedFrame, whole(0, Number.MAX_SAFE_INTEGER), "maxBufferedFrame"),
  };
}

/** Names for people; numbers are for experts. */
function suiteNumber(value, name) {
  return SUITES[text(value, name)] ?? value;
}

function texts(value, name) {
  return list(value, name).map((each) => text(each, name));
}

const SUITES = { __proto__: null, committing: "0478", "committing-signed": "0578" };
const CLIENT_OPTIONS = [
  "kms",
  "keyId",
  "keyring",
  "commitmentPolicy",
  "suite",
  "frameLength",
  "maxEncryptedDataKeys",
  "requiredEncryptionContextKeys",
  "cache",
  "cachePartition",
  "onEvent",
  "dangerRevealSecrets",
];
const ENCRYPT_OPTIONS = ["encryptionContext", "signal"];
const DECRYPT_OPTIONS = [...ENCRYPT_OPTIONS, "reproducedEncryptionContext", "unsignedOnly", "maxBufferedFrame"];
const STREAM_OPTIONS = ["size", "onProgress"];
const OPEN_OPTIONS = ["dangerIgnoreSignature", "fetch"];
