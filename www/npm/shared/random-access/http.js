// A message on a server, read by range requests.

import { invalid } from "../check.js";

/**
 * Asks for the first bytes, which tells how long the message is and whether the server gives parts of it.
 * @param {string} url
 * @param {typeof globalThis.fetch} [fetch] the platform's, if it is none other
 * @param {AbortSignal} [signal]
 */
export async function overHttp(url, fetch = (...given) => globalThis.fetch(...given), signal) {
  const ask = async (offset, length, signal, more) => {
    const response = await fetch(url, { headers: { Range: `bytes=${offset}-${offset + length - 1}`, ...more }, signal });
    try {
      const size = sizeIn(response, url, offset, length);
      return { size, tag: response.headers.get("ETag"), body: () => response.arrayBuffer() };
    } catch (error) {
      response.body?.cancel().catch(() => {});
      throw error;
    }
  };
  const { size, tag, body } = await ask(0, FIRST_BYTES, signal);
  const first = await body();
  // A weak one does not say that the bytes are the same. A page has another origin's leave for the header only if that gives it.
  const condition = tag && !tag.startsWith("W/") && isOwnOrigin(url) ? { "If-Range": tag } : {};
  const read = async (offset, length, signal) => {
    if (offset + length <= first.byteLength) return first.slice(offset, offset + length);
    const part = await ask(offset, length, signal, condition);
    const bytes = await part.body();
    if (part.size !== size || part.tag !== tag) throw invalid(`what is at ${url} was changed while it was read; open it anew`);
    return bytes;
  };
  return { size, read };
}

/** How long the message is, by an answer that gives the part of it that was asked for. */
function sizeIn(response, url, offset, length) {
  if (response.status === 200) {
    throw invalid(`the server of ${url} gave all of it where a part was asked for: it has no range requests, or what is there was changed`);
  }
  if (response.status !== 206) throw invalid(`the server of ${url} answered a range request with status ${response.status}`);
  const range = response.headers.get("Content-Range");
  if (range === null) {
    throw invalid(`the server of ${url} does not say which part it gives; if it is of another origin, it has to expose the header Content-Range`);
  }
  const [, from, to, size] = (/^bytes (\d+)-(\d+)\/(\d+)$/.exec(range) ?? []).map(Number);
  if (from !== offset || to !== Math.min(offset + length, size) - 1 || !Number.isSafeInteger(size)) {
    throw invalid(`the server of ${url} gave \`${range}\` where ${length} bytes from byte ${offset} on were asked for`);
  }
  return size;
}

function isOwnOrigin(url) {
  const { location } = globalThis;
  return !location || new URL(url, location.href).origin === location.origin;
}

/** So much of a message is fetched for its header at first. */
export const FIRST_BYTES = 4096;
