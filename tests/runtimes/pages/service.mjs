// The Service Worker: it may not import anything once it has started.

import { given } from "./given-by-path.mjs";
import { runChecks } from "./checks.mjs";
import { essentials } from "./scenario/essentials.mjs";

addEventListener("message", (event) => {
  event.waitUntil(runChecks(essentials, given).then((results) => event.ports[0].postMessage(results)));
});
