// The full module, for browsers and every bundler.
import { fetchModule } from "../../shared/fetch-module.js";

export * as machine from "../../shared/full/machine.js";
export * as glue from "../../dist/sdk-full.js";
export const load = () =>
  fetchModule(
    () => fetch(new URL("../../dist/sdk-full.wasm", import.meta.url)),
    () => import("../../dist/sdk-full.inline.js"),
  );
