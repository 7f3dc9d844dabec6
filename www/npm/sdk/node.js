// Node and Bun: the module is a file.
import { readFile } from "node:fs/promises";
import { makeSdk } from "../shared/sdk.js";

export * from "../shared/errors.js";
export * from "../shared/keyrings.js";
export const { Client, makeBranchKey, ready } = makeSdk(() => readFile(new URL("../dist/sdk.wasm", import.meta.url)));
