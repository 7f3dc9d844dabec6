// `waxseal/vault` on OpenBao itself, and two clients of others on the same keys.

import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { test } from "node:test";

import { openBao, pythonScript } from "./services.mjs";
import { Client, vaultKeyring, vaultKms } from "./vendors.mjs";

const nodeVault = createRequire(import.meta.url)("node-vault");
const TIMEOUT = { timeout: 60_000 };
const CONTEXT = { tenant: "42", ключ: "значение" };
const bao = await openBao();
await bao.call("sys/mounts/transit", { type: "transit" });
await bao.call("sys/mounts/teams/keys-of-team", { type: "transit" });
for (const [path, more] of [["transit/keys/documents"], ["transit/keys/derived", { derived: true }], ["teams/keys-of-team/keys/documents"]]) {
  await bao.call(path, { type: "aes256-gcm96", ...more });
}
const common = { url: bao.url, token: bao.token };
const kms = vaultKms(common);
const base64 = (bytes) => Buffer.from(bytes).toString("base64");

test("what one client wraps, the others unwrap", TIMEOUT, async () => {
  const other = nodeVault({ endpoint: bao.url, token: bao.token });
  for (const [encryptionContext, context] of [[CONTEXT, binding(CONTEXT)], [{}, ""]]) {
    const { Plaintext, CiphertextBlob, KeyId } = await kms.generateDataKey({ KeyId: "documents", NumberOfBytes: 32, EncryptionContext: encryptionContext });
    assert.deepEqual([Plaintext.length, KeyId], [32, "transit/keys/documents"]);
    const ciphertext = Buffer.from(CiphertextBlob).toString();
    const bound = context && { associated_data: context };
    const opened = await other.decryptData({ name: "documents", ciphertext, ...bound });
    assert.equal(opened.data.plaintext, base64(Plaintext));
    const question = { ...common, mount: "transit", name: "documents", context, ciphertext, plaintext: base64(Plaintext) };
    const answer = JSON.parse(await pythonScript("transit.py", JSON.stringify(question)));
    assert.equal(answer.plaintext, base64(Plaintext));
    const theirs = await kms.decrypt({ KeyId, CiphertextBlob: Buffer.from(answer.ciphertext), EncryptionContext: encryptionContext });
    assert.deepEqual(theirs.Plaintext, Plaintext);
  }
});

test("messages, over rotations, from every mount and namespace", TIMEOUT, async () => {
  await bao.call("sys/namespaces/team", {});
  await bao.call("sys/mounts/transit", { type: "transit" }, { "x-vault-namespace": "team" });
  await bao.call("transit/keys/documents", { type: "chacha20-poly1305" }, { "x-vault-namespace": "team" });
  for (const [options, info] of [
    [{}, "transit/keys/documents"],
    [{ mount: "teams/keys-of-team" }, "teams/keys-of-team/keys/documents"],
    [{ namespace: "team/" }, "team/transit/keys/documents"],
  ]) {
    const keyring = vaultKeyring({ kms: vaultKms({ ...common, ...options }), keyId: "documents" });
    const client = new Client({ keyring });
    const message = await client.encrypt("top secret", { encryptionContext: CONTEXT });
    const headers = options.namespace && { "x-vault-namespace": options.namespace };
    await bao.call(`${options.mount ?? "transit"}/keys/documents/rotate`, {}, headers);
    const { header, plaintext } = await client.decrypt(message, { encryptionContext: CONTEXT });
    const [{ providerId, providerInfo }] = header.encryptedDataKeys;
    assert.deepEqual([Buffer.from(plaintext).toString(), providerId, Buffer.from(providerInfo).toString()], ["top secret", "waxseal-vault-transit", info]);
  }
});

