// The package in Chromium: the whole scenario under a strict Content-Security-Policy, and what happens where the module can not be had.

import assert from "node:assert/strict";
import { cp } from "node:fs/promises";
import { basename, join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";

import { build } from "esbuild";

import { chromium } from "./chromium.mjs";
import { operations, project, report } from "./package.mjs";
import { PAGE, STRICT } from "./site.mjs";

const TIMEOUT = { timeout: 300_000 };
const folder = await project(after);
const open = await chromium(folder, after);

/** Encrypts and decrypts in the page, by whatever script is at that path; the text, or the error. */
const roundTrip = (page, script) =>
  page.evaluate(async (script) => {
    const { given } = await import(script);
    try {
      const kms = await given.LocalKms.open({ storage: "memory" });
      const { KeyMetadata } = await kms.createKey();
      const client = new given.Client({ kms, keyId: KeyMetadata.Arn });
      return (await client.decrypt(await client.encrypt("top secret"))).text();
    } catch ({ code, message }) {
      return { code, message };
    }
  }, script);

test("the scenario, under a strict Content-Security-Policy", TIMEOUT, async () => {
  const { page, said } = await open();
  report(
    await page.evaluate(async () => {
      const { runAll } = await import("/scenario.mjs");
      return runAll((await import("/given.mjs")).given);
    }),
  );
  assert.deepEqual(said, [], "the console is silent");
});

test("a policy without 'wasm-unsafe-eval' is named", TIMEOUT, async () => {
  const { page } = await open({ policy: STRICT.replace(" 'wasm-unsafe-eval'", "") });
  const { code, message } = await roundTrip(page, "/given.mjs");
  assert.equal(code, "LoadFailed");
  assert.match(message, /add 'wasm-unsafe-eval' to its script-src/);
});

test("without the .wasm file the module comes from the script", TIMEOUT, async () => {
  const { page } = await open({ wasm: (response) => response.writeHead(404).end() });
  assert.equal(await roundTrip(page, "/given.mjs"), "top secret");
});

test("a page in the .wasm file's place is recognised", TIMEOUT, async () => {
  const { page, said } = await open({ wasm: (response) => response.setHeader("content-type", "text/html").end(PAGE) });
  assert.equal(await roundTrip(page, "/given.mjs"), "top secret");
  assert.deepEqual(said, [], "the console is silent");
});

test("bundled by esbuild without any configuration", TIMEOUT, async () => {
  const bundled = { bundle: true, splitting: true, format: "esm", logLevel: "silent" };
  await build({ ...bundled, absWorkingDir: folder, entryPoints: ["given.mjs"], outdir: "bundled" });
  const { page } = await open();
  assert.equal(await roundTrip(page, "/bundled/given.js"), "top secret");
});

/** AWS's client, for a page. */
async function bundledClient() {
  const client = { bundle: true, format: "esm", platform: "browser", target: "es2022", logLevel: "silent" };
  const resolveDir = fileURLToPath(new URL("..", import.meta.url));
  await build({ ...client, stdin: { contents: 'export * from "@aws-sdk/client-kms";', resolveDir }, outfile: join(folder, "client-kms.mjs") });
}

test("AWS's own client asks the embedded KMS, under a strict Content-Security-Policy", TIMEOUT, async () => {
  for (const name of ["aws-sdk.mjs", "../server/clients/tour.mjs"]) await cp(new URL(name, import.meta.url), join(folder, basename(name)));
  await bundledClient();
  const { page, said } = await open();
  report(
    await page.evaluate(async (operations) => {
      const paths = ["/aws-sdk.mjs", "/given.mjs", "/client-kms.mjs", "/tour.mjs"];
      const [{ runAll }, { given }, aws, { tour }] = await Promise.all(paths.map((path) => import(path)));
      const { KMS, InvalidCiphertextException, NotFoundException } = aws;
      return runAll({ ...given, KMS, InvalidCiphertextException, NotFoundException, tour, operations });
    }, operations),
  );
  assert.deepEqual(said, [], "the console is silent");
});

test("AWS's own client goes on when another tab takes over", TIMEOUT, async () => {
  await bundledClient();
  const { page, tab } = await open();
  const second = await tab();
  for (const each of [page, second]) {
    await each.evaluate(async () => {
      const [{ given }, { KMS }] = await Promise.all([import("/given.mjs"), import("/client-kms.mjs")]);
      const kms = await given.LocalKms.open({ storage: { indexedDB: "world" } });
      const credentials = () => kms.credentials("arn:aws:iam::111122223333:root");
      globalThis.client = new KMS({ region: "us-east-1", credentials, requestHandler: kms.requestHandler() });
    });
  }
  const keys = (each) => each.evaluate(async () => (await client.listKeys({})).Keys.length);
  await second.evaluate(() => client.createKey({}));
  assert.equal(await keys(page), 1);
  await page.close();
  assert.equal(await keys(second), 1);
});
