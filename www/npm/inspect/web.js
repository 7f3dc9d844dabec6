// Browsers, and every bundler: the module is that of `waxseal` which has everything.
import { makeDescribe } from "../shared/inspect.js";
import { later } from "../shared/later.js";

export * from "../shared/errors.js";
export const describe = makeDescribe(() => later("full", () => import("../sdk/full/web.js")));
