// Drives an operation of the SDK: polls it, asks the KMS what it wants to know, polls again. All waiting is here, none in WebAssembly.

import { viewOf } from "./bytes.js";
import { WaxsealError } from "./errors.js";

/**
 * Runs as far as it can before it waits for the first time: with a keyring that needs no KMS, to the end.
 * @param {import("./instance.js").Instance} instance
 * @param start makes the operation
 * @param {{ signal?: AbortSignal, trace?: import("./trace.js").Trace, keep(): void, more?(count: number): Uint8Array }} context `keep` is called before
 *   any wait, `more` gives the next bytes of the input
 * @param use gets the operation's value at once, with the generation of the instance
 */
export async function run(instance, start, { signal, trace, keep, more }, use = (value) => value) {
  let generation = instance.entered;
  if (generation === undefined) {
    keep();
    generation = await instance.enter();
  }
  // Aborted while the module was loading or a Blob was read: nothing has happened yet.
  if (signal?.aborted) throw aborted(signal);
  const operation = instance.step(generation, start);
  let cause;
  try {
    for (;;) {
      const step = instance.step(generation, () => operation.poll());
      if (step.error) throw failed(step.error, signal, cause);
      if (step.value) return use(step.value, generation);
      if (step.bytes) {
        instance.step(generation, () => operation.answer(more(step.bytes)));
        continue;
      }
      keep();
      const answer = await ask(step, trace, signal);
      cause ??= answer.thrown;
      instance.step(generation, () => hand(operation, answer));
    }
  } finally {
    instance.free(generation, operation);
  }
}

/** `{ response }`, `{ thrown }` or `{ aborted: true }`; never throws. */
async function ask({ kms, operation, request, span }, trace, signal) {
  if (signal?.aborted) return { aborted: true };
  const call = () => kms[operation](request, signal && { abortSignal: signal });
  try {
    const response = trace ? trace.within(span, call) : call();
    return signal ? await raced(response, signal) : { response: received(await response) };
  } catch (thrown) {
    return signal?.aborted ? { aborted: true } : { thrown };
  }
}

/** The response, or the abort if that comes first; what then still arrives is wiped. */
function raced(response, signal) {
  return new Promise((resolve, reject) => {
    const onAbort = () => {
      resolve({ aborted: true });
      // Whatever is wrong with it, nobody waits for it any more.
      Promise.resolve(response).then((late) => viewOf(late?.Plaintext)?.fill(0)).catch(() => {});
    };
    // The call itself may have been what aborted.
    if (signal.aborted) return onAbort();
    signal.addEventListener("abort", onAbort, { once: true });
    Promise.resolve(response)
      .then((response) => resolve({ response: received(response) }))
      .catch(reject)
      .finally(() => signal.removeEventListener("abort", onAbort));
  });
}

/** The members we know of a KMS's response, in values of our own; the bytes stay where they are, to be wiped there. */
function received(response) {
  const { KeyId, KeyMaterialId, EncryptionAlgorithm, CiphertextBlob, Plaintext } = response ?? {};
  return { KeyId, KeyMaterialId, EncryptionAlgorithm, CiphertextBlob: viewOf(CiphertextBlob), Plaintext: viewOf(Plaintext) };
}

function hand(operation, answer) {
  if (answer.aborted) operation.abort();
  else if ("thrown" in answer) operation.refuse(answer.thrown);
  else operation.answer(answer.response);
}

export function failed(error, signal, cause) {
  if (error.code === "Aborted" && signal?.aborted) return aborted(signal);
  // A refusal that was got over, by another encrypted data key, did not cause what failed later.
  return new WaxsealError({ ...error, cause: FROM_KMS.includes(error.code) ? cause : undefined });
}

export function aborted(signal) {
  return new WaxsealError({ code: "Aborted", message: "the operation was aborted", cause: signal.reason });
}

const FROM_KMS = ["KmsDenied", "KmsUnavailable", "Aborted"];
