// The entry `waxseal`, for any way of loading the module.

import * as glue from "../dist/sdk.js";
import { copyOf } from "./bytes.js";
import { callback, invalid, list, optional, options, signal as checkSignal, text, whole } from "./check.js";
import { DISPOSE } from "./dispose.js";
import { Instance } from "./instance.js";
import { branchKeyRequest } from "./keyrings/hierarchical.js";
import { describe } from "./keyrings/keyring.js";
import { kmsKeyring } from "./keyrings/kms.js";
import { run } from "./operation.js";
import { context } from "./plain.js";
import { Trace } from "./trace.js";

export function makeSdk(load) {
  const instance = new Instance(glue, load);

  class Client {
    #keyring;
    #settings;

    constructor(given) {
      const { kms, keyId, keyring, onEvent, ...rest } = options(given, "Client", CLIENT_OPTIONS);
      if ((keyring === undefined) === (kms === undefined && keyId === undefined)) {
        throw invalid("Client takes either a keyring, or kms and keyId: one of them, and not both");
      }
      this.#keyring = keyring ?? kmsKeyring({ kms, keyId });
      describe(this.#keyring, "keyring");
      this.#settings = {
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
      const { settings, encryptionContext, signal, trace } = this.#begin(given, "encrypt", ENCRYPT_OPTIONS);
      const bytes = await copyOf(plaintext, "plaintext");
      try {
        return await run(instance, () => glue.encrypt(settings, bytes, encryptionContext), { signal, trace });
      } finally {
        bytes.fill(0);
      }
    }

    async decrypt(message, given) {
      const { settings, encryptionContext, reproduced, signal, trace } = this.#begin(given, "decrypt", DECRYPT_OPTIONS);
      const bytes = await copyOf(message, "message");
      return new Decrypted(await run(instance, () => glue.decrypt(settings, bytes, encryptionContext, reproduced), { signal, trace }));
    }

    /** Forgets the keyring; a call that is under way goes on. */
    [DISPOSE]() {
      this.#keyring = undefined;
    }

    #begin(given, what, known) {
      if (!this.#keyring) throw invalid("the client has been disposed of");
      const { encryptionContext, reproducedEncryptionContext, signal } = options(given, what, known);
      const { onEvent, reveal, ...settings } = this.#settings;
      const trace = onEvent && new Trace(onEvent, reveal);
      return {
        settings: { ...settings, trace, keyring: describe(this.#keyring, "keyring") },
        encryptionContext: context(encryptionContext),
        reproduced: context(reproducedEncryptionContext),
        signal: optional(signal, checkSignal, "signal"),
        trace,
      };
    }
  }

  async function makeBranchKey(given) {
    const { kms, keyArn, branchKeyId, tableName, signal } = branchKeyRequest(given);
    return run(instance, () => glue.makeBranchKey(kms, keyArn, branchKeyId, tableName), { signal });
  }

  return { Client, makeBranchKey, ready: () => instance.ready() };
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
  "onEvent",
  "dangerRevealSecrets",
];
const ENCRYPT_OPTIONS = ["encryptionContext", "signal"];
const DECRYPT_OPTIONS = [...ENCRYPT_OPTIONS, "reproducedEncryptionContext"];
