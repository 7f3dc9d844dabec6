// `waxseal/azure` and Azure's own client on the same Key Vault.

import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { test } from "node:test";

import { fakeAzure } from "./fakes.mjs";
import { Client, azureKeyring, azureKms } from "./vendors.mjs";

const require = createRequire(import.meta.url);
const { CryptographyClient } = require("@azure/keyvault-keys");
const { createDefaultHttpClient } = createRequire(require.resolve("@azure/keyvault-keys"))("@azure/core-rest-pipeline");
const TIMEOUT = { timeout: 60_000 };
const CONTEXT = { tenant: "42", ключ: "значение" };
const token = "an-azure-token";

const azure = await fakeAzure({ token, vault: "https://fake.vault.azure.net" });
const kmsOf = (algorithm) => azureKms({ token, algorithm, fetch: azure.fetch });

/** Azure's client, whose requests go where the name leads. */
function official(kid) {
  const plain = createDefaultHttpClient();
  const httpClient = { sendRequest: (request) => plain.sendRequest({ ...request, url: request.url.replace(azure.vault, azure.url), allowInsecureConnection: true }) };
  const credential = { getToken: async () => ({ token, expiresOnTimestamp: Date.now() + 3_600_000 }) };
  return new CryptographyClient(kid, credential, { httpClient, retryOptions: { maxRetries: 0 } });
}

for (const [algorithm, kind] of [["RSA-OAEP-256", "RSA"], ["A256KW", "AES"], ["A256GCM", "AES"]]) {
  const kid = azure.createKey(`key-of-${algorithm}`, kind);
  const theirs = official(kid);
  const kms = kmsOf(algorithm);
  const isAuthenticated = algorithm === "A256GCM";

  test(`${algorithm}: what one client wraps, the other unwraps`, TIMEOUT, async () => {
    const { Plaintext, CiphertextBlob, KeyId } = await kms.generateDataKey({ KeyId: kid, NumberOfBytes: 32, EncryptionContext: CONTEXT });
    assert.deepEqual([Plaintext.length, KeyId], [32, kid]);
    const blob = Buffer.from(CiphertextBlob);
    if (!isAuthenticated) {
      const { result } = await theirs.unwrapKey(algorithm, blob);
      assert.deepEqual(new Uint8Array(result), Plaintext);
      const sealed = await theirs.wrapKey(algorithm, Plaintext);
      assert.deepEqual((await kms.decrypt({ KeyId: kid, CiphertextBlob: sealed.result })).Plaintext, Plaintext);
      return;
    }
    const additionalAuthenticatedData = azureAad(CONTEXT);
    const parts = { iv: blob.subarray(0, 12), ciphertext: blob.subarray(12, -16), authenticationTag: blob.subarray(-16) };
    const { result } = await theirs.decrypt({ algorithm, ...parts, additionalAuthenticatedData });
    assert.deepEqual(new Uint8Array(result), Plaintext);
    await assert.rejects(theirs.decrypt({ algorithm, ...parts }), { statusCode: 400 });
    const sealed = await theirs.encrypt({ algorithm, plaintext: Plaintext, additionalAuthenticatedData });
    const joined = Buffer.concat([sealed.iv, sealed.result, sealed.authenticationTag]);
    assert.deepEqual((await kms.decrypt({ KeyId: kid, CiphertextBlob: joined, EncryptionContext: CONTEXT })).Plaintext, Plaintext);
    await assert.rejects(kms.decrypt({ KeyId: kid, CiphertextBlob: joined, EncryptionContext: {} }), { name: "BadParameter", kind: "invalid" });
  });

  test(`${algorithm}: messages name the version, and open after a rotation`, TIMEOUT, async () => {
    const keyId = kid.split("/").slice(0, -1).join("/");
    const client = new Client({ keyring: azureKeyring({ kms, keyId }) });
    const message = await client.encrypt("top secret", { encryptionContext: CONTEXT });
    const rotated = azure.createKey(`key-of-${algorithm}`, kind);
    const { header, ...opened } = await client.decrypt(message, { encryptionContext: CONTEXT });
    const [{ providerId, providerInfo }] = header.encryptedDataKeys;
    assert.deepEqual([Buffer.from(opened.plaintext).toString(), providerId, Buffer.from(providerInfo).toString()], ["top secret", "waxseal-azure-key-vault", kid]);
    const later = await client.decrypt(await client.encrypt("later"));
    assert.equal(Buffer.from(later.header.encryptedDataKeys[0].providerInfo).toString(), rotated);
    // A keyring of one version has nothing to do with others.
    const pinned = new Client({ keyring: azureKeyring({ kms, keyId: rotated }) });
    azure.requests.length = 0;
    await assert.rejects(pinned.decrypt(message), { code: /InvalidInput|DecryptionFailed/ });
    assert.equal(azure.requests.length, 0);
  });
}

