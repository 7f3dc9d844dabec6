// Asks a KMS as one caller: a method for each operation of AWS's, in AWS's shapes.

import { invalid, optional, signal } from "../check.js";
import { WaxsealError } from "../errors.js";
import { request as plainRequest } from "../plain.js";
import { BYTES, OPERATIONS, withDates } from "./aws.js";
import { valueOf } from "./engine.js";

export class LocalKmsClient {
  #world;
  #principal;
  #via;

  /** @param world who answers; without a principal the account's administrator asks */
  constructor(world, principal, via) {
    this.#world = world;
    this.#principal = principal;
    this.#via = via;
  }

  static {
    for (const operation of OPERATIONS) {
      const name = operation[0].toLowerCase() + operation.slice(1);
      // A method that was written down has its name, which stack traces show.
      const { [name]: value } = {
        [name](request, given) {
          return this.#call(operation, request, given);
        },
      };
      Object.defineProperty(LocalKmsClient.prototype, name, { value, writable: true, configurable: true });
    }
  }

  // Async, so that every failure is a rejection.
  async #call(operation, request = {}, given) {
    // Other options, which AWS's clients take too, are none of ours.
    const abortSignal = optional(given?.abortSignal, signal, "abortSignal");
    if (abortSignal?.aborted) throw new WaxsealError({ code: "Aborted", message: "the request was aborted", cause: abortSignal.reason });
    const members = plainRequest(request, `the ${operation} request`);
    for (const name of BYTES) {
      if (typeof members[name] === "string") throw invalid(`${name} is a string, and no Uint8Array; encode it with a TextEncoder`);
    }
    return withDates(valueOf(await this.#world.ask("call", this.#principal, this.#via, operation, members)));
  }
}
