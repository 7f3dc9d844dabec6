// The fast module, for browsers and every bundler.
import { fetchModule } from "../../shared/fetch-module.js";
import { inModule } from "../../shared/small/module-ciphers.js";
import { machineWith } from "../../shared/small/start.js";

export * as glue from "../../dist/sdk-fast.js";
export const machine = machineWith(inModule);
export const load = () =>
  fetchModule(
    () => fetch(new URL("../../dist/sdk-fast.wasm", import.meta.url)),
    () => import("../../dist/sdk-fast.inline.js"),
  );
