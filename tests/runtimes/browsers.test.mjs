// The package in three browsers' engines, under a strict Content-Security-Policy: in a page, a Web Worker, a Service Worker, and from another
// origin, as a CDN has it.

import assert from "node:assert/strict";
import { cp, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { fileURLToPath } from "node:url";

import { build } from "esbuild";

import { visitor } from "../npm/browsers.mjs";
import { project, report } from "../npm/package.mjs";
import { PAGE, serve, STRICT } from "../npm/site.mjs";

const TIMEOUT = { timeout: 180_000 };
const folder = await project(after);
await cp(fileURLToPath(new URL("pages", import.meta.url)), folder, { recursive: true });
for (const script of ["page", "web-worker", "service-worker"]) {
  await writeFile(join(folder, `${script}.html`), `${PAGE}<script type="module" src="./${script}.mjs"></script>`);
}

const classic = { bundle: true, format: "iife", logLevel: "silent" };
await build({ ...classic, absWorkingDir: folder, entryPoints: ["service.mjs"], outfile: "service-bundled.js" });

/** A page of one site, whose script imports the package from another. */
async function fromCdn() {
  const cdn = await serve(join(folder, "node_modules/waxseal"), after, { base: "/npm/waxseal@0.1.0/", headers: { "access-control-allow-origin": "*" } });
  const site = await serve(folder, after, { policy: `default-src 'self'; script-src 'self' ${cdn} 'wasm-unsafe-eval'; connect-src ${cdn}` });
  await writeFile(join(folder, "cdn.html"), '<!doctype html><meta charset="utf-8"><title>waxseal</title><script type="module" src="./cdn.mjs"></script>');
  const script = [
    `import { Client, isKmsDenied, rawAesKeyring } from "${cdn}/npm/waxseal@0.1.0/sdk/web.js";`,
    `import { LocalKms } from "${cdn}/npm/waxseal@0.1.0/kms/web.js";`,
    'import { runChecks } from "./checks.mjs";',
    'import { essentials } from "./scenario/essentials.mjs";',
    "globalThis.results = runChecks(essentials, { Client, LocalKms, isKmsDenied, rawAesKeyring });",
  ];
  await writeFile(join(folder, "cdn.mjs"), script.join("\n"));
  return `${site}/cdn.html`;
}

const site = await serve(folder, after, { policy: STRICT });
const PAGES = {
  "a page": `${site}/page.html`,
  "a Web Worker": `${site}/web-worker.html`,
  "a Service Worker": `${site}/service-worker.html`,
  "a Service Worker that loads everything at once": `${site}/service-worker.html?eager`,
  "a classic Service Worker": `${site}/service-worker.html?classic`,
  "a page that takes it from a CDN": await fromCdn(),
};

describe("the package in browsers", { concurrency: 2 }, () => {
  for (const [engine, start] of Object.entries(visitor)) {
    describe(engine, { concurrency: 1 }, async () => {
      const visit = await start(after);
      for (const [where, address] of Object.entries(PAGES)) {
        test(`${where} in ${engine}`, TIMEOUT, async () => {
          const { results, said = [] } = await visit(address);
          report(results);
          assert.deepEqual(said, [], "the console is silent");
        });
      }
    });
  }
});
