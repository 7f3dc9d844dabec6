// Drives an operation of the SDK: polls it, asks what it wants to know, polls again. All waiting is here, none in WebAssembly.

import { isPromise } from "./engines/engine.js";
import { aborted, failed } from "./failed.js";
import { QUESTIONS } from "./more-questions.js";
import { ask } from "./questions.js";
import { Waiting } from "./waiting.js";

/** Operations that wait for others, of the one full module that there is. */
export const waiting = new Waiting();

/**
 * Runs as far as it can before it waits for the first time: with a keyring that needs no KMS, to the end.
 * @param {import("./instance.js").Instance} instance
 * @param start makes the operation
 * @param {{ signal?: AbortSignal, trace?: import("./trace.js").Trace, keep(): void, more?(count: number): Uint8Array | Promise<Uint8Array> }} context `keep` is called before
 *   any wait, `more` gives the next bytes of the input, none at its end
 * @param use gets the operation's value at once, with the generation of the instance
 */
export async function run(instance, start, { signal, trace, keep = () => {}, more }, use = (value) => value) {
  let generation = instance.entered;
  if (generation === undefined) {
    keep();
    generation = await instance.enter();
  }
  // Aborted while the module was loading or a Blob was read: nothing has happened yet.
  if (signal?.aborted) throw aborted(signal);
  const operation = instance.step(generation, start);
  return drive(instance, generation, operation, { signal, trace, keep, more }, use);
}

async function drive(instance, generation, operation, { signal, trace, keep, more }, use) {
  let cause;
  try {
    for (;;) {
      const step = instance.step(generation, () => operation.poll());
      wakeOthers(instance, generation);
      if (step.error) throw failed(step.error, signal, cause);
      if (step.value) {
        if (step.refresh) inBackground(instance, generation, step.refresh, trace);
        return use(step.value, generation);
      }
      if (step.bytes) {
        const bytes = more(step.bytes);
        const given = isPromise(bytes) ? await bytes : bytes;
        if (signal?.aborted) throw aborted(signal);
        instance.step(generation, () => operation.answer(given));
        continue;
      }
      keep();
      if (step.waits !== undefined) {
        await waiting.until(step.waits, signal);
        if (signal?.aborted) throw aborted(signal);
        continue;
      }
      const answer = await ask(step, signal, trace, QUESTIONS);
      cause ??= answer.thrown;
      instance.step(generation, () => hand(operation, answer));
    }
  } finally {
    instance.free(generation, operation);
    wakeOthers(instance, generation);
  }
}

/** Whatever an operation does, also going away, may be what others wait for. */
function wakeOthers(instance, generation) {
  if (waiting.isEmpty || generation !== instance.generation) return;
  waiting.wake(instance.step(generation, (glue) => glue.woken()));
}

/** Renews an entry of a cache. Nobody waits for it, and whether it succeeds is told by events. */
function inBackground(instance, generation, operation, trace) {
  drive(instance, generation, operation, { trace, keep() {} }, () => {}).catch(() => {});
}

function hand(operation, answer) {
  if (answer.aborted) operation.abort();
  else if ("thrown" in answer) operation.refuse(answer.thrown);
  else operation.answer(answer.response);
}
