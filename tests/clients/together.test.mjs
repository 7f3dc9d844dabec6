// One application under each KMS, and messages that several of them can open.

import assert from "node:assert/strict";
import { after, test } from "node:test";

import { KMS } from "@aws-sdk/client-kms";

import { Server, administrator, folder } from "../server/server.mjs";
import { fakeAzure, fakeGoogle } from "./fakes.mjs";
import { openBao } from "./services.mjs";
import {
  Client,
  LocalKms,
  awsKms,
  azureKeyring,
  azureKms,
  bindingOf,
  brokerHandler,
  brokerKms,
  gcpKeyring,
  gcpKms,
  kmsKeyring,
  multiKeyring,
  sessionTokens,
  vaultKeyring,
  vaultKms,
} from "./vendors.mjs";

const TIMEOUT = { timeout: 60_000 };
const CONTEXT = { tenant: "42" };
const down = new Set();
/** `fetch`, unless the vendor is down. */
const reaching = (vendor, send = fetch) => (url, init) => (down.has(vendor) ? Promise.reject(new TypeError("no route to host")) : send(url, init));

/** Where AWS's own SDK finds the key. */
let official;
const keyrings = { aws: await aws(), gcp: await gcp(), azure: await azure(), vault: await vault(), broker: await broker(), embedded: await embedded(), custom: await custom() };

/** All that an application does. */
async function application(keyring) {
  const client = new Client({ keyring });
  const message = await client.encrypt("top secret", { encryptionContext: CONTEXT });
  const opened = await client.decrypt(message, { encryptionContext: CONTEXT });
  assert.equal(opened.text(), "top secret");
  await assert.rejects(client.decrypt(message, { encryptionContext: { tenant: "43" } }), { code: "EncryptionContextMismatch" });
  return opened.header.encryptedDataKeys.map(({ providerId }) => providerId);
}

test("the same code runs under each KMS", TIMEOUT, async () => {
  const providers = {};
  for (const [vendor, keyring] of Object.entries(keyrings)) providers[vendor] = await application(keyring);
  const expected = { aws: "aws-kms", gcp: "waxseal-gcp-kms", azure: "waxseal-azure-key-vault", vault: "waxseal-vault-transit", broker: "waxseal-gcp-kms", embedded: "aws-kms", custom: "aws-kms" };
  assert.deepEqual(providers, Object.fromEntries(Object.entries(expected).map(([vendor, id]) => [vendor, [id]])));
});

test("a message under three vendors opens when any one of them is up", TIMEOUT, async () => {
  const vendors = ["aws", "gcp", "vault"];
  const all = multiKeyring({ generator: keyrings.gcp, children: [keyrings.aws, keyrings.vault] });
  assert.deepEqual(await application(all), ["waxseal-gcp-kms", "aws-kms", "waxseal-vault-transit"]);
  const client = new Client({ keyring: all });
  const message = await client.encrypt("three", { encryptionContext: CONTEXT });
  for (const up of vendors) {
    down.clear();
    vendors.filter((vendor) => vendor !== up).forEach((vendor) => down.add(vendor));
    assert.equal((await client.decrypt(message)).text(), "three");
    // Whoever has the keys of one vendor only needs that one.
    assert.equal((await new Client({ keyring: keyrings[up] }).decrypt(message)).text(), "three");
  }
  vendors.forEach((vendor) => down.add(vendor));
  await assert.rejects(client.decrypt(message), { code: "KmsUnavailable", retryable: true, message: /first of 3 failures/ });
  down.clear();
});

test("an official AWS Encryption SDK opens it by its key of AWS, and passes over the others", TIMEOUT, async () => {
  const { endpoint, keyId, credentials } = official;
  const { accessKeyId: AWS_ACCESS_KEY_ID, secretAccessKey: AWS_SECRET_ACCESS_KEY } = credentials;
  Object.assign(process.env, { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_REGION: "us-east-1", AWS_ENDPOINT_URL_KMS: endpoint });
  const { open, seal } = await import("../server/clients/esdk.mjs");
  const all = multiKeyring({ generator: keyrings.vault, children: [keyrings.gcp, keyrings.aws, keyrings.azure] });
  const message = await new Client({ keyring: all }).encrypt("for everybody", { encryptionContext: CONTEXT });
  for (const discovery of [false, true]) {
    const { plaintext, context } = await open({ key: keyId, message, discovery });
    assert.deepEqual([plaintext.toString(), { ...context }], ["for everybody", CONTEXT]);
  }
  const theirs = await seal({ key: keyId, suite: "0478", plaintext: Buffer.from("theirs"), context: CONTEXT });
  assert.equal((await new Client({ keyring: all }).decrypt(theirs)).text(), "theirs");
});

