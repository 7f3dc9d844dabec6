// Message vectors through the package, in Node and in Chromium: waxseal's own, and the shared ones where they lie beside the repository.

import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { cp, readFile } from "node:fs/promises";
import { join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";

import { chromium, FAST } from "./chromium.mjs";
import { project } from "./package.mjs";
import { runVectors } from "./vectors.mjs";

const OWN = fileURLToPath(new URL("../vectors", import.meta.url));
const SHARED = fileURLToPath(new URL("../../../shared/vectors/esdk", import.meta.url));
const MISSING = !existsSync(SHARED) && `there is no ${SHARED}`;
const folder = await project(after);
await cp(new URL("vectors.mjs", import.meta.url), join(folder, "vectors.mjs"));
await cp(OWN, join(folder, "own"), { recursive: true });
if (!MISSING) await cp(SHARED, join(folder, "shared"), { recursive: true });
const { given } = await import(pathToFileURL(join(folder, "given.mjs")).href);

/** Nothing failed, and every case of the folder was run, but for those that are told of. */
async function check(name, report) {
  const { cases } = JSON.parse(await readFile(join(folder, name, "vectors.json"), "utf8"));
  for (const [feature, count] of Object.entries(report.notRun)) console.warn(`NOT RUN: ${count} of ${cases.length} vectors, which need ${feature}`);
  assert.deepEqual(report.failures, []);
  const notRun = Object.values(report.notRun).reduce((sum, count) => sum + count, 0);
  assert.equal(report.passed + notRun, cases.length);
  return report;
}

const inNode = async (name) => check(name, await runVectors(given, (path) => readFile(join(folder, name, path))));

async function inChromium(name, isSmall) {
  const { page } = await (await chromium(folder, after))();
  // Otherwise the fast module does all but the first of them.
  if (isSmall) await page.route(FAST, (route) => route.abort());
  const report = await page.evaluate(async (name) => {
    const [{ given }, { runVectors }] = await Promise.all([import("/given.mjs"), import("/vectors.mjs")]);
    return runVectors(given, async (path) => new Uint8Array(await (await fetch(`/${name}/${path}`)).arrayBuffer()));
  }, name);
  return check(name, report);
}

const PLACES = [
  ["Node", inNode],
  ["Chromium", (name) => inChromium(name, false)],
  ["Chromium by the small module and WebCrypto", (name) => inChromium(name, true)],
];
for (const [where, run] of PLACES) {
  test(`waxseal's own vectors, in ${where}`, async () => {
    const { passed, mutants, notRun } = await run("own");
    assert.deepEqual(notRun, {});
    assert.ok(passed > 30 && mutants > 1000, `${passed} passed, ${mutants} changed messages`);
  });

  test(`the shared vectors, in ${where}`, { skip: MISSING }, async () => {
    const { passed, mutants, notRun } = await run("shared");
    console.log(`${passed} vectors passed in ${where}; ${mutants} changed messages were refused`);
    if (Object.keys(notRun).length === 0) assert.ok(passed >= 749 && mutants > 60_000, `${passed} passed, ${mutants} changed messages`);
  });
}
