// The package in Chromium: the whole scenario under a strict Content-Security-Policy, and what happens where the module can not be had.

import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { cp } from "node:fs/promises";
import { basename, join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";

import { build } from "esbuild";

import { chromium, FAST } from "./chromium.mjs";
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

test("the scenario, without the fast module", TIMEOUT, async () => {
  const { page, said } = await open();
  let asked = 0;
  await page.route(FAST, (route) => (asked++, route.abort()));
  report(
    await page.evaluate(async () => {
      const { runAll, scenario } = await import("/scenario.mjs");
      // That one needs it.
      delete scenario["without WebCrypto, WebAssembly does everything, signatures too"];
      return runAll((await import("/given.mjs")).given);
    }),
  );
  assert.ok(asked > 0, "it was wanted");
  assert.ok(said.every((line) => line.includes("Failed to load resource")), said.join("\n"));
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

test("a page of no secure origin has everything but WebCrypto, and what it writes is the same", TIMEOUT, async () => {
  const { page, said } = await open({ isInsecure: true });
  const { given } = await import(pathToFileURL(join(folder, "given.mjs")));
  const rsa = generateKeyPairSync("rsa", { modulusLength: 2048, publicKeyEncoding: SPKI, privateKeyEncoding: PKCS8 });
  const key = crypto.getRandomValues(new Uint8Array(32));
  const names = { namespace: "tests", name: "insecure" };
  const clients = {
    "0578": { suite: "0578", key },
    "0478": { suite: "0478", key },
    "0378": { suite: "0378", key, commitmentPolicy: "forbid-encrypt-allow-decrypt" },
    "0346": { suite: "0346", key: key.slice(0, 24), commitmentPolicy: "forbid-encrypt-allow-decrypt" },
    "0146": { suite: "0146", key: key.slice(0, 24), commitmentPolicy: "forbid-encrypt-allow-decrypt" },
    rsa: { suite: "0578", ...rsa },
  };
  const client = ({ key, publicKey, privateKey, ...rest }) => {
    const keyring = key ? given.rawAesKeyring({ ...names, key }) : given.rawRsaKeyring({ ...names, publicKey, privateKey });
    return new given.Client({ keyring, frameLength: 1000, ...rest });
  };
  const plaintext = crypto.getRandomValues(new Uint8Array(5500));
  for (const [what, options] of Object.entries(clients)) {
    const ours = await client(options).encrypt(plaintext);
    const sent = { names, plaintext: [...plaintext], ours: [...ours], options: { ...options, key: options.key && [...options.key] } };
    const found = await page.evaluate(inSecret, sent);
    assert.deepEqual(found.context, [false, "undefined"]);
    assert.deepEqual(found.refused, ["DecryptionFailed", "DecryptionFailed", "DecryptionFailed"], what);
    assert.deepEqual(found.opened, [true, true, true, true], what);
    for (const message of found.messages) {
      const opened = await client(options).decrypt(Uint8Array.from(message));
      assert.deepEqual(opened.plaintext, plaintext, what);
      assert.equal(opened.header.suite, options.suite);
    }
  }
  assert.equal(await roundTrip(page, "/given.mjs"), "top secret");
  assert.deepEqual(said, [], "the console is silent");
});

const SPKI = { type: "spki", format: "pem" };
const PKCS8 = { type: "pkcs8", format: "pem" };

/** In the page: encrypts at once and as a stream, opens that and ours in both ways, and tries altered ones. */
async function inSecret({ names, plaintext, ours, options: { key, publicKey, privateKey, ...rest } }) {
  const { given } = await import("/given.mjs");
  const keyring = key ? given.rawAesKeyring({ ...names, key: Uint8Array.from(key) }) : given.rawRsaKeyring({ ...names, publicKey, privateKey });
  const client = new given.Client({ keyring, frameLength: 1000, ...rest });
  const bytes = Uint8Array.from(plaintext);
  const through = async (data, pair) => new Uint8Array(await new Response(new Blob([data]).stream().pipeThrough(pair)).arrayBuffer());
  const messages = [await client.encrypt(bytes), await through(bytes, client.encryptStream())];
  const isPlaintext = (opened) => opened.length === bytes.length && opened.every((byte, at) => byte === bytes[at]);
  const refused = [];
  for (const at of [-1, -40, 1500]) {
    const altered = messages[0].slice();
    altered[(at + altered.length) % altered.length] ^= 1;
    refused.push(await client.decrypt(altered).then(() => "opened", ({ code }) => code));
  }
  const opened = [];
  for (const message of [Uint8Array.from(ours), messages[0]]) {
    opened.push(isPlaintext((await client.decrypt(message)).plaintext), isPlaintext(await through(message, client.decryptStream())));
  }
  return { context: [isSecureContext, typeof crypto.subtle], messages: messages.map((message) => [...message]), refused, opened };
}

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
