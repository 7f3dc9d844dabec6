// The Service Worker: it may not import anything once it has started.

import { given } from "./given-by-path.mjs";
import { runChecks } from "./checks.mjs";
import { essentials } from "./scenario/essentials.mjs";

/** A bundler's script has no address of its own, and all parts in it. */
const importsLater = import.meta.url === undefined;

addEventListener("message", (event) => {
  event.waitUntil(runChecks(essentials, { ...given, importsLater }).then((results) => event.ports[0].postMessage(results)));
});
