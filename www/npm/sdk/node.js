// Node and Bun: the modules are files.
import { readFile } from "node:fs/promises";
import { makeSdk } from "../shared/sdk.js";

export * from "../shared/errors.js";
export { kmsKeyring, multiKeyring, rawAesKeyring } from "../shared/keyrings.js";
export const { Client, ready } = makeSdk(
  () => readFile(new URL("../dist/sdk.wasm", import.meta.url)),
  () => import("./full/node.js"),
);
