// Deno: the module is that of `waxseal` which has everything.
import { makeDescribe } from "../shared/inspect.js";

export * from "../shared/errors.js";
export const describe = makeDescribe(() => import("../sdk/full/deno.js"));
