// The entry `waxseal/inspect`, for any way of loading the module.

import { inputOf } from "./bytes.js";
import { optional, options, whole } from "./check.js";
import { isPromise } from "./engines/engine.js";
import { fullInstance } from "./modules.js";

export function makeDescribe(full) {
  return async function describe(message, given) {
    const { maxFrames } = options(given, "describe", ["maxFrames"]);
    const limit = optional(maxFrames, whole(0, 0xffff_ffff), "maxFrames") ?? 1000;
    let input = inputOf(message, "message");
    if (isPromise(input)) input = await input;
    input.keep();
    const instance = fullInstance(full);
    const { ofHeader, ...rest } = instance.step(await instance.enter(), (glue) => glue.describe(input.bytes, limit));
    return { ...ofHeader, ...rest };
  };
}
