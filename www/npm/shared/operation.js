// Drives an operation of the SDK: polls it, asks what it wants to know, polls again. All waiting is here, none in WebAssembly.

import { WaxsealError } from "./errors.js";
import { ask } from "./questions.js";

/**
 * @param {import("./instance.js").Instance} instance
 * @param start makes the operation
 * @param {{ signal?: AbortSignal, trace?: import("./trace.js").Trace }} context
 */
export async function run(instance, start, { signal, trace }) {
  const generation = await instance.enter();
  // Aborted while the module was loading or a Blob was read: nothing has happened yet.
  if (signal?.aborted) throw aborted(signal);
  const operation = instance.step(generation, start);
  let cause;
  try {
    for (;;) {
      const step = instance.step(generation, () => operation.poll());
      if (step.error) throw failed(step.error, signal, cause);
      if (step.value) return step.value;
      const answer = await ask(step, trace, signal);
      cause ??= answer.thrown;
      instance.step(generation, () => hand(operation, answer));
    }
  } finally {
    instance.free(generation, operation);
  }
}

function hand(operation, answer) {
  if (answer.aborted) operation.abort();
  else if ("thrown" in answer) operation.refuse(answer.thrown);
  else operation.answer(answer.response);
}

function failed(error, signal, cause) {
  if (error.code === "Aborted" && signal?.aborted) return aborted(signal);
  // A refusal that was got over, by another encrypted data key, did not cause what failed later.
  return new WaxsealError({ ...error, cause: FROM_KMS.includes(error.code) ? cause : undefined });
}

function aborted(signal) {
  return new WaxsealError({ code: "Aborted", message: "the operation was aborted", cause: signal.reason });
}

const FROM_KMS = ["KmsDenied", "KmsUnavailable", "Aborted"];
