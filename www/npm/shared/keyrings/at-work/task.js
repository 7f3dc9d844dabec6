// What the keyrings at work share: failures of which several can become one, secrets, and questions to code that is not ours.

import { viewOf } from "../../bytes.js";
import { aborted } from "../../failed.js";
import { ask, wipe } from "../../questions.js";

/** Why a keyring could not do it. It becomes an error when it is known that no other one can: until then several failures may become one. */
export class Failure {
  /** @param more of a KMS: `kmsCode`, `requestId`, `retryable`, its own `text`, and the `texts` of all failures that it stands for */
  constructor(code, message, more) {
    Object.assign(this, { code, message }, more);
  }
}

export const invalidInput = (message) => new Failure("InvalidInput", message);

/** Of a wrapped data key or of whom it is for, nobody is told more. */
export const undecryptable = () => new Failure("DecryptionFailed", "decryption failed: the message was altered or cut short, or is for another key");

/** A KMS that did not answer, or not as a KMS does. */
export function unavailable(reason) {
  const text = `the KMS did not answer: ${reason}`;
  return new Failure("KmsUnavailable", text, { text, texts: [text], retryable: true });
}

/** The first that unwraps it. Undefined if there is none that it is for. */
export async function firstOf(candidates, unwrap) {
  const failures = [];
  for (const candidate of candidates) {
    try {
      const dataKey = await unwrap(candidate);
      if (dataKey) return dataKey;
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      failures.push(error);
    }
  }
  if (failures.length > 0) throw oneOf(failures);
  return undefined;
}

/** The failure of a KMS comes first, for it has a name and something can be done about it; then the one that tells the caller most. */
function oneOf(failures) {
  const ofKms = failures.find(({ texts }) => texts);
  if (!ofKms) return failures.reduce((best, each) => (USEFUL.indexOf(each.code) < USEFUL.indexOf(best.code) ? best : each));
  const texts = failures.flatMap(({ texts, message }) => texts ?? message);
  const message = texts.length > 1 ? `${ofKms.text} (the first of ${texts.length} failures: ${texts.join("; ")})` : ofKms.message;
  return new Failure(ofKms.code, message, { ...ofKms, message, texts });
}

/** The bytes, which are overwritten at the end of the task. */
export function secret(bytes, task) {
  task.secrets.push(bytes);
  return bytes;
}

export const randomDataKey = (task) => secret(task.random(task.dataKeyLength), task);

/** A secret that others gave: copied, and overwritten where it was. */
export function taken(given, task) {
  const bytes = secret(copyOf(given), task);
  wipe(given);
  return bytes;
}

/** Bytes whose buffer was transferred away are none. */
export const copyOf = (bytes) => new Uint8Array(viewOf(bytes) ?? 0);

export const copiesOf = (encryptedDataKeys) =>
  encryptedDataKeys.map(({ providerId, providerInfo, ciphertext }) => ({
    providerId,
    providerInfo: copyOf(providerInfo),
    ciphertext: copyOf(ciphertext),
  }));

/**
 * Asks, and overwrites the data key that was in the question.
 *
 * @param dataKey the data key that the question has
 * @param where what comes before the text of what is thrown
 */
export async function asked(of, what, request, task, dataKey, where = "") {
  const { response, aborted: isAborted, ...rest } = await ask({ of, what, request }, task.signal);
  if (dataKey) wipe(dataKey);
  if (isAborted) throw aborted(task.signal);
  if (!("thrown" in rest)) return response;
  task.cause ??= rest.thrown;
  throw failureOf(rest.thrown, where);
}

/**
 * AWS's faults, and errors of that shape, are refusals; anything else means that there was no answer. So does a KMS's own `AbortError`, for it was not
 * the caller who gave up.
 */
function failureOf(thrown, where) {
  const name = textOf(thrown, "name") ?? "";
  const message = textOf(thrown, "message");
  if (!name.endsWith("Exception") && member(thrown, "$fault") === undefined) {
    return unavailable(where + (message || (typeof thrown === "string" ? thrown : "it threw something that is no error")));
  }
  const metadata = member(thrown, "$metadata");
  const text = message ? `${name}: ${message}` : name;
  return new Failure("KmsDenied", message || text, {
    kmsCode: name,
    requestId: textOf(metadata, "requestId"),
    // The one fault of AWS's that may be gone the next time has a name of its own.
    retryable: member(thrown, "$retryable") !== undefined || isInside(member(metadata, "httpStatusCode")) || name === "KMSInternalException",
    text,
    texts: [text],
  });
}

const isInside = (status) => typeof status === "number" && status >= 500;

function textOf(object, name) {
  const text = member(object, name);
  return typeof text === "string" ? text : undefined;
}

/** Anything may be thrown, also what has no members or throws when it is asked for them. */
function member(object, name) {
  try {
    return object[name];
  } catch {
    return undefined;
  }
}

/** From the least: which failure tells the caller more. */
const USEFUL = ["InvalidMessage", "InvalidInput"];
