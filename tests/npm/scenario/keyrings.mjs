// The keyrings beyond those of one KMS key, of one AES key and of RSA keys: each both ways, and what it does not open.

import { assert, equal, fails, includes, same, zeros } from "../checks.mjs";
import { cryptoKeys, rsaPair } from "./rsa-keyrings.mjs";
import { decryptUnder, encryptUnder, flipped, inRegion, position, spy, world } from "./world.mjs";

const [US, EU] = ["us-east-1", "eu-west-1"];

/** A KMS with a multi-Region key, its replica, and a key of the first region only. */
async function regions(given) {
  const { kms, keyId: single } = await world(given);
  const primary = (await kms.createKey({ MultiRegion: true })).KeyMetadata.Arn;
  const replica = (await kms.replicateKey({ KeyId: primary, ReplicaRegion: EU })).ReplicaKeyMetadata.Arn;
  return { kms, single, primary, replica, eu: inRegion(kms, EU) };
}

/** A store of branch keys; `asked` has what it was asked for. */
function branchKeyStore() {
  const versions = [];
  const asked = [];
  const about = ({ branchKeyId }) => versions.filter(({ id }) => id === branchKeyId);
  return {
    asked,
    add: (id, made) => versions.push({ id, ...made }),
    async active(request) {
      asked.push(["active", request.branchKeyId]);
      return about(request).at(-1)?.activeRecord;
    },
    async version(request) {
      asked.push(["version", request.branchKeyId]);
      return about(request).find(({ version }) => version === request.version)?.versionRecord;
    },
  };
}

/** A KMS that counts, a store with one branch key per tenant, and a way to add versions. */
async function branches(given, tenants = ["42"]) {
  const { kms, keyId } = await world(given);
  const [own, store] = [spy(kms), branchKeyStore()];
  const rotate = async (tenant) => {
    const made = await given.makeBranchKey({ kms, keyArn: keyId, branchKeyId: `tenant ${tenant}`, tableName: "branch keys" });
    store.add(`tenant ${tenant}`, made);
    return made;
  };
  for (const tenant of tenants) await rotate(tenant);
  const keyring = (more) => given.hierarchicalKeyring({ kms: own, keyArn: keyId, store, branchKeyId: "tenant 42", ...more });
  return { kms, keyId, own, store, rotate, keyring };
}

