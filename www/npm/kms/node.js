// Node and Bun: the module is a file.
import { readFile } from "node:fs/promises";
import { makeKms } from "../shared/kms.js";

export * from "../shared/errors.js";
export { VirtualClock } from "../shared/kms/clock.js";
export const { LocalKms, ready } = makeKms(() => readFile(new URL("../dist/kms.wasm", import.meta.url)));
