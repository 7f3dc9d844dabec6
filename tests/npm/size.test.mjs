// What a page downloads that encrypts and decrypts: the files Chromium asks for, each as brotli makes it, summed and held against a budget.

import assert from "node:assert/strict";
import { cp, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, test } from "node:test";
import { brotliCompressSync } from "node:zlib";

import { build } from "esbuild";

import { chromium } from "./chromium.mjs";
import { project } from "./package.mjs";

/** Bytes, JavaScript and WebAssembly together. */
const BUDGET = 45_000;
const TIMEOUT = { timeout: 60_000 };
const folder = await project(after);
const open = await chromium(folder, after);

/** A page's script with these parts of the package, in a folder of its own: scripts that are bundled together would share more than they need. */
async function bundle(outdir, parts) {
  await writeFile(join(folder, "page.mjs"), `export { ${parts} } from "waxseal";`);
  const options = { bundle: true, splitting: true, minify: true, format: "esm", target: "es2022", logLevel: "silent" };
  await build({ ...options, absWorkingDir: folder, entryPoints: ["page.mjs"], outdir });
}

await bundle("bundled", "Client, kmsKeyring, rawAesKeyring");
await bundle("bundled-rsa", "Client, rawRsaKeyring");
// esbuild ships no file that `new URL` names; this is where a bundler that does would have the page find it.
for (const name of ["sdk.wasm", "sdk-full.wasm"]) await cp(join(folder, "node_modules/waxseal/dist", name), join(folder, "dist", name));

/** Opens a page and says what it has asked for since the last time it was looked: path and size on the wire. */
async function watched(options) {
  const { page } = await open(options);
  let asked = [];
  page.on("response", (response) => response.ok() && asked.push(new URL(response.url()).pathname));
  const downloaded = async () => {
    const parts = await Promise.all(asked.map(async (path) => [path, brotliCompressSync(await readFile(join(folder, path))).length]));
    asked = [];
    return parts;
  };
  return { page, downloaded };
}

/** A message of each keyring, there and back. */
const roundTrips = (page, options) =>
  page.evaluate(async (options) => {
    const { Client, kmsKeyring, rawAesKeyring } = await import("/bundled/page.js");
    const onEvent = options?.traced ? () => {} : undefined;
    // A KMS of AWS's shape: it wraps by turning every bit over.
    const [KeyId, turned] = ["arn:aws:kms:eu-west-1:111122223333:key/1", (bytes) => bytes.map((byte) => ~byte)];
    const kms = {
      async generateDataKey({ NumberOfBytes }) {
        const Plaintext = crypto.getRandomValues(new Uint8Array(NumberOfBytes));
        return { KeyId, Plaintext, CiphertextBlob: turned(Plaintext) };
      },
      encrypt: async ({ Plaintext }) => ({ KeyId, CiphertextBlob: turned(Plaintext) }),
      decrypt: async ({ CiphertextBlob }) => ({ KeyId, Plaintext: turned(CiphertextBlob) }),
    };
    const raw = rawAesKeyring({ namespace: "tests", name: "size", key: new Uint8Array(32).fill(7) });
    const texts = [];
    for (const keyring of [raw, kmsKeyring({ kms, keyId: KeyId })]) {
      const client = new Client({ keyring, onEvent, suite: options?.suite });
      const message = await client.encrypt("top secret", { encryptionContext: { tenant: "42" } });
      texts.push((await client.decrypt(message, { encryptionContext: { tenant: "42" } })).text());
    }
    return texts;
  }, options);

function sum(title, parts) {
  const total = parts.reduce((sum, [, bytes]) => sum + bytes, 0);
  console.log(`${title}: ${total} bytes of brotli\n${parts.map(([path, bytes]) => `  ${String(bytes).padStart(7)}  ${path}`).join("\n")}`);
  return total;
}

test(`a page that encrypts and decrypts downloads at most ${BUDGET} bytes`, TIMEOUT, async () => {
  const { page, downloaded } = await watched();
  assert.deepEqual(await roundTrips(page), ["top secret", "top secret"]);
  const parts = await downloaded();
  assert.deepEqual(parts.filter(([path]) => path.endsWith(".wasm")).map(([path]) => path), ["/dist/sdk.wasm"]);
  const total = sum("a page that encrypts and decrypts", parts);
  assert.deepEqual(await roundTrips(page, { suite: "committing-signed" }), ["top secret", "top secret"]);
  sum("signed suites add", await downloaded());
  assert.ok(total <= BUDGET, `${total} bytes are more than ${BUDGET}`);
});

test("RSA keys add a little JavaScript, and with PKCS#1 v1.5 the full module", TIMEOUT, async () => {
  const { page, downloaded } = await watched();
  const roundTrip = (isOld) =>
    page.evaluate(async (isOld) => {
      const { Client, rawRsaKeyring } = await import("/bundled-rsa/page.js");
      const algorithm = { name: "RSA-OAEP", modulusLength: 2048, publicExponent: new Uint8Array([1, 0, 1]), hash: "SHA-256" };
      const pair = await crypto.subtle.generateKey(algorithm, true, ["encrypt", "decrypt"]);
      const [publicKey, privateKey] = await Promise.all([["spki", pair.publicKey], ["pkcs8", pair.privateKey]].map((each) => crypto.subtle.exportKey(...each)));
      const names = { namespace: "tests", name: "size" };
      const message = await new Client({ keyring: rawRsaKeyring({ ...names, publicKey: new Uint8Array(publicKey) }) }).encrypt("top secret");
      const reading = { ...names, privateKey: new Uint8Array(privateKey), dangerPkcs1v15DecryptOnly: isOld };
      return new Client({ keyring: rawRsaKeyring(reading) }).decrypt(message).then((opened) => opened.text(), ({ code }) => code);
    }, isOld);
  assert.equal(await roundTrip(false), "top secret");
  const parts = await downloaded();
  sum("a page with an RSA keyring", parts);
  assert.deepEqual(parts.filter(([path]) => path.endsWith(".wasm")).map(([path]) => path), ["/dist/sdk.wasm"]);
  assert.equal(await roundTrip(true), "DecryptionFailed");
  assert.ok((await downloaded()).some(([path]) => path === "/dist/sdk-full.wasm"), "WebCrypto has no PKCS#1 v1.5");
});

test("a trace adds the full module, and the small one is not downloaded for it", TIMEOUT, async () => {
  const { page, downloaded } = await watched();
  assert.deepEqual(await roundTrips(page, { traced: true }), ["top secret", "top secret"]);
  const parts = await downloaded();
  sum("a page with a trace", parts);
  assert.deepEqual(parts.filter(([path]) => path.endsWith(".wasm")).map(([path]) => path), ["/dist/sdk-full.wasm"]);
});

test("without the .wasm files the same page works, and downloads scripts in their place", TIMEOUT, async () => {
  const { page, downloaded } = await watched({ wasm: (response) => response.writeHead(404).end() });
  assert.deepEqual(await roundTrips(page), ["top secret", "top secret"]);
  sum("with the module in a script", await downloaded());
  assert.deepEqual(await roundTrips(page, { traced: true }), ["top secret", "top secret"]);
  sum("a trace adds, in a script", await downloaded());
});
