// How an operation ends that failed or was given up.

import { WaxsealError } from "./errors.js";

/** What the small module can not do, or has no words for: the full one does it again. */
export class Refusal extends WaxsealError {}

/** @param error `{ code, message, kmsCode?, requestId?, retryable? }` @param cause what was thrown first at a question */
export function failed(error, signal, cause) {
  if (error.code === "Aborted" && signal?.aborted) return aborted(signal);
  // A refusal that was got over, by another encrypted data key, did not cause what failed later.
  return new WaxsealError({ ...error, cause: FROM_KMS.includes(error.code) ? cause : undefined });
}

export function aborted(signal) {
  return new WaxsealError({ code: "Aborted", message: "the operation was aborted", cause: signal.reason });
}

const FROM_KMS = ["KmsDenied", "KmsUnavailable", "Aborted"];
