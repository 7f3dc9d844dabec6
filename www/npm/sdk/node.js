// Node and Bun: the modules are files, and `node:crypto` is there besides WebCrypto.
import { readFile } from "node:fs/promises";
import { node } from "../shared/engines/node.js";
import { makeSdk } from "../shared/sdk.js";

let crypto;
async function withCrypto(load) {
  crypto ??= await import("node:crypto");
  return load();
}

export * from "../shared/errors.js";
export * from "../shared/keyrings.js";
export { MaterialsCache } from "../shared/materials-cache.js";
export const { Client, makeBranchKey, ready } = makeSdk(
  () => withCrypto(() => readFile(new URL("../dist/sdk.wasm", import.meta.url))),
  () => withCrypto(() => import("./full/node.js")),
  node(() => crypto),
);
