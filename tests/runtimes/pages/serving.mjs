// What every Service Worker does: it runs the checks when its page asks.

import { runChecks } from "./checks.mjs";
import { essentials } from "./scenario/essentials.mjs";

export function serve(given) {
  addEventListener("message", (event) => {
    event.waitUntil(runChecks(essentials, given).then((results) => event.ports[0].postMessage(results)));
  });
}
