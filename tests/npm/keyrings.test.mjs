// Keyrings do the same in JavaScript, where the small module or the fast one runs, as in Rust, where the full one does because somebody listens: each case is run in all
// of them, with the same outcome, the same questions, and the same arrays overwritten.

import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { join } from "node:path";
import { after, test } from "node:test";
import { pathToFileURL } from "node:url";

import { making } from "./keyrings/making.mjs";
import { opening } from "./keyrings/opening.mjs";
import { dataKey, World } from "./keyrings/world.mjs";
import { project } from "./package.mjs";

const folder = await project(after);
const here = (file) => pathToFileURL(join(folder, "node_modules/waxseal", file)).href;
const sdk = await import(here("sdk/node.js"));
let count = 0;
/** The entry for pages, each time its own, for only the first few calls are the small module's. */
const page = () => import(`${here("sdk/web.js")}?${count++}`);
const { describe } = await import(here("inspect/node.js"));
const spki = { type: "spki", format: "pem" };
const rsa = generateKeyPairSync("rsa", { modulusLength: 2048, publicKeyEncoding: spki, privateKeyEncoding: { type: "pkcs8", format: "pem" } });
const given = { ...sdk, rsa };

for (const [what, all] of Object.entries({ making, opening })) {
  for (const [name, each] of Object.entries(all)) {
    test(`${what}: ${name}`, async () => {
      const [small, fast, full] = [await run(each, await page()), await run(each, sdk), await run(each, sdk, () => {})];
      assert.deepEqual(small, full);
      assert.deepEqual(fast, full);
      const { plaintext, error } = full;
      if (each.ends === true) assert.equal(plaintext, "top secret", error?.message);
      else assert.deepEqual([error?.code, error?.message.includes(each.ends[1])], [each.ends[0], true], error?.message);
    });
  }
}

test("a raw AES keyring waits for nobody, and others have the input kept before they ask", async () => {
  const { makeDataKey, unwrapDataKey } = await import(here("shared/keyrings/at-work.js"));
  const raw = { kind: "raw-aes", namespace: "tests", name: "raw", key: new Uint8Array(32) };
  const noted = [];
  const keyring = { wrapDataKey: () => (noted.push("asked"), []), unwrapDataKey: () => void noted.push("asked") };
  const own = { kind: "own", keyring, makes: false, wraps: true, unwraps: true };
  const cipher = { isAtOnce: true, seal: (key, iv, aad, plaintext) => Uint8Array.from([...plaintext, ...new Uint8Array(16)]), open: (key, iv, aad, sealed) => sealed.slice(0, -16) };
  const request = { suite: "0478", dataKeyLength: 32, encryptionContext: {}, aad: new Uint8Array(), cipher, random: (length) => new Uint8Array(length), keep: () => void noted.push("kept") };
  const made = makeDataKey(raw, request);
  assert.deepEqual(unwrapDataKey(raw, made.encryptedDataKeys, request), made.dataKey);
  assert.equal(unwrapDataKey({ ...raw, name: "other" }, made.encryptedDataKeys, request), undefined);
  assert.deepEqual(noted, []);
  await makeDataKey(own, request);
  await unwrapDataKey({ kind: "multi", children: [raw, own] }, [], request);
  assert.deepEqual(noted, ["kept", "asked", "kept", "asked"]);
});

/** What comes of a case, as plain values that can be compared. */
async function run({ keyring, copies, context, before, signal, ends }, { Client }, onEvent) {
  const world = new World();
  const client = new Client({ keyring: keyring(world, given), onEvent });
  const message = (world.message = copies && (await messageOf(copies, context)));
  before?.(world);
  const options = { encryptionContext: context, signal: signal || ends[0] === "Aborted" ? world.signal : undefined };
  const call = copies ? client.decrypt(message, options) : client.encrypt("top secret", options);
  const outcome = await call.then(
    (done) => (copies ? { plaintext: done.text() } : encrypted(done, world)),
    (error) => ({ error: world.told(error) }),
  );
  // What comes late is overwritten too.
  await new Promise((resolve) => setTimeout(resolve, ends[0] === "Aborted" ? 12 : 0));
  return { ...outcome, asked: world.asked, wiped: world.wiped() };
}

async function encrypted(message, world) {
  const { header, encryptionContext } = await describe(message);
  return { plaintext: "top secret", length: message.length, header: world.shown(header.encryptedDataKeys), encryptionContext };
}

function messageOf(encryptedDataKeys, encryptionContext) {
  const client = new sdk.Client({ keyring: { makeDataKey: () => ({ dataKey: dataKey(), encryptedDataKeys }) }, onEvent() {} });
  return client.encrypt("top secret", { encryptionContext });
}
