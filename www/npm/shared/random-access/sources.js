// Where the parts of a message come from: a Blob, a server that answers range requests, or an object of the caller's.

import { isArrayBuffer, isUint8Array, viewOf } from "../bytes.js";
import { invalid } from "../check.js";
import { isWaxsealError, WaxsealError } from "../errors.js";
import { aborted } from "../failed.js";
import { overHttp } from "./http.js";

/**
 * @param source Blob, URL, its text, or `{ size, read(offset, length, { signal }) }`
 * @returns {Promise<{ size: number, read(offset: number, length: number, signal?: AbortSignal): Promise<Uint8Array> }>} its bytes, as many as were asked for
 */
export async function sourceOf(source, { fetch, signal }) {
  const kind = Object.prototype.toString.call(source).slice(8, -1);
  if (kind === "Blob" || kind === "File") {
    return checked(source.size, (offset, length) => source.slice(offset, offset + length).arrayBuffer());
  }
  if (typeof source === "string" || kind === "URL") {
    const { size, read } = await failing(overHttp(String(source), fetch, signal), signal);
    return checked(size, read);
  }
  if (typeof source?.read !== "function" || !Number.isSafeInteger(source.size) || source.size < 0) {
    throw invalid("the source is not a Blob, URL or object with `size`, a whole number, and `read(offset, length)`");
  }
  return checked(source.size, (offset, length, signal) => source.read(offset, length, { signal }));
}

function checked(size, read) {
  return {
    size,
    async read(offset, length, signal) {
      if (signal?.aborted) throw aborted(signal);
      if (length === 0) return new Uint8Array();
      const answer = await failing((async () => read(offset, length, signal))(), signal);
      const bytes = isUint8Array(answer) || isArrayBuffer(answer) ? viewOf(answer) : undefined;
      if (bytes?.length !== length) {
        const what = bytes ? `${bytes.length} bytes` : "no Uint8Array or ArrayBuffer";
        throw invalid(`the source gave ${what} where ${length} bytes from byte ${offset} on were asked for`);
      }
      // Not in memory that others may write to meanwhile.
      return isArrayBuffer(bytes.buffer) ? bytes : new Uint8Array(bytes);
    },
  };
}

/** Whatever a source throws is told as the source's. */
async function failing(reading, signal) {
  try {
    return await reading;
  } catch (cause) {
    if (isWaxsealError(cause)) throw cause;
    if (signal?.aborted) throw aborted(signal);
    throw new WaxsealError({ code: "InvalidInput", message: `the message can not be read: ${cause?.message ?? cause}`, cause, retryable: true });
  }
}
