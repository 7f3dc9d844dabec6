// Which engine seals and opens, by what `tests/bench/engines.bench.mjs` measured. `cargo xtask bench` runs it.

/**
 * From how many bytes in a message, and in a frame, an engine is the fastest one. Below the first number the message goes through WebAssembly as a
 * whole; below the second its frames do, while the data stays in JavaScript.
 */
export const TABLE = {
  /** Browsers, Workers, Deno: there are WebAssembly and WebCrypto. */
  web: { message: 2048, engines: [{ name: "webcrypto", frame: 512 }] },
  /** Node and Bun have `node:crypto` besides. It works at once, and so at every length with less ado than WebCrypto, which works in other threads. */
  node: { message: 2048, engines: [{ name: "node", frame: 64 }] },
};

/** Whether a message of that many bytes goes through WebAssembly as a whole. */
export function isShort(platform, messageLength) {
  return messageLength < TABLE[platform].message;
}

/** The engine for frames of that length under such a key. */
export function engineFor(platform, { messageLength, frameLength, keyLength }) {
  const isFastest = ({ frame }) => Math.min(frameLength, messageLength) >= frame;
  const works = ({ name }) => name !== "webcrypto" || (keyLength !== AES_192 && globalThis.crypto?.subtle !== undefined);
  return TABLE[platform].engines.find((engine) => isFastest(engine) && works(engine))?.name ?? "wasm";
}

/** Chromium has no AES with keys of that length. */
const AES_192 = 24;
