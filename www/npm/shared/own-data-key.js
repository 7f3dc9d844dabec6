// Data keys of our own making, for a KMS that only wraps them.

import { whole } from "./check.js";

/** The KMS, with data keys made here if it makes none. */
export function withDataKeys(kms) {
  if (typeof kms.generateDataKey === "function") return kms;
  return {
    generateDataKey: (request, how) => wrapOwn(kms, request, how),
    encrypt: (request, how) => kms.encrypt(request, how),
    decrypt: (request, how) => kms.decrypt(request, how),
  };
}

/** What `generateDataKey` is to give: a data key of the platform's random bytes, wrapped by `kms.encrypt`. */
export async function wrapOwn(kms, request, how) {
  const { NumberOfBytes, KeySpec, ...rest } = request;
  const Plaintext = crypto.getRandomValues(new Uint8Array(lengthOf(request)));
  try {
    return { ...(await kms.encrypt({ ...rest, Plaintext }, how)), Plaintext };
  } catch (error) {
    Plaintext.fill(0);
    throw error;
  }
}

/** How many bytes of data key are asked for. */
export function lengthOf({ NumberOfBytes, KeySpec }) {
  return whole(1, 1024)(NumberOfBytes ?? { AES_128: 16, AES_256: 32 }[KeySpec], "NumberOfBytes");
}
