// The official AWS Encryption SDK for browsers, bundled for a page, in the folder of the installed package: `/official.mjs`.

import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { build } from "../node_modules/esbuild/lib/main.js";
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
const cache = aws.getLocalCryptographicMaterialsCache(100);
const manager = new aws.WebCryptoCachingMaterialsManager({ backingMaterials: keyring, cache, maxAge: 3_600_000 });
export const official = {
  async encrypt(plaintext, { suite, frameLength, context, cached }) {
    return (await client.encrypt(cached ? manager : keyring, plaintext, { suiteId: suites[suite], frameLength, encryptionContext: context })).result;
  },
  async decrypt(message, { cached }) {
    return (await client.decrypt(cached ? manager : keyring, message)).plaintext;
  },
};
`;

const resolveDir = fileURLToPath(new URL("browser", import.meta.url));
const options = { bundle: true, minify: true, format: "esm", platform: "browser", target: "es2022", logLevel: "silent", define: { global: "globalThis" } };
await build({ ...options, stdin: { contents: OFFICIAL, resolveDir }, outfile: join(folder, "official.mjs") });
