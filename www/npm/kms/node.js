// Node and Bun: the module is a file.
import { generateKeyPairSync } from "node:crypto";
import { readFile } from "node:fs/promises";
import { makeKms } from "../shared/kms.js";
import { rsaKeysOf } from "../shared/kms/rsa-keys.js";

export * from "../shared/errors.js";
export { VirtualClock } from "../shared/kms/clock.js";
export const { LocalKms, ready } = makeKms(() => readFile(new URL("../dist/kms.wasm", import.meta.url)), rsaKeysOf(generateKeyPairSync));
