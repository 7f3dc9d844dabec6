// Batches of frames that an engine works on at the same time. Results come in the order in which the batches were begun.

import { isPromise, Pauses } from "../engines/engine.js";

/**
 * Begins batches as long as there is room, and gives each when it is done. It begins none while nobody asks for a result, and waits for none to be begun
 * while the first is done.
 * @param {() => Promise<{ done: Promise<void> | undefined, bytes: number, wipe(): void } | undefined>} begin `bytes` are those of the frames; `undefined`
 *   after the last
 */
export async function* windowed(begin) {
  const pauses = new Pauses();
  const running = [];
  let beginning;
  let isOver = false;
  try {
    for (;;) {
      while (!isOver && hasRoom(running)) {
        beginning ??= begin();
        if (running.length > 0 && (await Promise.race([beginning, running[0].done.then(() => FIRST)])) === FIRST) break;
        const batch = await beginning;
        beginning = undefined;
        if (batch) running.push(batch);
        else isOver = true;
        // A failure is thrown when its turn comes.
        if (isPromise(batch?.done)) batch.done.catch(() => {});
        else break;
      }
      const [first] = running;
      if (!first) return;
      await first.done;
      if (!isPromise(first.done) && pauses.isDue(first.bytes)) await pauses.take();
      running.shift();
      yield first;
    }
  } finally {
    beginning?.then(wiped, () => {});
    await Promise.all(running.map(wiped));
  }
}

/** An engine that still works would write to what was wiped. */
async function wiped(batch) {
  await Promise.allSettled([batch?.done]);
  batch?.wipe();
}

function hasRoom(running) {
  return running.length < MOST_BATCHES && running.reduce((sum, { bytes }) => sum + bytes, 0) < MOST_BYTES;
}

const FIRST = Symbol("first");
const MOST_BATCHES = 16;
const MOST_BYTES = 4 * 1024 * 1024;

/** How many frames are a batch: few enough for memory to stay small, enough for short ones to be worth a call. */
export function framesInBatch(frameLength, isObserved) {
  return isObserved ? 1 : Math.max(1, Math.min(1024, Math.floor(BATCH_BYTES / frameLength)));
}

const BATCH_BYTES = 256 * 1024;
