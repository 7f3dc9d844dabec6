// What AWS's codes mean, in the vocabulary that all vendors have in common.

/** The `kind`; `undefined` for a code of which only the status says it. */
export function kindOfCode(code) {
  return FAULTS.find(([codes]) => codes.test(code))?.[1];
}

const FAULTS = [
  [/Throttl|TooManyRequests|RequestLimitExceeded|SlowDown/, "throttled"],
  [/^(AccessDenied|NotAuthorized|ExpiredToken|UnrecognizedClient|InvalidClientTokenId|InvalidSignature|SignatureDoesNotMatch|IncompleteSignature|MissingAuthenticationToken|OptInRequired|InvalidGrantToken)/, "denied"],
  [/^NotFound/, "not-found"],
  [/^(Disabled|KMSInvalidState)/, "disabled"],
  [/^(KMSInternal|InternalFailure|InternalServerError|ServiceUnavailable|DependencyTimeout|KeyUnavailable|RequestTimeout)/, "unavailable"],
];
