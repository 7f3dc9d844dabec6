// The KMS in WebAssembly over a store, with its root key and who has which access key. It keeps nothing of its own that the store does not
// have, so after a failure another one takes its place.

import { generateKeyPairSync } from "node:crypto";
import { readFile } from "node:fs/promises";

import * as glue from "../dist/kms.js";
import { WaxsealError } from "../shared/errors.js";
import { Instance } from "../shared/instance.js";
import { rsaKeysOf } from "../shared/kms/rsa-keys.js";
import { unmapped } from "../shared/unmapped.js";

export class Engine {
  #instance = new Instance(() => ({ glue, load: () => readFile(new URL("../dist/kms.wasm", import.meta.url)) }));
  #generation;
  #kms;
  #settings;
  #identities;
  #clock;

  /**
   * @param {{ store: import("../types/store.d.ts").RecordStore, rootKey: Uint8Array, account: string, region: string, grantConsistency: number }} settings
   * @param {import("./identities.js").Identities} identities who may sign
   * @param {{ now(): number, received(): number | undefined }} clock
   */
  constructor(settings, identities, clock) {
    this.#settings = settings;
    this.#identities = identities;
    this.#clock = clock;
  }

  /** Begins, also anew: what an earlier one had in memory is forgotten. */
  async start() {
    if (this.#kms) this.#instance.free(this.#generation, this.#kms);
    this.#generation = await this.#instance.enter();
    this.#kms = this.#step((glue) => glue.open({ ...this.#settings, makeRsaKey, now: this.#clock.now() }));
    this.#identities.admit(this);
  }

  putIdentity(principal, accessKeyId, secretAccessKey, sessionToken) {
    this.#step(() => this.#kms.putIdentity(principal, accessKeyId, secretAccessKey, sessionToken));
  }

  putPolicy(principal, name, text) {
    this.#step(() => this.#kms.putPolicy(principal, name, text));
  }

  putBoundary(principal, text) {
    this.#step(() => this.#kms.putBoundary(principal, text));
  }

  putTag(principal, key, value) {
    this.#step(() => this.#kms.putTag(principal, key, value));
  }

  /**
   * Answers a request; `headers` are names and values in turn.
   * @returns {{ status: number, headers: [string, string][], body: Uint8Array, caller?: string }}
   */
  handle({ method, target, headers, body, sourceIp }) {
    return this.#step(() => {
      this.#kms.setTime(this.#clock.now());
      return this.#kms.handle(0, method, target, headers, body, sourceIp, false, this.#clock.received());
    });
  }

  /** Does what falls due by that time; the audit records of it. */
  advanceTo(now) {
    return unmapped(
      this.#step(() => {
        this.#kms.setTime(now);
        return this.#kms.advanceTo(now);
      }),
    );
  }

  #step(call) {
    const { value, fault, error } = this.#instance.step(this.#generation, call);
    if (fault) throw new Error(fault.message ?? fault.name);
    if (error) throw new WaxsealError(error);
    return value;
  }
}

/** In WebAssembly it takes seconds, which everybody would wait for. */
const makeRsaKey = rsaKeysOf(generateKeyPairSync);
