// Node and Bun: the modules are files, and `node:crypto` is there besides WebCrypto.
import { readFile } from "node:fs/promises";
import * as glue from "../dist/sdk-fast.js";
import { node } from "../shared/engines/node.js";
import { makeSdk } from "../shared/sdk.js";
import { inModule } from "../shared/small/module-ciphers.js";
import { machineWith } from "../shared/small/start.js";

export * from "../shared/errors.js";
export * from "../shared/keyrings.js";
export { MaterialsCache } from "../shared/materials-cache.js";

let crypto;
async function withCrypto(load) {
  crypto ??= await import("node:crypto");
  return load();
}

const load = () => withCrypto(() => readFile(new URL("../dist/sdk-fast.wasm", import.meta.url)));
const machine = machineWith(inModule);
export const { Client, makeBranchKey, ready } = makeSdk(
  { first: () => ({ glue, load, machine }), full: () => withCrypto(() => import("./full/node.js")) },
  node(() => crypto),
);
