// The questions that only the full module asks, besides those of all keyrings.

import { wellFormed } from "./bytes.js";
import { invalid, text } from "./check.js";
import { context } from "./plain.js";
import { bytes, method, nothing, ofOwn, QUESTIONS as OF_KEYRINGS } from "./questions.js";

function record(value) {
  if (nothing(value)) return undefined;
  return { ciphertext: bytes(value.ciphertext, "ciphertext"), encryptionContext: context(value.encryptionContext) };
}

function kmsOrNone(value) {
  if (nothing(value)) return undefined;
  if (typeof value.decrypt !== "function") throw invalid("it has no method `decrypt`");
  return value;
}

export const QUESTIONS = {
  ...OF_KEYRINGS,
  kms: ofOwn((find, { region }) => find(region), kmsOrNone),
  branchKeyId: ofOwn((choose, { encryptionContext }) => choose(encryptionContext), (id) => wellFormed(text(id, "what it gave"), "it")),
  active: ofOwn(method("active"), record),
  version: ofOwn(method("version"), record),
};
