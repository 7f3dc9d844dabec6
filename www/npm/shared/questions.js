// What is asked of code that is not ours: of a KMS, of a keyring or store of the user's own, of a function. Each question says how it is put,
// what of the response is taken, and where in it secrets are. Whoever asks gets values of our own; secrets stay where they are, to be wiped
// there.

import { isUint8Array, viewOf, wellFormed } from "./bytes.js";
import { invalid, list, text } from "./check.js";
import { Refused, Unwrapped } from "./keyrings/answers.js";

/** `{ response }`, `{ thrown }` or `{ aborted: true }`; never throws. */
export async function ask({ of, what, request, span }, signal, trace, questions = QUESTIONS) {
  if (signal?.aborted) return { aborted: true };
  const question = questions[what];
  const call = () => question.put(of, request, signal);
  try {
    const response = trace ? trace.within(span, call) : call();
    return signal ? await raced(response, signal, question) : { response: question.take(await response) };
  } catch (thrown) {
    return signal?.aborted ? { aborted: true } : { thrown };
  }
}

/** The response, or the abort if that comes first; what then still arrives is wiped. */
function raced(response, signal, question) {
  return new Promise((resolve, reject) => {
    const onAbort = () => {
      resolve({ aborted: true });
      // Whatever is wrong with it, nobody waits for it any more.
      Promise.resolve(response).then((late) => wipe(question.secret(late))).catch(() => {});
    };
    // The call itself may have been what aborted.
    if (signal.aborted) return onAbort();
    signal.addEventListener("abort", onAbort, { once: true });
    Promise.resolve(response)
      .then((response) => resolve({ response: question.take(response) }))
      .catch(reject)
      .finally(() => signal.removeEventListener("abort", onAbort));
  });
}

export const wipe = (secret) => viewOf(secret)?.fill(0);

/** A KMS has AWS's shapes. That a member is missing is found by whoever asks. */
const ofKms = (method) => ({
  put: (kms, request, signal) => kms[method](request, signal && { abortSignal: signal }),
  take(response) {
    const { KeyId, KeyMaterialId, EncryptionAlgorithm, CiphertextBlob, Plaintext } = response ?? {};
    return { KeyId, KeyMaterialId, EncryptionAlgorithm, CiphertextBlob: viewOf(CiphertextBlob), Plaintext: viewOf(Plaintext) };
  },
  secret: (response) => response?.Plaintext,
});

/** Other objects have ours: `read` takes a response apart, or throws because it has another shape. */
export const ofOwn = (put, read, secret = () => undefined) => ({
  put,
  take(response) {
    if (response instanceof Refused) return { refused: response.reason };
    try {
      return { value: read(response) };
    } catch (error) {
      // A key in half an answer is a key.
      wipe(secret(response));
      return { problem: `${error?.message ?? error}` };
    }
  },
  secret,
});

export const method = (name) => (object, request, signal) => object[name]({ ...request, signal });
export const nothing = (value) => value === undefined || value === null;

export function bytes(value, what) {
  const view = isUint8Array(value) ? viewOf(value) : undefined;
  if (!view) throw invalid(`${what} is not a Uint8Array`);
  return view;
}

const encryptedDataKeys = (value, what) =>
  list(value, what).map((key, index) => ({
    providerId: wellFormed(text(key?.providerId, `providerId of ${what}[${index}]`), "it"),
    providerInfo: bytes(key.providerInfo, `providerInfo of ${what}[${index}]`),
    ciphertext: bytes(key.ciphertext, `ciphertext of ${what}[${index}]`),
  }));

/** Those that keyrings ask. */
export const QUESTIONS = {
  generateDataKey: ofKms("generateDataKey"),
  encrypt: ofKms("encrypt"),
  decrypt: ofKms("decrypt"),
  makeDataKey: ofOwn(
    method("makeDataKey"),
    (made) => ({
      dataKey: bytes(made?.dataKey, "dataKey"),
      encryptedDataKeys: encryptedDataKeys(made.encryptedDataKeys, "encryptedDataKeys"),
    }),
    (made) => made?.dataKey,
  ),
  wrapDataKey: ofOwn(method("wrapDataKey"), (keys) => encryptedDataKeys(keys, "what it gave")),
  unwrapDataKey: ofOwn(
    method("unwrapDataKey"),
    (answer) => (nothing(answer) || answer instanceof Unwrapped ? (answer ?? undefined) : { dataKey: bytes(answer, "what it gave") }),
    (answer) => (answer instanceof Unwrapped ? answer.dataKey : answer),
  ),
};
