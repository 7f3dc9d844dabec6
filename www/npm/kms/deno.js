// Deno: a source phase import needs no permission to read files.
import source module from "../dist/kms.wasm";
import { makeKms } from "../shared/kms.js";

export * from "../shared/errors.js";
export { VirtualClock } from "../shared/kms/clock.js";
export const { LocalKms, ready } = makeKms(() => module);
