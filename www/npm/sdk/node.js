// Node and Bun: the modules are files.
import { readFile } from "node:fs/promises";
import { makeSdk } from "../shared/sdk.js";

export * from "../shared/errors.js";
export * from "../shared/keyrings.js";
export { MaterialsCache } from "../shared/materials-cache.js";
export const { Client, makeBranchKey, ready } = makeSdk(
  () => readFile(new URL("../dist/sdk.wasm", import.meta.url)),
  () => import("./full/node.js"),
);
