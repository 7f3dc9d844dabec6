// What each client costs an application, and that it pays for no other.

import assert from "node:assert/strict";
import { dirname } from "node:path";
import { test } from "node:test";
import { brotliCompressSync } from "node:zlib";

import { build } from "esbuild";

import { packageFolder } from "../server/server.mjs";

/** Bytes on the wire that `code` is, and the files in it. */
async function bundle(code) {
  const stdin = { contents: code, resolveDir: dirname(dirname(packageFolder)) };
  const options = { bundle: true, minify: true, format: "esm", platform: "browser", target: "es2022", external: ["*.inline.js"], write: false, metafile: true };
  const { outputFiles, metafile } = await build({ stdin, ...options });
  const files = Object.keys(metafile.inputs).map((path) => path.split("/").pop());
  return { size: brotliCompressSync(outputFiles[0].contents).length, files };
}

const SDK = 'import { Client } from "waxseal"; globalThis.used = [Client];';
const alone = await bundle(SDK);

/** Each client, its most bytes beside the SDK, and the files that only it has. */
for (const [entry, name, most, own] of [
  ["aws", "awsKms", 6_000, ["aws.js", "aws-place.js", "sigv4.js"]],
  ["gcp", "gcpKeyring, gcpKms", 5_500, ["gcp.js", "crc32c.js"]],
  ["azure", "azureKeyring, azureKms", 5_500, ["azure.js"]],
  ["vault", "vaultKeyring, vaultKms", 5_500, ["vault.js"]],
  ["broker", "brokerKms", 4_500, ["broker.js"]],
]) {
  test(`waxseal/${entry} adds at most ${most} bytes`, async (t) => {
    const { size, files } = await bundle(`${SDK} import { ${name} } from "waxseal/${entry}"; globalThis.used.push(${name});`);
    t.diagnostic(`${size - alone.size} bytes of brotli`);
    assert.ok(size - alone.size <= most, `${size - alone.size}`);
    const clients = ["aws", "gcp", "azure", "vault", "broker", "broker-server"].map((name) => `${name}.js`);
    assert.deepEqual(files.filter((file) => clients.includes(file)), own.slice(0, 1));
    for (const file of own) assert.ok(files.includes(file) && !alone.files.includes(file), file);
  });
}
