// Browsers, and every bundler: the module is fetched as a file where the bundler has shipped it, and is in a script where not.
import { fetchModule } from "../shared/fetch-module.js";
import { makeKms } from "../shared/kms.js";

export * from "../shared/errors.js";
export { VirtualClock } from "../shared/kms/clock.js";
export const { LocalKms, ready } = makeKms(() =>
  fetchModule(
    () => fetch(new URL("../dist/kms.wasm", import.meta.url)),
    () => import("../dist/kms.inline.js"),
  ),
);
