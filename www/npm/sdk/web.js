// Browsers, and every bundler: the module is fetched as a file where the bundler has shipped it, and is in a script where not.
import { fetchModule } from "../shared/fetch-module.js";
import { web } from "../shared/engines/web.js";
import { later } from "../shared/later.js";
import { makeSdk } from "../shared/sdk.js";

export * from "../shared/errors.js";
export * from "../shared/keyrings.js";
export { MaterialsCache } from "../shared/materials-cache.js";
export const { Client, makeBranchKey, ready } = makeSdk(
  () =>
    fetchModule(
      () => fetch(new URL("../dist/sdk.wasm", import.meta.url)),
      () => import("../dist/sdk.inline.js"),
    ),
  () => later("full", () => import("./full/web.js")),
  web,
);
