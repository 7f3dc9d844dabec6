// Deno: a source phase import needs no permission to read files.
import { generateKeyPairSync } from "node:crypto";
import source module from "../dist/kms.wasm";
import { makeKms } from "../shared/kms.js";
import { rsaKeysOf } from "../shared/kms/rsa-keys.js";

export * from "../shared/errors.js";
export { VirtualClock } from "../shared/kms/clock.js";
export const { LocalKms, ready } = makeKms(() => module, rsaKeysOf(generateKeyPairSync));
