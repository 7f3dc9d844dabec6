// Keyrings for the cases, whose KMS and objects answer as they are told, and the contexts that the cases have in common.

import { bytes, copy, dataKey, fault, KEY } from "./world.mjs";

export const made = (more) => ({ KeyId: KEY, Plaintext: dataKey(), CiphertextBlob: bytes(20, 8), ...more });
export const encrypted = (more) => ({ KeyId: KEY, CiphertextBlob: bytes(20, 9), ...more });
export const opened = (more) => ({ KeyId: KEY, Plaintext: dataKey(), ...more });
export const fail = (error) => () => {
  throw error;
};
export const later = (answer) => async (request) => {
  await new Promise((resolve) => setTimeout(resolve, 5));
  return answer(request);
};
export const denied = () => fault("AccessDeniedException", "not you", { $fault: "client", $metadata: { httpStatusCode: 400, requestId: "r-1" } });
export const wrapped = (id = "mine") => [copy(id, "an own one", 4)];

/** A keyring of a KMS that answers like this, or as a function of the world says. */
export const ofKms = (answers, { keyId = KEY, grantTokens, name = "kms" } = {}) => (world, { kmsKeyring }) => {
  const all = { generateDataKey: () => made(), encrypt: () => encrypted(), decrypt: () => opened(), ...inWorld(answers, world) };
  return kmsKeyring({ kms: world.actor(name, all), keyId, grantTokens });
};
export const ofOwn = (answers, name = "own") => (world) => world.actor(name, inWorld(answers, world));
const inWorld = (answers, world) => (typeof answers === "function" ? answers(world) : answers);
export const ofRaw = ({ namespace = "tests", name = "raw", key = 1, length = 32 } = {}) => (_, { rawAesKeyring }) => rawAesKeyring({ namespace, name, key: bytes(length, key) });
export const ofAll = (generator, ...children) => (world, given) =>
  given.multiKeyring({ generator: generator?.(world, given), children: children.map((child) => child(world, given)) });

/** Answers with these, one after the other. */
export const inTurn = (...answers) => (request) => answers.shift()(request);

export const CONTEXT = { tenant: "42", purpose: "documents" };
/** UTF-8 and UTF-16 have them in another order. */
export const STRANGE = { "\u{1f512}": "Schlüssel", "\uffee": "ключ", ["__proto__"]: "a key like any other", 10: "", 9: "nine", "": "empty" };
