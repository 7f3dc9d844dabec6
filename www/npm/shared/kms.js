// The entry `waxseal/kms`, for any way of loading the module.

import * as glue from "../dist/kms.js";
import { callback, invalid, optional, options, signal, text } from "./check.js";
import { DISPOSE } from "./dispose.js";
import { KmsFault, WaxsealError } from "./errors.js";
import { Instance } from "./instance.js";
import { request as plainRequest, unmapped } from "./plain.js";
import { Trace } from "./trace.js";
import { RequestHandler, answerFetch } from "./wire.js";

export function makeKms(load) {
  const instance = new Instance(glue, load);

  class LocalKms extends LocalKmsClient {
    #engine;

    constructor(engine) {
      if (!(engine instanceof Engine)) throw invalid("a LocalKms is made by LocalKms.open");
      super(engine, undefined, undefined);
      this.#engine = engine;
      this.iam = new IdentityPolicies(engine);
    }

    static async open(given) {
      const { storage, clock, account, region, onEvent, dangerRevealSecrets } = options(given, "LocalKms.open", OPEN_OPTIONS);
      if (storage !== "memory") throw invalid('storage is not "memory", the only storage there is yet: the keys are then gone with this page or process');
      optional(onEvent, callback, "onEvent");
      const engine = new Engine(instance, optional(clock, callback, "clock"), onEvent && new Trace(onEvent, dangerRevealSecrets === true));
      await engine.start({ account: optional(account, text, "account"), region: optional(region, text, "region") });
      return new LocalKms(engine);
    }

    as(principal, given) {
      const { via } = options(given, "as", ["via"]);
      text(principal, "principal");
      optional(via, text, "via");
      this.#engine.step((kms) => kms.checkCaller(principal, via));
      return new LocalKmsClient(this.#engine, principal, via);
    }

    fetch(input, init) {
      return answerFetch(this.#engine, input, init);
    }

    requestHandler() {
      return new RequestHandler(this.#engine);
    }

    credentials(principal) {
      text(principal, "principal");
      return this.#engine.step((kms) => kms.credentials(principal));
    }

    audit() {
      return this.#engine.step((kms) => kms.audit());
    }

    [DISPOSE]() {
      this.#engine.stop();
    }
  }

  return { LocalKms, ready: () => instance.ready() };
}

/** Asks an engine as one caller. */
class LocalKmsClient {
  #engine;
  #principal;
  #via;

  constructor(engine, principal, via) {
    this.#engine = engine;
    this.#principal = principal;
    this.#via = via;
  }

  createKey(request, given) {
    return this.#call("CreateKey", request, given);
  }

  describeKey(request, given) {
    return this.#call("DescribeKey", request, given);
  }

  generateDataKey(request, given) {
    return this.#call("GenerateDataKey", request, given);
  }

  encrypt(request, given) {
    return this.#call("Encrypt", request, given);
  }

  decrypt(request, given) {
    return this.#call("Decrypt", request, given);
  }

  putKeyPolicy(request, given) {
    return this.#call("PutKeyPolicy", request, given);
  }

  getKeyPolicy(request, given) {
    return this.#call("GetKeyPolicy", request, given);
  }

  createGrant(request, given) {
    return this.#call("CreateGrant", request, given);
  }

  revokeGrant(request, given) {
    return this.#call("RevokeGrant", request, given);
  }

  listGrants(request, given) {
    return this.#call("ListGrants", request, given);
  }

  enableKey(request, given) {
    return this.#call("EnableKey", request, given);
  }

  disableKey(request, given) {
    return this.#call("DisableKey", request, given);
  }

  scheduleKeyDeletion(request, given) {
    return this.#call("ScheduleKeyDeletion", request, given);
  }

  cancelKeyDeletion(request, given) {
    return this.#call("CancelKeyDeletion", request, given);
  }

  createAlias(request, given) {
    return this.#call("CreateAlias", request, given);
  }

  updateAlias(request, given) {
    return this.#call("UpdateAlias", request, given);
  }

  deleteAlias(request, given) {
    return this.#call("DeleteAlias", request, given);
  }

  listAliases(request, given) {
    return this.#call("ListAliases", request, given);
  }

  listKeys(request, given) {
    return this.#call("ListKeys", request, given);
  }

  listKeyPolicies(request, given) {
    return this.#call("ListKeyPolicies", request, given);
  }

  retireGrant(request, given) {
    return this.#call("RetireGrant", request, given);
  }

  listRetirableGrants(request, given) {
    return this.#call("ListRetirableGrants", request, given);
  }

  updateKeyDescription(request, given) {
    return this.#call("UpdateKeyDescription", request, given);
  }

  tagResource(request, given) {
    return this.#call("TagResource", request, given);
  }

  untagResource(request, given) {
    return this.#call("UntagResource", request, given);
  }

  listResourceTags(request, given) {
    return this.#call("ListResourceTags", request, given);
  }

  enableKeyRotation(request, given) {
    return this.#call("EnableKeyRotation", request, given);
  }

  disableKeyRotation(request, given) {
    return this.#call("DisableKeyRotation", request, given);
  }

  getKeyRotationStatus(request, given) {
    return this.#call("GetKeyRotationStatus", request, given);
  }

  rotateKeyOnDemand(request, given) {
    return this.#call("RotateKeyOnDemand", request, given);
  }

  listKeyRotations(request, given) {
    return this.#call("ListKeyRotations", request, given);
  }

  generateDataKeyWithoutPlaintext(request, given) {
    return this.#call("GenerateDataKeyWithoutPlaintext", request, given);
  }

  generateRandom(request, given) {
    return this.#call("GenerateRandom", request, given);
  }

  reEncrypt(request, given) {
    return this.#call("ReEncrypt", request, given);
  }

  // Async, so that every failure is a rejection; up to the answer nothing waits.
  async #call(operation, request = {}, given) {
    // Other options, which AWS's clients take too, are none of ours.
    const abortSignal = optional(given?.abortSignal, signal, "abortSignal");
    if (abortSignal?.aborted) throw new WaxsealError({ code: "Aborted", message: "the request was aborted", cause: abortSignal.reason });
    const members = plainRequest(request, `the ${operation} request`);
    for (const name of BYTES) {
      // The protocol below would read it as base64, and AWS's SDK would encrypt its letters.
      if (typeof members[name] === "string") throw invalid(`${name} is a string, and no Uint8Array; encode it with a TextEncoder`);
    }
    return withDates(this.#engine.step((kms, span) => kms.call(span, this.#principal, this.#via, operation, members)));
  }
}

/** Users' and roles' own policies. */
class IdentityPolicies {
  #engine;

  constructor(engine) {
    this.#engine = engine;
  }

  async putPolicy(principal, name, policy) {
    const json = text(jsonOf(policy), "policy");
    text(principal, "principal");
    text(name, "name");
    this.#engine.step((kms) => kms.putPolicy(principal, name, json));
  }

  async deletePolicy(principal, name) {
    text(principal, "principal");
    text(name, "name");
    this.#engine.step((kms) => kms.deletePolicy(principal, name));
  }

  async listPolicies(principal) {
    text(principal, "principal");
    return this.#engine.step((kms) => kms.listPolicies(principal));
  }
}

/** A KMS in WebAssembly. It lives as long as its instance: with memory as its storage, a trap is its end. */
class Engine {
  #instance;
  #generation;
  #kms;
  #clock;
  #trace;

  constructor(instance, clock, trace) {
    this.#instance = instance;
    this.#clock = clock ?? (() => new Date());
    this.#trace = trace;
  }

  async start(settings) {
    this.#generation = await this.#instance.enter();
    const now = this.#now();
    const made = this.#instance.step(this.#generation, (glue) => glue.open({ ...settings, now, trace: this.#trace }));
    this.#kms = valueOf(made);
  }

  /** Calls the KMS at the present time of its clock. */
  step(call) {
    // Before the module is entered: a clock that throws, or disposes of the KMS, fails its own call only.
    const now = this.#now();
    if (!this.#kms) throw invalid("the LocalKms has been disposed of");
    const span = this.#trace?.parentSpan ?? 0;
    return valueOf(
      this.#instance.step(this.#generation, () => {
        this.#kms.setTime(now);
        return call(this.#kms, span);
      }),
    );
  }

  stop() {
    if (this.#kms) this.#instance.free(this.#generation, this.#kms);
    this.#kms = undefined;
  }

  #now() {
    const now = Number(this.#clock());
    if (!Number.isFinite(now)) throw invalid("clock did not return a valid Date");
    return now;
  }
}

/** A policy may be given as an object. */
function jsonOf(policy) {
  if (typeof policy !== "object" || policy === null) return policy;
  try {
    return JSON.stringify(policy);
  } catch (cause) {
    throw invalid(`policy can not be written as JSON: ${cause?.message ?? cause}`);
  }
}

function valueOf({ value, fault, error }) {
  if (fault) throw new KmsFault(unmapped(fault));
  if (error) throw new WaxsealError(error);
  return unmapped(value);
}

/** AWS's SDK turns seconds into dates; so do we. */
function withDates(response) {
  const lists = LISTS.flatMap((list) => response[list] ?? []);
  for (const entry of [response, response.KeyMetadata, ...lists])
    for (const member of DATES) if (typeof entry?.[member] === "number") entry[member] = new Date(entry[member] * 1000);
  return response;
}

const BYTES = ["Plaintext", "CiphertextBlob"];
/** Members of responses that are dates, and those that are lists of entries with dates. */
const DATES = ["CreationDate", "DeletionDate", "LastUpdatedDate", "NextRotationDate", "OnDemandRotationStartDate", "RotationDate"];
const LISTS = ["Aliases", "Grants", "Rotations"];
const OPEN_OPTIONS = ["storage", "clock", "account", "region", "onEvent", "dangerRevealSecrets"];
