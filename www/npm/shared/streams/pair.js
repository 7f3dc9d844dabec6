// The two ends of a stream: what is written to the one goes through a transformation, and comes out of the other when somebody reads.

import { inputOf, isArrayBuffer, isUint8Array } from "../bytes.js";
import { invalid } from "../check.js";
import { aborted } from "../failed.js";
import { Inlet } from "./inlet.js";

/**
 * @param {{ what: string, takesText: boolean, signal?: AbortSignal }} options
 * @param {(inlet: Inlet, signal: AbortSignal) => AsyncGenerator<Uint8Array>} transform what it gives is read one after the other; it cleans up when it is
 *   told to return, or the signal is aborted
 * @param {boolean} startsEarly whether the transformation's first result is not bytes, but is wanted as soon as it is there
 * @returns {{ readable: ReadableStream, writable: WritableStream, first?: Promise<unknown> }}
 */
export function pair({ what, takesText, signal }, transform, startsEarly) {
  const inlet = new Inlet();
  const stop = new AbortController();
  const results = transform(inlet, stop.signal);
  const ends = {};

  /** Ends everything on either side. What it gives is done when no secret is left. */
  const fail = async (reason) => {
    ends.writable.error(reason);
    await failReading(reason);
  };
  /** The same, where the writable side ends by itself. */
  const failReading = async (reason) => {
    signal?.removeEventListener("abort", abort);
    ends.readable.error(reason);
    inlet.fail(reason);
    stop.abort(reason);
    await results.return().catch(() => {});
  };
  const abort = () => fail(aborted(signal));
  const next = async () => {
    try {
      return await results.next();
    } catch (error) {
      fail(error);
      throw error;
    }
  };

  const readable = new ReadableStream(
    {
      start: (controller) => void (ends.readable = controller),
      async pull(controller) {
        const { value, done } = await next();
        if (!done) return controller.enqueue(value);
        signal?.removeEventListener("abort", abort);
        inlet.finish();
        controller.close();
      },
      cancel: fail,
    },
    // Nothing is done before somebody reads.
    { highWaterMark: 0 },
  );
  const writable = new WritableStream(
    {
      start(controller) {
        ends.writable = controller;
        // At once: `abort` below is called only when the chunk that is being written is done with, which may be never.
        controller.signal?.addEventListener("abort", () => failReading(controller.signal.reason));
      },
      async write(chunk) {
        try {
          await inlet.write(bytesOf(chunk, what, takesText));
        } catch (error) {
          fail(error);
          throw error;
        }
      },
      close: () => inlet.close(),
      abort: failReading,
    },
    // One chunk is taken from whoever writes, and no other before all of that one is used.
    { highWaterMark: 1 },
  );
  if (signal?.aborted) abort();
  else signal?.addEventListener("abort", abort);
  const first = startsEarly ? next().then(({ value }) => value) : undefined;
  // Whoever does not ask for it learns of the failure from the streams.
  first?.catch(() => {});
  return { readable, writable, first };
}

function bytesOf(chunk, what, takesText) {
  if (isUint8Array(chunk) || isArrayBuffer(chunk) || (takesText && typeof chunk === "string")) return inputOf(chunk, `a chunk of ${what}`).bytes;
  const kinds = takesText ? "Uint8Array, ArrayBuffer or string" : "Uint8Array or ArrayBuffer";
  const hint = typeof chunk === "string" ? "; a message is bytes, not text" : "; write the bytes of it";
  throw invalid(`a chunk of ${what} is ${nameOf(chunk)}, and not a ${kinds}${hint}`);
}

function nameOf(value) {
  if (value === null || value === undefined) return String(value);
  if (typeof value !== "object") return `a ${typeof value}`;
  return `an object of kind ${Object.prototype.toString.call(value).slice(8, -1)}`;
}
