// Messages exchanged between the packed package and the official AWS Encryption SDKs for JavaScript: in Node with the one for Node, in Chromium with the
// one for browsers. `cargo xtask test interop` installs them.

import assert from "node:assert/strict";
import { cp } from "node:fs/promises";
import { join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";

import { build } from "esbuild";

import { chromium } from "../npm/chromium.mjs";
import { project } from "../npm/package.mjs";
import { clientNode } from "./client-node.mjs";
import { exchangeAll, exchanges, large, makeKeys, refuseAltered } from "./exchange.mjs";

const folder = await project(after);
await cp(new URL("exchange.mjs", import.meta.url), join(folder, "exchange.mjs"));
const { given } = await import(pathToFileURL(join(folder, "given.mjs")).href);

function check({ passed, failures, notRun }, wanted) {
  for (const [why, count] of Object.entries(notRun)) console.warn(`NOT RUN: ${count} exchanges, for lack of ${why}`);
  assert.deepEqual(failures, []);
  assert.ok(passed >= wanted, `only ${passed} exchanges`);
}

test("with the SDK for Node, in Node", async () => {
  const keys = await makeKeys();
  check(await exchangeAll(given, clientNode, exchanges(keys)), 80);
  check(await exchangeAll(given, clientNode, [large(keys)]), 1);
});

test("neither waxseal nor the SDK for Node opens what was altered", async () => {
  const { tried, opened } = await refuseAltered(given, clientNode, await makeKeys());
  assert.deepEqual(opened, []);
  assert.ok(tried > 40);
});

/** A page with the SDK for browsers, which is bundled as its users do it. */
async function page() {
  const here = (path) => fileURLToPath(new URL(path, import.meta.url));
  const bundle = { bundle: true, format: "esm", platform: "browser", target: "es2022", logLevel: "silent", define: { global: "globalThis" } };
  await build({
    ...bundle,
    entryPoints: [here("client-browser.mjs")],
    nodePaths: [here("browser/node_modules")],
    inject: [here("buffer.mjs")],
    outfile: join(folder, "client-browser.mjs"),
  });
  return (await (await chromium(folder, after))()).page;
}

test("with the SDK for browsers, in Chromium", async () => {
  const [small, big, altered] = await (await page()).evaluate(async () => {
    const [{ given }, { clientBrowser }, exchange] = await Promise.all(["/given.mjs", "/client-browser.mjs", "/exchange.mjs"].map((path) => import(path)));
    const keys = await exchange.makeKeys();
    return [
      await exchange.exchangeAll(given, clientBrowser, exchange.exchanges(keys)),
      await exchange.exchangeAll(given, clientBrowser, [exchange.large(keys)]),
      await exchange.refuseAltered(given, clientBrowser, keys),
    ];
  });
  check(small, 50);
  check(big, 1);
  assert.deepEqual(altered.opened, []);
  assert.ok(altered.tried > 40);
});
