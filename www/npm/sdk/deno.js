// Deno: a source phase import needs no permission to read files.
import source module from "../dist/sdk.wasm";
import { web } from "../shared/engines/web.js";
import { makeSdk } from "../shared/sdk.js";

export * from "../shared/errors.js";
export * from "../shared/keyrings.js";
export { MaterialsCache } from "../shared/materials-cache.js";
export const { Client, makeBranchKey, ready } = makeSdk(
  () => module,
  () => import("./full/deno.js"),
  web,
);
