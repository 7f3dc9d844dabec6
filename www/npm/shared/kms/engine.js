// A KMS in WebAssembly. It is asked by naming a method of the module's; the results are plain data that can travel to another tab:
// `{ value }`, `{ fault }` or `{ error }`.

import { invalid } from "../check.js";
import { KmsFault, WaxsealError } from "../errors.js";
import { unmapped } from "../unmapped.js";

export class Engine {
  #instance;
  #generation;
  #kms;
  #rsaKeys;

  /**
   * @param {import("../instance.js").Instance} instance
   * @param {import("./web-rsa-keys.js").WebRsaKeys} [rsaKeys]
   */
  constructor(instance, rsaKeys) {
    this.#instance = instance;
    this.#rsaKeys = rsaKeys;
  }

  /** Makes the KMS; `make` is handed the module. */
  async start(make) {
    this.#generation = await this.#instance.enter();
    this.#kms = valueOf(this.#instance.step(this.#generation, make));
  }

  /** Runs `ask`, which is to take the step: at once, or when an RSA key is there, which it is handed for the step. */
  prepared(method, args, ask) {
    return this.#rsaKeys ? this.#rsaKeys.before(method, args, ask) : ask();
  }

  /** Calls a method at that time, as part of that operation of the trace. */
  step(now, span, method, args, rsaKey) {
    if (!this.#kms) throw disposed();
    const given = IN_A_SPAN.includes(method) ? [span, ...args] : args;
    const call = () => {
      this.#kms.setTime(now);
      return this.#kms[method](...given);
    };
    const step = () => this.#instance.step(this.#generation, call);
    return rsaKey ? this.#rsaKeys.lend(rsaKey, step) : step();
  }

  /** `{ account, region }` */
  get place() {
    return this.#instance.step(this.#generation, () => ({ account: this.#kms.account, region: this.#kms.region }));
  }

  /** Whether its instance has trapped, and it is gone with it. */
  get isLost() {
    return this.#generation !== this.#instance.generation;
  }

  stop() {
    if (this.#kms) this.#instance.free(this.#generation, this.#kms);
    this.#kms = undefined;
  }
}

/** What a result says, or throws it. */
export function valueOf({ value, fault, error }) {
  if (fault) throw new KmsFault(unmapped(fault));
  if (error) throw new WaxsealError(error);
  return unmapped(value);
}

export const disposed = () => invalid("the LocalKms has been disposed of");

/** What a KMS can be asked. */
export const METHODS = [
  ...["call", "handle", "explain", "whoCan", "audit", "advanceTo", "snapshot", "credentials"],
  ...["putPolicy", "deletePolicy", "listPolicies", "putBoundary", "deleteBoundary", "boundary", "putTag", "deleteTag", "tags"],
  ...["putServiceControlPolicies", "serviceControlPolicies", "putOrganization", "organization"],
];
/** Methods that take the span of the trace that they are part of. */
const IN_A_SPAN = ["call", "handle"];
