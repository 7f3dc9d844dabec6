// The package in workerd, which runs Cloudflare Workers: no Node API, nothing compiled at run time, no randomness before the first request.

import assert from "node:assert/strict";
import { cp, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";

import { Miniflare } from "miniflare";

import { project, report } from "./package.mjs";
import { bundled } from "./worker.mjs";

const TIMEOUT = { timeout: 60_000 };
const folder = await project(after);

async function worker(entry, bindings = {}) {
  const miniflare = new Miniflare({ modules: await bundled(folder, entry), compatibilityDate: "2026-04-01", cf: false, bindings });
  after(() => miniflare.dispose());
  return miniflare;
}

/** Client and keyring are made at module scope, where a Worker may neither wait nor draw randomness. */
const SCENARIO_WORKER = `
import { given } from "./given.mjs";
import { runAll } from "./scenario.mjs";

const keyring = given.rawAesKeyring({ namespace: "tests", name: "module scope", key: new Uint8Array(32).fill(7) });
const client = new given.Client({ keyring, onEvent: () => {} });

export default {
  async fetch() {
    const results = await runAll(given);
    const { plaintext } = await client.decrypt(await client.encrypt("made early"));
    if (plaintext.length !== 10) results.push({ name: "a client made at module scope", error: String(plaintext) });
    return Response.json({ results, nodeGlobals: ["Buffer", "process"].filter((name) => name in globalThis) });
  },
};
`;

await writeFile(join(folder, "worker.mjs"), SCENARIO_WORKER);
await cp(fileURLToPath(new URL("../../www/examples/worker.mjs", import.meta.url)), join(folder, "example.mjs"));

test("the scenario", TIMEOUT, async () => {
  const miniflare = await worker("worker.mjs");
  const response = await miniflare.dispatchFetch("http://worker/");
  const { results, nodeGlobals } = await response.json();
  report(results);
  assert.deepEqual(nodeGlobals, [], "nothing of Node is there");
});

test("the example Worker", TIMEOUT, async () => {
  const miniflare = await worker("example.mjs", { KEY: "07".repeat(32) });
  const response = await miniflare.dispatchFetch("http://worker/", { method: "POST", body: "top secret" });
  assert.equal(await response.text(), "top secret");
  assert.ok(Number(response.headers.get("x-message-length")) > 200);
});

/** A client made at module scope, whose cache all requests share, and a KMS that takes its time. */
const SHARING_WORKER = `
import { given } from "./given.mjs";

const KeyId = "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";
let calls = 0;
const kms = {
  async generateDataKey({ NumberOfBytes }) {
    calls++;
    await new Promise((resolve) => setTimeout(resolve, 100));
    return { KeyId, Plaintext: new Uint8Array(NumberOfBytes).fill(7), CiphertextBlob: new Uint8Array([7]) };
  },
  encrypt() {},
  decrypt() {},
};
const client = new given.Client({ kms, keyId: KeyId, cache: { maxAge: 60 } });

export default {
  async fetch() {
    const { length } = await client.encrypt("x");
    return Response.json({ length, calls });
  },
};
`;

test("requests wait for one another's data key", TIMEOUT, async () => {
  await writeFile(join(folder, "sharing.mjs"), SHARING_WORKER);
  const miniflare = await worker("sharing.mjs");
  const ask = async () => (await miniflare.dispatchFetch("http://worker/")).json();
  const answers = await Promise.all(Array.from({ length: 8 }, ask));
  for (const { length, calls } of answers) {
    assert.ok(length > 200);
    assert.equal(calls, 1);
  }
});
