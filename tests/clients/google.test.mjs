// `waxseal/gcp` and Google's own client on the same Google Cloud KMS.

import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { test } from "node:test";

import { fakeGoogle } from "./fakes.mjs";
import { Client, crc32c, gcpKeyring, gcpKms } from "./vendors.mjs";

const require = createRequire(import.meta.url);
const { KeyManagementServiceClient } = require("@google-cloud/kms");
const { OAuth2Client } = createRequire(require.resolve("@google-cloud/kms"))("google-gax").googleAuthLibrary;
const TIMEOUT = { timeout: 60_000 };
const CONTEXT = { tenant: "42", ключ: "значение" };
/** The context as the header of a message has it. */
const BINDING = Buffer.from("0002" + "0006" + hex("tenant") + "0002" + hex("42") + "0008" + hex("ключ") + "0010" + hex("значение"), "hex");
const KEY = "projects/p-1/locations/europe-west1/keyRings/ring/cryptoKeys/documents";
const token = "a-google-token";

const google = await fakeGoogle({ token });
google.createKey(KEY);
const kms = gcpKms({ token, endpoint: google.url });
const client = new Client({ keyring: gcpKeyring({ kms, keyId: KEY }) });
const authClient = new OAuth2Client();
authClient.setCredentials({ access_token: token });
const theirs = new KeyManagementServiceClient({
  fallback: true,
  protocol: "http",
  apiEndpoint: "127.0.0.1",
  port: Number(new URL(google.url).port),
  authClient,
});

test("what one client wraps, the other unwraps", TIMEOUT, async () => {
  const { Plaintext, CiphertextBlob, KeyId } = await kms.generateDataKey({ KeyId: KEY, NumberOfBytes: 32, EncryptionContext: CONTEXT });
  assert.deepEqual([Plaintext.length, KeyId], [32, KEY]);
  const [opened] = await theirs.decrypt({ name: KEY, ciphertext: CiphertextBlob, additionalAuthenticatedData: BINDING, ciphertextCrc32c: { value: crc32c(CiphertextBlob) } });
  assert.deepEqual([new Uint8Array(opened.plaintext), Number(opened.plaintextCrc32c.value)], [Plaintext, crc32c(Plaintext)]);
  const [sealed] = await theirs.encrypt({ name: KEY, plaintext: Plaintext, additionalAuthenticatedData: BINDING, plaintextCrc32c: { value: crc32c(Plaintext) } });
  assert.equal(sealed.verifiedPlaintextCrc32c, true);
  const again = await kms.decrypt({ KeyId: KEY, CiphertextBlob: new Uint8Array(sealed.ciphertext), EncryptionContext: CONTEXT });
  assert.deepEqual([again.KeyId, again.Plaintext], [KEY, Plaintext]);
  await assert.rejects(theirs.decrypt({ name: KEY, ciphertext: CiphertextBlob, additionalAuthenticatedData: Buffer.from("other") }), /INVALID_ARGUMENT/);
  await assert.rejects(theirs.encrypt({ name: `${KEY}-none`, plaintext: Plaintext }), /NOT_FOUND/);
  // The service finds a checksum that is wrong.
  await assert.rejects(theirs.encrypt({ name: KEY, plaintext: Plaintext, plaintextCrc32c: { value: 1 } }), /INVALID_ARGUMENT/);
});

test("messages, over rotations, and with a version of one's choice", TIMEOUT, async () => {
  const message = await client.encrypt("top secret", { encryptionContext: CONTEXT });
  google.rotate(KEY);
  const { text, header } = await client.decrypt(message, { encryptionContext: CONTEXT }).then((opened) => ({ text: opened.text(), header: opened.header }));
  const [{ providerId, providerInfo }] = header.encryptedDataKeys;
  assert.deepEqual([text, providerId, Buffer.from(providerInfo).toString()], ["top secret", "waxseal-gcp-kms", KEY]);
  const first = new Client({ keyring: gcpKeyring({ kms, keyId: `${KEY}/cryptoKeyVersions/1` }) });
  google.requests.length = 0;
  assert.equal((await client.decrypt(await first.encrypt("by the first"))).text(), "by the first");
  assert.deepEqual(google.requests.map(({ path }) => path), [`/v1/${KEY}/cryptoKeyVersions/1:encrypt`, `/v1/${KEY}:decrypt`]);
});

test("bits that were altered on the way are found, and asked for again", TIMEOUT, async () => {
  let altered = 0;
  google.alter = (answer) => (altered++ === 0 ? { ...answer, plaintextCrc32c: "1", ciphertextCrc32c: "1" } : answer);
  const message = await client.encrypt("x");
  assert.equal(altered, 2);
  altered = 0;
  await client.decrypt(message);
  assert.equal(altered, 2);
  google.alter = ({ verifiedPlaintextCrc32c, ...answer }) => answer;
  await assert.rejects(client.encrypt("x"), { code: "KmsUnavailable", message: /altered on the way/ });
  google.alter = (answer) => answer;
});

test("refusals keep Google's names", TIMEOUT, async () => {
  const { CiphertextBlob } = await kms.generateDataKey({ KeyId: KEY, NumberOfBytes: 32, EncryptionContext: CONTEXT });
  await assert.rejects(kms.decrypt({ KeyId: KEY, CiphertextBlob, EncryptionContext: {} }), { name: "INVALID_ARGUMENT", kind: "invalid" });
  await assert.rejects(kms.generateDataKey({ KeyId: `${KEY}-none`, NumberOfBytes: 32 }), { name: "NOT_FOUND", kind: "not-found" });
  await assert.rejects(gcpKms({ token: "wrong", endpoint: google.url }).decrypt({ KeyId: KEY, CiphertextBlob }), { name: "UNAUTHENTICATED", kind: "denied" });
  google.disable(KEY);
  await assert.rejects(client.encrypt("x"), { code: "KmsDenied", kmsCode: "FAILED_PRECONDITION" });
});

test("names that would lead elsewhere are refused, and nothing is sent", async () => {
  google.requests.length = 0;
  for (const KeyId of ["documents", `${KEY}/../x`, KEY.replace("ring", ".."), `${KEY}?x`, `${KEY}/cryptoKeyVersions/1/x`, `/${KEY}`, 7]) {
    await assert.rejects(kms.generateDataKey({ KeyId, NumberOfBytes: 32 }), { code: "InvalidInput" });
  }
  for (const NumberOfBytes of [0, 1025, undefined, "32"]) await assert.rejects(kms.generateDataKey({ KeyId: KEY, NumberOfBytes }), { code: "InvalidInput" });
  await assert.rejects(kms.encrypt({ KeyId: KEY, Plaintext: new Uint8Array(1), EncryptionContext: { a: 1 } }), { code: "InvalidInput" });
  assert.equal(google.requests.length, 0);
});

function hex(text) {
  return Buffer.from(text).toString("hex");
}
