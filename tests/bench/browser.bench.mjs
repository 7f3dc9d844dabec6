// waxseal beside the official AWS Encryption SDK for browsers, in Chromium, and how long the first call takes after the import.
// `cargo xtask bench` runs it with WAXSEAL_TARBALL set to the packed npm package, and CHROMIUM to the browser.

import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { build } from "../node_modules/esbuild/lib/main.js";
import { inChromium } from "./in-chromium.mjs";
import { folder } from "./installed.mjs";

// It needs Node's Buffer, which has to be there before it is loaded.
const OFFICIAL = `
import { Buffer } from "buffer";
globalThis.Buffer = Buffer;
const aws = await import("@aws-crypto/client-browser");
const key = new Uint8Array(32).fill(7);
const algorithms = aws.AlgorithmSuiteIdentifier;
const suites = {
  committing: algorithms.ALG_AES256_GCM_IV12_TAG16_HKDF_SHA512_COMMIT_KEY,
  "committing-signed": algorithms.ALG_AES256_GCM_IV12_TAG16_HKDF_SHA512_COMMIT_KEY_ECDSA_P384,
};
const wrappingSuite = aws.RawAesWrappingSuiteIdentifier.AES256_GCM_IV12_TAG16_NO_PADDING;
const masterKey = await aws.RawAesKeyringWebCrypto.importCryptoKey(key, wrappingSuite);
const keyring = new aws.RawAesKeyringWebCrypto({ keyName: "key", keyNamespace: "bench", masterKey, wrappingSuite });
const client = aws.buildClient(aws.CommitmentPolicy.REQUIRE_ENCRYPT_REQUIRE_DECRYPT);
export const official = {
  async encrypt(plaintext, { suite, frameLength, context }) {
    return (await client.encrypt(keyring, plaintext, { suiteId: suites[suite], frameLength, encryptionContext: context })).result;
  },
  async decrypt(message) {
    return (await client.decrypt(keyring, message)).plaintext;
  },
};
`;

const resolveDir = fileURLToPath(new URL("browser", import.meta.url));
const options = { bundle: true, format: "esm", platform: "browser", target: "es2022", logLevel: "silent", define: { global: "globalThis" } };
await build({ ...options, stdin: { contents: OFFICIAL, resolveDir }, outfile: join(folder, "official.mjs") });

await inChromium(async (say) => {
  const start = performance.now();
  const waxseal = await import("waxseal");
  const imported = performance.now();
  const keyring = waxseal.rawAesKeyring({ namespace: "bench", name: "key", key: new Uint8Array(32).fill(7) });
  await new waxseal.Client({ keyring }).encrypt("x");
  say(`cold: import ${(imported - start).toFixed(1)} ms, first encrypt ${(performance.now() - imported).toFixed(1)} ms`);
  const [{ official }, { compare }] = await Promise.all([import("/official.mjs"), import("/messages/cells.mjs")]);
  await compare({ waxseal, official, say });
});
