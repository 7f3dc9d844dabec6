// Node and Bun: the module is a file, and `node:crypto` is there besides WebCrypto.
import { readFile } from "node:fs/promises";
import { node } from "../shared/engines/node.js";
import { makeSdk } from "../shared/sdk.js";

let crypto;
async function load() {
  crypto ??= await import("node:crypto");
  return readFile(new URL("../dist/sdk.wasm", import.meta.url));
}

export * from "../shared/errors.js";
export { kmsKeyring, multiKeyring, rawAesKeyring } from "../shared/keyrings.js";
export const { Client, ready } = makeSdk(load, node(() => crypto));