test("a derived key is derived from the encryption context", TIMEOUT, async () => {
  const derived = vaultKms({ ...common, derived: true });
  const { Plaintext, CiphertextBlob } = await derived.generateDataKey({ KeyId: "derived", NumberOfBytes: 16, EncryptionContext: CONTEXT });
  const opened = await bao.call("transit/decrypt/derived", { ciphertext: Buffer.from(CiphertextBlob).toString(), context: binding(CONTEXT) });
  assert.equal(opened.data.plaintext, base64(Plaintext));
  assert.deepEqual((await derived.decrypt({ KeyId: "derived", CiphertextBlob, EncryptionContext: CONTEXT })).Plaintext, Plaintext);
  await assert.rejects(derived.decrypt({ KeyId: "derived", CiphertextBlob, EncryptionContext: { tenant: "43" } }), { kind: "invalid" });
  await assert.rejects(derived.generateDataKey({ KeyId: "derived", NumberOfBytes: 16 }), { code: "InvalidInput", message: /needs an encryption context/ });
  const client = new Client({ keyring: vaultKeyring({ kms: derived, keyId: "derived" }) });
  const message = await client.encrypt("x", { encryptionContext: CONTEXT });
  assert.equal((await client.decrypt(message)).text(), "x");
});

test("refusals", TIMEOUT, async () => {
  const { CiphertextBlob } = await kms.generateDataKey({ KeyId: "documents", NumberOfBytes: 32, EncryptionContext: CONTEXT });
  const open = (request, by = kms) => by.decrypt({ KeyId: "documents", CiphertextBlob, EncryptionContext: CONTEXT, ...request });
  assert.equal((await open({})).Plaintext.length, 32);
  await assert.rejects(open({ EncryptionContext: { tenant: "43" } }), { kind: "invalid", vendorCode: "HTTP 400" });
  await assert.rejects(open({ KeyId: "none" }), { kind: "not-found" });
  await assert.rejects(open({}, vaultKms({ ...common, mount: "nowhere" })), { kind: /not-found|denied/ });
  await assert.rejects(open({}, vaultKms({ ...common, token: "wrong" })), { kind: "denied", message: /permission denied/ });
  await bao.call("transit/keys/documents/rotate", {});
  await bao.call("transit/keys/documents/config", { min_decryption_version: 2 });
  const latest = (await bao.call("transit/keys/documents")).data.latest_version;
  await bao.call("transit/keys/documents/config", { min_decryption_version: latest });
  await assert.rejects(open({}), { kind: "disabled", message: /too old/ });
  await bao.call("transit/keys/documents/config", { min_decryption_version: 1 });
  // A policy that lets wrap and not unwrap.
  await bao.call("sys/policies/acl/wrap", { policy: 'path "transit/encrypt/documents" { capabilities = ["update"] }' });
  const { auth } = await bao.call("auth/token/create", { policies: ["wrap"] });
  const limited = vaultKms({ ...common, token: () => ({ token: auth.client_token, expires: new Date(Date.now() + 1e6) }) });
  assert.ok(await limited.generateDataKey({ KeyId: "documents", NumberOfBytes: 32, EncryptionContext: CONTEXT }));
  await assert.rejects(open({}, limited), { kind: "denied" });
});

test("names that would lead elsewhere are refused, and nothing is sent", async () => {
  const never = vaultKms({ ...common, fetch: () => assert.fail("nothing is sent") });
  for (const KeyId of ["..", "a/b", "a?b", "other/keys/documents", "", "a b", "transit/keys/../../sys/seal"]) {
    await assert.rejects(never.decrypt({ KeyId, CiphertextBlob: Buffer.from("vault:v1:AAAA") }), { code: "InvalidInput" }, KeyId);
  }
  await assert.rejects(never.decrypt({ KeyId: "a", CiphertextBlob: Buffer.from("vault:v1:<>") }), { code: "InvalidInput" });
  for (const mount of ["", "../sys", "a//b", "a?b"]) assert.throws(() => vaultKms({ ...common, mount }), { code: "InvalidInput" });
});

/** The context as the header of a message has it. */
function binding(context) {
  const two = (number) => Buffer.of(number >> 8, number & 255);
  const pairs = Object.entries(context).flatMap((pair) => pair.flatMap((text) => [two(Buffer.byteLength(text)), Buffer.from(text)]));
  return Buffer.concat([two(Object.keys(context).length), ...pairs]).toString("base64");
}
