// Which engine seals and opens, by what `tests/bench/engines.bench.mjs` measured. `cargo xtask bench` runs it.

/**
 * From how many bytes in a message, and in a frame, an engine is the fastest one. Below the first number the message goes through WebAssembly as a
 * whole; below the second its frames do, while the data stays in JavaScript.
 */
export const TABLE = {
  /** Browsers, Workers, Deno: there are WebAssembly and WebCrypto. */
  web: { message: 2048, engines: [{ name: "webcrypto", frame: 384 }] },
  /** Node and Bun, which have `node:crypto` too; it works at once, WebCrypto in other threads. */
  node: {
    message: 1024,
    engines: [
      { name: "webcrypto", frame: 64 * 1024, message: 1024 * 1024 },
      { name: "node", frame: 256 },
    ],
  },
};

/** Whether a message of that many bytes goes through WebAssembly as a whole. */
export function isShort(platform, messageLength) {
  return messageLength < TABLE[platform].message;
}

/** The engine for frames of that length under such a key. */
export function engineFor(platform, { messageLength, frameLength, keyLength }) {
  const isFastest = ({ frame, message = 0 }) => Math.min(frameLength, messageLength) >= frame && messageLength >= message;
  const works = ({ name }) => name !== "webcrypto" || (keyLength !== AES_192 && globalThis.crypto?.subtle !== undefined);
  return TABLE[platform].engines.find((engine) => isFastest(engine) && works(engine))?.name ?? "wasm";
}

/** Chromium has no AES with keys of that length. */
const AES_192 = 24;
