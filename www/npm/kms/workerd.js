// Cloudflare Workers: no code may be compiled at run time, so the module is imported, compiled at deployment.
import module from "../dist/kms.wasm";
import { makeKms } from "../shared/kms.js";

export * from "../shared/errors.js";
export { VirtualClock } from "../shared/kms/clock.js";
export const { LocalKms, ready } = makeKms(() => module);
