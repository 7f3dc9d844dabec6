// A KMS in WebAssembly. It is asked by naming a method of the module's; the results are plain data that can travel to another tab:
// `{ value }`, `{ fault }` or `{ error }`.

import { invalid } from "../check.js";
import { KmsFault, WaxsealError } from "../errors.js";
import { unmapped } from "../plain.js";

export class Engine {
  #instance;
  #generation;
  #kms;

  /** @param {import("../instance.js").Instance} instance */
  constructor(instance) {
    this.#instance = instance;
  }

  /** Makes the KMS; `make` is handed the module. */
  async start(make) {
    this.#generation = await this.#instance.enter();
    this.#kms = valueOf(this.#instance.step(this.#generation, make));
  }

  /** Calls a method at that time, as part of that operation of the trace. */
  step(now, span, method, args) {
    if (!this.#kms) throw disposed();
    const given = IN_A_SPAN.includes(method) ? [span, ...args] : args;
    return this.#instance.step(this.#generation, () => {
      this.#kms.setTime(now);
      return this.#kms[method](...given);
    });
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