test("RSA binds no context at Azure, but the message does", TIMEOUT, async () => {
  const keyId = azure.createKey("unbound", "RSA");
  const kms = kmsOf();
  const { CiphertextBlob, Plaintext } = await kms.generateDataKey({ KeyId: keyId, NumberOfBytes: 32, EncryptionContext: CONTEXT });
  assert.deepEqual((await kms.decrypt({ KeyId: keyId, CiphertextBlob, EncryptionContext: { other: "1" } })).Plaintext, Plaintext);
  const client = new Client({ keyring: azureKeyring({ kms, keyId }) });
  const message = await client.encrypt("x", { encryptionContext: CONTEXT });
  const at = Buffer.from(message).indexOf("42");
  message[at] ^= 1;
  await assert.rejects(client.decrypt(message), { code: "DecryptionFailed" });
});

test("refusals keep Azure's names", TIMEOUT, async () => {
  const kid = azure.createKey("refusals", "RSA");
  const kms = kmsOf();
  const ask = (KeyId, by = kms) => by.generateDataKey({ KeyId, NumberOfBytes: 32 });
  await assert.rejects(ask(kid.replace("refusals", "none")), { name: "KeyNotFound", kind: "not-found", requestId: "azure-request" });
  await assert.rejects(ask(kid, kmsOf("A256KW")), { name: "BadParameter", kind: "invalid" });
  await assert.rejects(ask(kid, azureKms({ token: "wrong", fetch: azure.fetch })), { name: "Unauthorized", kind: "denied" });
  azure.disable(kid);
  await assert.rejects(ask(kid), { name: "KeyDisabled", kind: "disabled" });
});

test("what is no identifier of a key is refused, and nothing is sent", async () => {
  const kms = azureKms({ token, fetch: () => assert.fail("nothing is sent") });
  for (const KeyId of ["https://fake.vault.azure.net", "https://user@fake.vault.azure.net/keys/a", "ftp://fake/keys/a", "https://fake/keys/../a", "https://fake/keys/a/b/c", "https://fake?x=/keys/a"]) {
    await assert.rejects(kms.generateDataKey({ KeyId, NumberOfBytes: 32 }), { code: "InvalidInput" }, KeyId);
  }
  await assert.rejects(kms.decrypt({ KeyId: "https://fake.vault.azure.net/keys/a", CiphertextBlob: new Uint8Array(256) }), { code: "InvalidInput", message: /no version/ });
  assert.throws(() => azureKms({ token, algorithm: "RSA1_5" }), { code: "InvalidInput" });
  assert.throws(() => azureKms({ token, algorithm: "toString" }), { code: "InvalidInput" });
});

function azureAad(context) {
  const two = (number) => Buffer.of(number >> 8, number & 255);
  const pairs = Object.entries(context).flatMap((pair) => pair.flatMap((text) => [two(Buffer.byteLength(text)), Buffer.from(text)]));
  return Buffer.concat([two(Object.keys(context).length), ...pairs]);
}
