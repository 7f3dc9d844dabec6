// What the clients of remote KMS throw: one vocabulary over all vendors, with the vendor's own word for it beside ours.

import { WaxsealError } from "../errors.js";

/** The `kind`s of an answer of no vendor's own, by its HTTP status. */
export function kindOf(status) {
  if (status === 429) return "throttled";
  if (status === 404) return "not-found";
  if (status === 401 || status === 403) return "denied";
  return status >= 500 || status === 408 ? "unavailable" : "invalid";
}

/**
 * A refusal, or that there was no answer. `Client` takes what has `$fault` as a refusal, under its `name`, and everything else as none:
 * so only `unavailable` has no `$fault`.
 */
export class KmsClientError extends WaxsealError {
  constructor({ kind, vendor, vendorCode, message, status, requestId, cause, isFinal = false, retryAfter }) {
    const isRefusal = kind !== "unavailable";
    super({
      code: isRefusal ? "KmsDenied" : "KmsUnavailable",
      message: `${message}; ${NEXT[kind]}`,
      kmsCode: isRefusal ? vendorCode : undefined,
      requestId,
      cause,
      retryable: !isFinal && RETRYABLE.includes(kind),
    });
    this.kind = kind;
    this.vendor = vendor;
    if (vendorCode !== undefined) this.vendorCode = vendorCode;
    if (retryAfter !== undefined) this.retryAfter = retryAfter;
    if (isRefusal) this.$fault = "client";
    if (this.retryable) this.$retryable = {};
    this.$metadata = { httpStatusCode: status, requestId };
  }
}

/** It answered, but not as a KMS does. The same question would be answered the same. */
export function nonsense(vendor, what, answer) {
  return new KmsClientError({ kind: "unavailable", vendor, message: `${vendor} answered with ${what}`, isFinal: true, ...answer });
}

const RETRYABLE = ["throttled", "unavailable"];
const NEXT = {
  __proto__: null,
  denied: "check who asks and what its policies allow",
  "not-found": "check the key's name, and the place it is looked for in",
  disabled: "ask the key's administrator to enable it",
  throttled: "try again later, or ask less often: cache data keys",
  unavailable: "try again later, or check the address and that this machine or page may reach it",
  invalid: "check the request, the ciphertext and its encryption context",
};
