// Browsers, and every bundler: the module is fetched as a file where the bundler has shipped it, and is in a script where not.
import { __wbg_reset_state, call, failure, initSync } from "../dist/sdk.js";
import { fetchModule } from "../shared/fetch-module.js";
import { web } from "../shared/engines/web.js";
import { later } from "../shared/later.js";
import { makeSdk } from "../shared/sdk.js";
import { machineWith } from "../shared/small/start.js";
import { webCrypto } from "../shared/small/web-ciphers.js";

export * from "../shared/errors.js";
export * from "../shared/keyrings.js";
export { MaterialsCache } from "../shared/materials-cache.js";

/** By name, so that bundlers leave out the rest of the glue. */
const glue = { initSync, __wbg_reset_state, call, failure };
const load = () =>
  fetchModule(
    () => fetch(new URL("../dist/sdk.wasm", import.meta.url)),
    () => import("../dist/sdk.inline.js"),
  );
const machine = machineWith(webCrypto);

export const { Client, makeBranchKey, ready } = makeSdk(
  {
    first: () => ({ glue, load, machine }),
    fast: () => later("fast", () => import("./fast/web.js")),
    full: () => later("full", () => import("./full/web.js")),
  },
  web,
);