export const keyrings = {
  async "a discovery keyring opens what any key wrapped, and encrypts nothing"(given) {
    const { kmsKeyring, kmsDiscoveryKeyring } = given;
    const { kms, keyId } = await world(given);
    const message = await encryptUnder(given, kmsKeyring({ kms, keyId }));
    const own = spy(kms);
    equal(await decryptUnder(given, kmsDiscoveryKeyring({ kms: { decrypt: own.decrypt } }), message), "top secret");
    equal(own.seen.calls[0].request.KeyId, keyId);
    zeros(own.seen.plaintexts[0], "the data key that the KMS returned is overwritten");
    const refused = await fails(encryptUnder(given, kmsDiscoveryKeyring({ kms })));
    equal(refused.code, "InvalidInput");
    includes(refused.message, "only decrypts");
  },

  async "a discovery keyring asks nobody about keys beyond its limits"(given) {
    const { kmsKeyring, kmsDiscoveryKeyring, mrkDiscoveryKeyring } = given;
    const { kms, keyId } = await world(given);
    const message = await encryptUnder(given, kmsKeyring({ kms, keyId }));
    const own = spy(kms);
    const open = (limits) => decryptUnder(given, kmsDiscoveryKeyring({ kms: own, ...limits }), message);
    for (const limits of [{ accounts: ["444455556666"] }, { accounts: ["111122223333"], partition: "aws-cn" }]) {
      const error = await fails(open(limits));
      equal(error.code, "InvalidInput");
      includes(error.message, "not for this keyring");
    }
    const elsewhere = mrkDiscoveryKeyring({ kms: own, region: US, accounts: ["444455556666"] });
    equal((await fails(decryptUnder(given, elsewhere, message))).code, "InvalidInput");
    equal(own.seen.calls.length, 0);
    equal(await open({ accounts: ["444455556666", "111122223333"] }), "top secret");
    equal(await open({ accounts: ["111122223333"], partition: "aws" }), "top secret");
    equal((await fails(open({ accounts: [] }))).code, "InvalidInput");
  },

  async "a function finds the KMS of each region, or none"(given) {
    const { kmsKeyring, kmsDiscoveryKeyring, multiKeyring } = given;
    const { kms, single, replica, eu } = await regions(given);
    const both = multiKeyring({ generator: kmsKeyring({ kms: eu, keyId: replica }), children: [kmsKeyring({ kms, keyId: single })] });
    const message = await encryptUnder(given, both);
    const asked = [];
    const open = (find) => decryptUnder(given, kmsDiscoveryKeyring({ kms: (region) => (asked.push(region), find(region)) }), message);
    equal(await open((region) => ({ [EU]: eu, [US]: kms })[region]), "top secret");
    same(asked, [EU]);
    equal(await open(async (region) => (region === US ? kms : undefined)), "top secret");
    same(asked, [EU, EU, US]);
    equal((await fails(open(() => null))).code, "InvalidInput");
    const broken = new Error("no such region");
    const error = await fails(open(() => { throw broken; }));
    equal(error.code, "KmsUnavailable");
    equal(error.cause, broken);
    const useless = await fails(open(() => ({ send() {} })));
    equal(useless.code, "InvalidInput");
    includes(useless.message, "no method `decrypt`");
  },

  async "a replica opens what another key of its multi-Region key wrapped, for those who are aware"(given) {
    const { kmsKeyring, mrkDiscoveryKeyring, mrkKeyring } = given;
    const { kms, single, primary, replica, eu } = await regions(given);
    const message = await encryptUnder(given, mrkKeyring({ kms, keyId: primary }));
    const seen = [];
    const watched = inRegion(kms, EU, seen);
    equal(await decryptUnder(given, mrkKeyring({ kms: watched, keyId: replica }), message), "top secret");
    equal(await decryptUnder(given, mrkDiscoveryKeyring({ kms: watched, region: EU }), message), "top secret");
    same(seen, [`${EU} ${replica}`, `${EU} ${replica}`]);
    const back = await encryptUnder(given, mrkKeyring({ kms: eu, keyId: replica }));
    equal(await decryptUnder(given, mrkKeyring({ kms, keyId: primary }), back), "top secret");
    includes((await fails(decryptUnder(given, kmsKeyring({ kms: eu, keyId: replica }), message))).message, "not for this keyring");
    const here = await encryptUnder(given, kmsKeyring({ kms, keyId: single }));
    includes((await fails(decryptUnder(given, mrkDiscoveryKeyring({ kms: eu, region: EU }), here))).message, "not for this keyring");
  },

  async "one multi-Region key twice in a multi-keyring is refused"(given) {
    const { kms, primary, replica, eu } = await regions(given);
    const { mrkKeyring, multiKeyring } = given;
    const twice = multiKeyring({ generator: mrkKeyring({ kms, keyId: primary }), children: [mrkKeyring({ kms: eu, keyId: replica })] });
    const error = await fails(encryptUnder(given, twice));
    equal(error.code, "InvalidInput");
    includes(error.message, "same multi-Region key");
  },

  async "bad keys and options of keyrings are refused, at once or at the first use"(given) {
    const { hierarchicalKeyring, kmsDiscoveryKeyring, mrkDiscoveryKeyring, mrkKeyring, rawRsaKeyring } = given;
    const { kms, keyId } = await world(given);
    const { publicKey, privateKey } = await rsaPair();
    const names = { namespace: "tests", name: "n" };
    const store = branchKeyStore();
    const branch = { kms, keyArn: keyId, store, branchKeyId: "b" };
    const atOnce = {
      "publicKey to encrypt": () => rawRsaKeyring(names),
      "neither PEM": () => rawRsaKeyring({ ...names, publicKey: {} }),
      "is not a hash of OAEP": () => rawRsaKeyring({ ...names, publicKey, hash: "SHA-3" }),
      "is reserved": () => rawRsaKeyring({ ...names, namespace: "aws-kms", publicKey }),
      "of the type private": async () => rawRsaKeyring({ ...names, publicKey: (await cryptoKeys(["encrypt", "decrypt"])).privateKey }),
      "for RSA-PSS; it has to be one for RSA-OAEP": async () => rawRsaKeyring({ ...names, ...(await cryptoKeys(["sign", "verify"], { name: "RSA-PSS" })) }),
      "with the usages []": async () => rawRsaKeyring({ ...names, publicKey: (await cryptoKeys(["decrypt"])).publicKey }),
      "of 1024 bits": async () => rawRsaKeyring({ ...names, ...(await cryptoKeys(["encrypt", "decrypt"], { modulusLength: 1024 })) }),
      "for OAEP with SHA-256, and not with SHA-1": async () => rawRsaKeyring({ ...names, hash: "SHA-1", ...(await cryptoKeys(["encrypt", "decrypt"])) }),
      "WebCrypto has no PKCS#1 v1.5": async () => {
        const { privateKey } = await cryptoKeys(["encrypt", "decrypt"]);
        return rawRsaKeyring({ ...names, privateKey, dangerPkcs1v15DecryptOnly: true });
      },
      "half of a surrogate pair": () => rawRsaKeyring({ ...names, name: "\ud800", publicKey }),
      "no option `pem`": () => rawRsaKeyring({ ...names, pem: "" }),
      "no method `decrypt`": () => kmsDiscoveryKeyring({ kms: {} }),
      "no method `encrypt`": () => mrkKeyring({ kms: { decrypt() {} }, keyId }),
      "limits nothing without accounts": () => kmsDiscoveryKeyring({ kms, partition: "aws" }),
      "region is not": () => mrkDiscoveryKeyring({ kms }),
      "accounts[0] is not": () => mrkDiscoveryKeyring({ kms, region: US, accounts: [7] }),
      "store has no method `version`": () => hierarchicalKeyring({ ...branch, store: { active() {} } }),
      "branchKeyId is not": () => hierarchicalKeyring({ ...branch, branchKeyId: "" }),
      "maxAge of the cache": () => hierarchicalKeyring({ ...branch, cache: {} }),
      "capacity of the cache": () => hierarchicalKeyring({ ...branch, cache: { maxAge: 1, capacity: 0 } }),
      "no option `ttl`": () => hierarchicalKeyring({ ...branch, cache: { ttl: 1 } }),
    };
    const atUse = {
      "public key can not be read": rawRsaKeyring({ ...names, publicKey: privateKey }),
      "private key can not be read": rawRsaKeyring({ ...names, privateKey: "-----BEGIN PRIVATE KEY-----" }),
      "of 2048 to 8192 bits": rawRsaKeyring({ ...names, ...(await rsaPair(1024)) }),
      "not that of the public key": rawRsaKeyring({ ...names, publicKey, privateKey: (await rsaPair()).privateKey }),
      "is not a region": mrkDiscoveryKeyring({ kms, region: "us:east" }),
      "not a key ARN": hierarchicalKeyring({ ...branch, keyArn: "alias/x" }),
    };
    const refused = async (part, error) => (equal(error.code, "InvalidInput", part), includes(error.message, part));
    for (const [part, make] of Object.entries(atOnce)) await refused(part, await fails((async () => make())(), part));
    for (const [part, keyring] of Object.entries(atUse)) await refused(part, await fails(encryptUnder(given, keyring), part));
  },

  async "a keyring that is disposed of wipes its keys and is used no more"(given) {
    const { rawRsaKeyring } = given;
    const { privateKey } = await rsaPair();
    const keyring = rawRsaKeyring({ namespace: "tests", name: "n", privateKey });
    keyring[Symbol.dispose ?? Symbol.for("Symbol.dispose")]();
    assert(privateKey.some((byte) => byte !== 0), "the caller's array is the caller's");
    const { keyring: hierarchical, own } = await branches(given);
    const cached = hierarchical({ cache: { maxAge: 60 } });
    const client = new given.Client({ keyring: cached });
    await client.encrypt("x");
    equal(own.seen.calls.length, 1);
    cached[Symbol.dispose ?? Symbol.for("Symbol.dispose")]();
    for (const each of [encryptUnder(given, keyring), client.encrypt("x")]) includes((await fails(each)).message, "disposed of");
  },

  async "branch keys wrap the data keys, in versions"(given) {
    const { kms, keyId, own, store, rotate, keyring } = await branches(given);
    const message = await encryptUnder(given, keyring());
    same(store.asked, [["active", "tenant 42"]]);
    equal(own.seen.calls.length, 1);
    equal(own.seen.calls[0].request.EncryptionContext.type, "branch:ACTIVE");
    await rotate("42");
    const newer = await encryptUnder(given, keyring());
    for (const each of [message, newer]) equal(await decryptUnder(given, keyring(), each), "top secret");
    for (const plaintext of own.seen.plaintexts) zeros(plaintext, "the branch key that the KMS returned is overwritten");
    const { header } = await new given.Client({ keyring: keyring() }).decrypt(message);
    const [{ providerId, providerInfo, ciphertext }] = header.encryptedDataKeys;
    same([providerId, new TextDecoder().decode(providerInfo)], ["aws-kms-hierarchy", "tenant 42"]);
    const altered = flipped(message, position(message, ciphertext) + ciphertext.length - 20);
    equal((await fails(decryptUnder(given, keyring(), altered))).code, "DecryptionFailed");
    await kms.disableKey({ KeyId: keyId });
    equal((await fails(decryptUnder(given, keyring(), message))).kmsCode, "DisabledException");
  },

  async "a function chooses the branch key by the encryption context"(given) {
    const { store, keyring } = await branches(given, ["42", "43"]);
    const chosen = keyring({ branchKeyId: async ({ tenant }) => `tenant ${tenant}` });
    const message = await encryptUnder(given, chosen);
    equal(await decryptUnder(given, chosen, message), "top secret");
    same(store.asked, [["active", "tenant 42"], ["version", "tenant 42"]]);
    includes((await fails(decryptUnder(given, keyring({ branchKeyId: "tenant 43" }), message))).message, "not for this keyring");
    includes((await fails(new given.Client({ keyring: chosen }).encrypt("x"))).message, "no active version");
    const broken = new Error("who is it for");
    const error = await fails(encryptUnder(given, keyring({ branchKeyId: () => { throw broken; } })));
    same([error.code, error.cause === broken], ["KmsUnavailable", true]);
    for (const id of ["", 42, undefined]) {
      equal((await fails(encryptUnder(given, keyring({ branchKeyId: () => id })))).code, "InvalidInput", String(id));
    }
  },

  async "cached branch keys cost no request until their time is over"(given) {
    const { kms, keyId, own, rotate, keyring } = await branches(given);
    const cached = keyring({ cache: { maxAge: 1, capacity: 2 } });
    const client = new given.Client({ keyring: cached });
    const messages = [];
    for (let at = 0; at < 5; at++) messages.push(await client.encrypt("top secret"));
    equal(own.seen.calls.length, 1);
    for (const message of messages) equal((await client.decrypt(message)).text(), "top secret");
    equal(own.seen.calls.length, 2);
    await rotate("42");
    await kms.disableKey({ KeyId: keyId });
    await client.encrypt("under the older version still");
    await new Promise((resolve) => setTimeout(resolve, 1100));
    equal((await fails(client.encrypt("x"))).kmsCode, "DisabledException");
    await kms.enableKey({ KeyId: keyId });
    await client.encrypt("x");
    equal(own.seen.calls.length, 4);
    const small = new given.Client({ keyring: keyring({ branchKeyId: ({ tenant }) => `tenant ${tenant}`, cache: { maxAge: 60, capacity: 1 } }) });
    await rotate("43");
    for (const tenant of ["42", "43", "43", "42"]) await small.encrypt("x", { encryptionContext: { tenant } });
    equal(own.seen.calls.length, 7);
  },

  async "a thousand who want a branch key at once cost one request, and share its failure"(given) {
    const { kms, keyId, own, store, keyring } = await branches(given, ["42", "43"]);
    const tenant = ({ tenant }) => `tenant ${tenant}`;
    // Slow, as a KMS is: by the time it answers, everybody has asked.
    let wait = 5;
    const slow = { ...own, decrypt: async (...given) => (await new Promise((resolve) => setTimeout(resolve, wait)), own.decrypt(...given)) };
    const clients = (cache) => {
      const shared = keyring({ kms: slow, branchKeyId: tenant, cache });
      return [new given.Client({ keyring: shared }), new given.Client({ keyring: shared, frameLength: 10 })];
    };
    const crowd = (clients, act) => Promise.all(Array.from({ length: 1000 }, (_, index) => act(clients[index % 2], index)));
    const calls = () => own.seen.calls.length;

    for (const cache of [{ maxAge: 60 }, { maxAge: 60, capacity: 1 }]) {
      const [before, asked] = [calls(), store.asked.length];
      const two = clients(cache);
      const messages = await crowd(two, (client) => client.encrypt("x", { encryptionContext: { tenant: "42" } }));
      same([calls() - before, store.asked.length - asked], [1, 1]);
      const texts = await crowd(two, async (client, index) => (await client.decrypt(messages[index])).text());
      same([[...new Set(texts)], calls() - before], [["x"], 2]);
      await crowd(two, (client, index) => client.encrypt("x", { encryptionContext: { tenant: index % 3 ? "42" : "43" } }));
      equal(calls() - before <= 4, true, "one for each branch key that is not kept");
    }
    for (const plaintext of own.seen.plaintexts) zeros(plaintext, "the branch key that the KMS returned is overwritten");

    // Who asks goes away: another one asks, and nobody else notices.
    const [leaving] = clients({ maxAge: 60 });
    const controllers = Array.from({ length: 50 }, () => new AbortController());
    wait = 50;
    const before = calls();
    const all = controllers.map(({ signal }) =>
      leaving.encrypt("x", { encryptionContext: { tenant: "42" }, signal }).then(() => "done", ({ code }) => code),
    );
    setTimeout(() => controllers[0].abort(), 5);
    const [first, ...others] = await Promise.all(all);
    same([first, [...new Set(others)]], ["Aborted", ["done"]]);
    equal(calls() - before, 2);

    await kms.disableKey({ KeyId: keyId });
    const refused = calls();
    const failing = clients({ maxAge: 60 });
    const codes = await crowd(failing, (client) => fails(client.encrypt("x", { encryptionContext: { tenant: "42" } })).then(({ kmsCode }) => kmsCode));
    same([[...new Set(codes)], calls() - refused], [["DisabledException"], 1]);
    await kms.enableKey({ KeyId: keyId });
    await failing[0].encrypt("x", { encryptionContext: { tenant: "42" } });
    equal(calls() - refused, 2, "a failure is not kept");
  },

  async "a store of branch keys is not trusted"(given) {
    const { keyId, own, store, keyring } = await branches(given, ["42", "43"]);
    const message = await encryptUnder(given, keyring());
    const open = (version) => decryptUnder(given, keyring({ store: { ...store, version } }), message);
    const wrong = {
      "the store has no version": async () => undefined,
      "another record than that": async () => store.active({ branchKeyId: "tenant 42" }),
      "ciphertext is not a Uint8Array": async () => ({ ciphertext: "text", encryptionContext: {} }),
      "not a plain object": async () => ({ ciphertext: new Uint8Array(1), encryptionContext: new Map() }),
      "value of `type` is not a string": async () => ({ ciphertext: new Uint8Array(1), encryptionContext: { type: 7 } }),
    };
    for (const [part, version] of Object.entries(wrong)) {
      const error = await fails(open(version), part);
      equal(error.code, "InvalidInput", part);
      includes(error.message, part);
    }
    const relabelled = async (request) => {
      const { ciphertext, encryptionContext } = await store.version(request);
      return { ciphertext, encryptionContext: { ...encryptionContext, "create-time": "later" } };
    };
    equal((await fails(open(relabelled))).kmsCode, "InvalidCiphertextException");
    const broken = new Error("the database is down");
    const error = await fails(open(async () => { throw broken; }));
    same([error.code, error.cause === broken], ["KmsUnavailable", true]);
    includes(error.message, "the database is down");
    const other = { ...own, decrypt: async (request) => ({ ...(await own.decrypt(request)), Plaintext: new Uint8Array(31) }) };
    equal((await fails(decryptUnder(given, keyring({ kms: other, keyArn: keyId }), message))).code, "KmsUnavailable");
  },
};