test("data keys are bound to the bytes that the message has for its context", async () => {
  // In no order; and U+FFFD is before U+1F511 in UTF-8, and after it in JavaScript.
  const context = { b: "2", "\u{1F511}": "key", ab: "", "\uFFFD": "\u0000", a: "1", B: "x".repeat(300) };
  const message = await new Client({ keyring: keyrings.gcp }).encrypt("x", { encryptionContext: context });
  const binding = bindingOf(context);
  assert.ok(binding.length > 300 && Buffer.from(message).includes(binding));
  assert.deepEqual(bindingOf({}), new Uint8Array(0));
  assert.throws(() => bindingOf({ a: "x".repeat(65_536) }), { code: "InvalidInput" });
});

test("a keyring writes no message that it could not open", async () => {
  const sealed = { CiphertextBlob: new Uint8Array(8) };
  for (const [make, keyId, KeyId] of [
    [gcpKeyring, "projects/p/locations/l/keyRings/r/cryptoKeys/k", "projects/p/locations/l/keyRings/r/cryptoKeys/other"],
    [azureKeyring, "https://v.vault.azure.net/keys/k", "https://w.vault.azure.net/keys/k/1"],
    [vaultKeyring, "transit/keys/k", "transit/keys/other"],
  ]) {
    const answered = (KeyId) => ({ encrypt: async () => ({ ...sealed, KeyId }), decrypt: async () => assert.fail() });
    await assert.rejects(new Client({ keyring: make({ kms: answered(KeyId), keyId }) }).encrypt("x"), { code: "KmsUnavailable", message: /was asked for/ });
  }
});

test("each vendor may make the data key that the others wrap", TIMEOUT, async () => {
  for (const [vendor, generator] of Object.entries(keyrings)) {
    const children = Object.entries(keyrings).filter(([other]) => other !== vendor).map(([, keyring]) => keyring);
    assert.equal((await application(multiKeyring({ generator, children }))).length, 7);
  }
});

async function aws() {
  const server = await Server.start({ state: await folder() });
  after(() => server.stop());
  const settings = { endpoint: server.url, region: "us-east-1", credentials: await administrator(server.state) };
  const { KeyMetadata } = await new KMS(settings).createKey({});
  official = { ...settings, keyId: KeyMetadata.Arn };
  return kmsKeyring({ kms: awsKms({ ...settings, fetch: reaching("aws") }), keyId: KeyMetadata.Arn });
}

async function gcp() {
  const google = await fakeGoogle({ token: "t" });
  const keyId = "projects/p/locations/global/keyRings/r/cryptoKeys/k";
  google.createKey(keyId);
  return gcpKeyring({ kms: gcpKms({ token: "t", endpoint: google.url, fetch: reaching("gcp") }), keyId });
}

async function azure() {
  const fake = await fakeAzure({ token: "t", vault: "https://fake.vault.azure.net" });
  return azureKeyring({ kms: azureKms({ token: "t", fetch: reaching("azure", fake.fetch) }), keyId: fake.createKey("k", "RSA") });
}

/** An object that wraps, and makes no data keys. */
async function custom() {
  const kms = await LocalKms.open({ storage: "memory" });
  const { KeyMetadata } = await kms.createKey({});
  const own = { encrypt: (request, how) => kms.encrypt(request, how), decrypt: (request, how) => kms.decrypt(request, how) };
  return kmsKeyring({ kms: own, keyId: KeyMetadata.Arn });
}

/** Google's again, behind a broker: the handler itself, without a network. */
async function broker() {
  const google = await fakeGoogle({ token: "t" });
  const keyId = "projects/p/locations/global/keyRings/r/cryptoKeys/behind-a-broker";
  google.createKey(keyId);
  const tokens = sessionTokens({ key: new Uint8Array(32) });
  const handler = brokerHandler({ kms: gcpKms({ token: "t", endpoint: google.url }), keyIds: [keyId], authenticate: tokens.authenticate });
  const token = () => tokens.issue({ subject: "s", encryptionContext: CONTEXT, once: true });
  return gcpKeyring({ kms: brokerKms({ url: "https://broker.example", token, fetch: (url, init) => handler(new Request(url, init)) }), keyId });
}

async function embedded() {
  const kms = await LocalKms.open({ storage: "memory" });
  const { KeyMetadata } = await kms.createKey({});
  return kmsKeyring({ kms, keyId: KeyMetadata.Arn });
}

async function vault() {
  const bao = await openBao();
  await bao.call("sys/mounts/transit", { type: "transit" });
  await bao.call("transit/keys/k", {});
  return vaultKeyring({ kms: vaultKms({ url: bao.url, token: bao.token, fetch: reaching("vault") }), keyId: "k" });
}
