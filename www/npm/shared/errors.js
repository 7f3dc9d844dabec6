// What is thrown. One class for everything, so that one check finds all of it; what happened is in `code`, from a closed list.

const BRAND = Symbol.for("waxseal.error");

export class WaxsealError extends Error {
  constructor({ code, message, cause, kmsCode, requestId, retryable = false }) {
    super(message, cause === undefined ? undefined : { cause });
    // A KMS's refusal has AWS's name, an abort the web's, and everything else its code.
    this.name = kmsCode ?? (code === "Aborted" ? "AbortError" : code);
    this.code = code;
    this.retryable = retryable;
    if (kmsCode !== undefined) this.kmsCode = kmsCode;
    if (requestId !== undefined) this.requestId = requestId;
  }

  get [BRAND]() {
    return true;
  }
}

/** A refusal by `LocalKms`, in the shape of AWS SDK v3's exceptions. */
export class KmsFault extends WaxsealError {
  constructor({ name, message, httpStatusCode, requestId, retryable, decision }) {
    const code = httpStatusCode >= 500 ? "KmsUnavailable" : "KmsDenied";
    super({ code, message: message ?? name, kmsCode: name, requestId, retryable });
    this.$fault = httpStatusCode >= 500 ? "server" : "client";
    this.$metadata = { httpStatusCode, requestId };
    if (retryable) this.$retryable = {};
    if (decision !== undefined) this.decision = decision;
  }
}

export const isWaxsealError = (error) => error?.[BRAND] === true;
const has = (code) => (error) => isWaxsealError(error) && error.code === code;
export const isInvalidInput = has("InvalidInput");
export const isInvalidMessage = has("InvalidMessage");
export const isEncryptionContextMismatch = has("EncryptionContextMismatch");
export const isDecryptionFailed = has("DecryptionFailed");
export const isKmsDenied = has("KmsDenied");
export const isKmsUnavailable = has("KmsUnavailable");
export const isAborted = has("Aborted");
export const isLoadFailed = has("LoadFailed");
export const isInternal = has("Internal");
