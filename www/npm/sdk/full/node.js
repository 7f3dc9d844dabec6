// The full module, for Node and Bun.
import { readFile } from "node:fs/promises";

export * as machine from "../../shared/full/machine.js";
export * as glue from "../../dist/sdk-full.js";
export const load = () => readFile(new URL("../../dist/sdk-full.wasm", import.meta.url));
