// The keyrings beyond those of one KMS key and one AES key: each both ways, and what it does not open.

import { assert, equal, fails, includes, same, zeros } from "../checks.mjs";
import { base64, CONTEXT, encoder, flipped, fromBase64, inRegion, position, randomBytes, spy, world } from "./world.mjs";

const [US, EU] = ["us-east-1", "eu-west-1"];

/** A KMS with a multi-Region key, its replica, and a key of the first region only. */
async function regions(given) {
  const { kms, keyId: single } = await world(given);
  const primary = (await kms.createKey({ MultiRegion: true })).KeyMetadata.Arn;
  const replica = (await kms.replicateKey({ KeyId: primary, ReplicaRegion: EU })).ReplicaKeyMetadata.Arn;
  return { kms, single, primary, replica, eu: inRegion(kms, EU) };
}

const encryptUnder = async (given, keyring, text = "top secret") => new given.Client({ keyring }).encrypt(text, { encryptionContext: CONTEXT });
const decryptUnder = async (given, keyring, message) => (await new given.Client({ keyring }).decrypt(message)).text();

/** An RSA key pair in DER and in PEM. */
async function rsaPair(modulusLength = 2048) {
  const algorithm = { name: "RSA-OAEP", modulusLength, publicExponent: new Uint8Array([1, 0, 1]), hash: "SHA-256" };
  const pair = await crypto.subtle.generateKey(algorithm, true, ["encrypt", "decrypt"]);
  const publicKey = new Uint8Array(await crypto.subtle.exportKey("spki", pair.publicKey));
  const privateKey = new Uint8Array(await crypto.subtle.exportKey("pkcs8", pair.privateKey));
  return { publicKey, privateKey };
}

const pem = (label, der) => `-----BEGIN ${label}-----\n${base64(der).replace(/.{64}/g, "$&\n")}\n-----END ${label}-----\n`;

/** A pair that WebCrypto keeps, for those usages, and that no script can read. */
const cryptoKeys = (usages, { name = "RSA-OAEP", hash = "SHA-256", modulusLength = 2048 } = {}) =>
  crypto.subtle.generateKey({ name, modulusLength, publicExponent: new Uint8Array([1, 0, 1]), hash }, false, usages);

/** RSAES-PKCS1-v1_5, which WebCrypto does not have. */
async function pkcs1(publicKey, plaintext) {
  const key = await crypto.subtle.importKey("spki", publicKey, { name: "RSA-OAEP", hash: "SHA-256" }, true, ["encrypt"]);
  const { n } = await crypto.subtle.exportKey("jwk", key);
  const number = (bytes) => BigInt(`0x${bytes.map((byte) => byte.toString(16).padStart(2, "0")).join("")}`);
  const modulus = number([...fromBase64(n.replaceAll("-", "+").replaceAll("_", "/"))]);
  const padded = number([0, 2, ...Array(256 - 3 - plaintext.length).fill(7), 0, ...plaintext]);
  let power = padded;
  for (let bit = 0; bit < 16; bit++) power = (power * power) % modulus;
  const hex = ((power * padded) % modulus).toString(16).padStart(512, "0");
  return Uint8Array.from(hex.match(/../g), (byte) => parseInt(byte, 16));
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

  async "an RSA public key encrypts and its private key decrypts, in PEM and in DER, with every hash"(given) {
    const { rawRsaKeyring } = given;
    const { publicKey, privateKey } = await rsaPair();
    const [publicPem, privatePem] = [pem("PUBLIC KEY", publicKey), `a key of ours\n${pem("PRIVATE KEY", privateKey)}`];
    const names = { namespace: "tests", name: "ключ" };
    const forms = [[publicKey, privateKey], [publicPem, privatePem], [publicKey, privatePem], [publicPem, privateKey]];
    for (const [at, hash] of ["SHA-1", undefined, "SHA-384", "SHA-512"].entries()) {
      const [forPublic, forPrivate] = forms[at];
      const message = await encryptUnder(given, rawRsaKeyring({ ...names, hash, publicKey: forPublic }));
      equal(await decryptUnder(given, rawRsaKeyring({ ...names, hash, privateKey: forPrivate }), message), "top secret");
      equal(await decryptUnder(given, rawRsaKeyring({ ...names, hash, publicKey: forPublic, privateKey: forPrivate }), message), "top secret");
      const other = hash === "SHA-512" ? "SHA-256" : "SHA-512";
      equal((await fails(decryptUnder(given, rawRsaKeyring({ ...names, hash: other, privateKey }), message))).code, "DecryptionFailed");
      includes((await fails(decryptUnder(given, rawRsaKeyring({ ...names, hash, publicKey }), message))).message, "not for this keyring");
    }
    const alone = rawRsaKeyring({ ...names, privateKey });
    includes((await fails(encryptUnder(given, alone))).message, "without a public key");
  },

  async "an RSA data key that WebCrypto wrapped opens, and one that was altered does not"(given) {
    const { rawRsaKeyring } = given;
    const { publicKey, privateKey } = await rsaPair();
    const subtle = await crypto.subtle.importKey("spki", publicKey, { name: "RSA-OAEP", hash: "SHA-256" }, false, ["encrypt"]);
    const wrapDataKey = async ({ dataKey }) => [
      { providerId: "tests", providerInfo: new Uint8Array([1]), ciphertext: new Uint8Array(await crypto.subtle.encrypt("RSA-OAEP", subtle, dataKey)) },
    ];
    const message = await encryptUnder(given, { wrapDataKey });
    const keyring = rawRsaKeyring({ namespace: "tests", name: "\u0001", privateKey });
    equal(await decryptUnder(given, keyring, message), "top secret");
    const { header } = await new given.Client({ keyring }).decrypt(message);
    const altered = flipped(message, position(message, header.encryptedDataKeys[0].ciphertext) + 100);
    const error = await fails(decryptUnder(given, keyring, altered));
    same([error.code, error.cause], ["DecryptionFailed", undefined]);
    const other = rawRsaKeyring({ namespace: "tests", name: "\u0001", privateKey: (await rsaPair()).privateKey });
    equal((await fails(decryptUnder(given, other, message))).message, error.message);
  },

  async "RSA keys that WebCrypto keeps wrap data keys, as bytes or as keys, of every length"(given) {
    const { rawRsaKeyring, multiKeyring } = given;
    const names = { namespace: "tests", name: "n" };
    for (const usages of [["encrypt", "decrypt"], ["wrapKey", "unwrapKey"], ["encrypt", "unwrapKey"]]) {
      const { publicKey, privateKey } = await cryptoKeys(usages, { hash: "SHA-384" });
      for (const suite of ["0478", "0046", "0014"]) {
        const commitmentPolicy = suite === "0478" ? undefined : "forbid-encrypt-allow-decrypt";
        const client = (keys) => new given.Client({ keyring: rawRsaKeyring({ ...names, ...keys }), suite, commitmentPolicy });
        const message = await client({ publicKey }).encrypt("top secret", { encryptionContext: CONTEXT });
        for (const keys of [{ privateKey }, { publicKey, privateKey }, { publicKey, privateKey, hash: "SHA-384" }]) {
          equal((await client(keys).decrypt(message)).text(), "top secret");
        }
        const { header } = await client({ privateKey }).decrypt(message);
        const altered = flipped(message, position(message, header.encryptedDataKeys[0].ciphertext) + 100);
        const error = await fails(client({ privateKey }).decrypt(altered));
        same([error.code, error.cause], ["DecryptionFailed", undefined]);
        includes((await fails(client({ privateKey }).encrypt("x"))).message, "without a public key");
      }
    }
    const [one, other] = [await cryptoKeys(["encrypt", "decrypt"]), await cryptoKeys(["encrypt", "decrypt"])];
    const mixed = rawRsaKeyring({ ...names, publicKey: one.publicKey, privateKey: other.privateKey });
    for (let again = 0; again < 2; again++) includes((await fails(encryptUnder(given, mixed))).message, "not that of the public key");
    const both = multiKeyring({ children: [one, other].map(({ publicKey }) => rawRsaKeyring({ ...names, publicKey })) });
    const message = await encryptUnder(given, multiKeyring({ generator: rawRsaKeyring({ ...names, publicKey: one.publicKey }), children: [both] }));
    for (const { privateKey } of [one, other]) equal(await decryptUnder(given, rawRsaKeyring({ ...names, privateKey }), message), "top secret");
  },

  async "RSA data keys of the wrong length open nothing, and the next one is tried"(given) {
    const { rawRsaKeyring } = given;
    const { publicKey, privateKey } = await cryptoKeys(["encrypt", "decrypt"]);
    const wrapped = async (bytes) => new Uint8Array(await crypto.subtle.encrypt("RSA-OAEP", publicKey, bytes));
    const entry = (ciphertext) => ({ providerId: "tests", providerInfo: encoder.encode("n"), ciphertext });
    for (const [lengths, code] of [[[31], "DecryptionFailed"], [[1], "DecryptionFailed"], [[16, 32], undefined]]) {
      const wrapDataKey = async ({ dataKey }) => Promise.all(lengths.map(async (length) => entry(await wrapped(dataKey.slice(0, length)))));
      const message = await encryptUnder(given, { wrapDataKey });
      const open = decryptUnder(given, rawRsaKeyring({ namespace: "tests", name: "n", privateKey }), message);
      if (code) equal((await fails(open)).code, code);
      else equal(await open, "top secret");
    }
  },

  async "an RSA data key opens that starts with a zero, also where the platform takes that away"(given) {
    const { rawRsaKeyring } = given;
    const names = { namespace: "tests", name: "n" };
    const { publicKey, privateKey } = await cryptoKeys(["encrypt", "decrypt"]);
    const dataKey = randomBytes(32);
    dataKey.fill(0, 0, 2);
    const providerInfo = encoder.encode(names.name);
    const ciphertext = new Uint8Array(await crypto.subtle.encrypt("RSA-OAEP", publicKey, dataKey));
    const makeDataKey = async () => ({ dataKey: dataKey.slice(), encryptedDataKeys: [{ providerId: names.namespace, providerInfo, ciphertext }] });
    const message = await encryptUnder(given, { makeDataKey });
    const open = () => decryptUnder(given, rawRsaKeyring({ ...names, privateKey }), message);
    equal(await open(), "top secret");
    const prototype = Object.getPrototypeOf(crypto.subtle);
    const { decrypt } = prototype;
    prototype.decrypt = async function (...given) {
      const bytes = new Uint8Array(await decrypt.apply(this, given));
      return bytes.slice(bytes.findIndex((byte) => byte !== 0)).buffer;
    };
    try {
      for (let again = 0; again < 2; again++) equal(await open(), "top secret");
    } finally {
      prototype.decrypt = decrypt;
    }
  },

  async "the trace tells which RSA data key was wrapped and unwrapped"(given) {
    const { rawRsaKeyring, multiKeyring } = given;
    const [one, other] = [await cryptoKeys(["encrypt", "decrypt"]), await cryptoKeys(["encrypt", "decrypt"])];
    const of = (name, { publicKey, privateKey }) => rawRsaKeyring({ namespace: "tests", name, publicKey, privateKey });
    const events = [];
    const both = multiKeyring({ generator: of("one", one), children: [of("other", other)] });
    const message = await new given.Client({ keyring: both, onEvent: (event) => events.push(event) }).encrypt("x", { encryptionContext: CONTEXT });
    const { header } = await new given.Client({ keyring: of("other", other), onEvent: (event) => events.push(event) }).decrypt(message);
    const [first, second] = header.encryptedDataKeys.map(({ ciphertext }) => [...ciphertext]);
    const told = (kind) => events.filter((event) => event.kind === kind);
    same(told("data-key-wrapped").map(({ encryptedDataKey }) => [...encryptedDataKey]), [first, second]);
    same(told("data-key-unwrapped").map(({ encryptedDataKey }) => [...encryptedDataKey]), [second]);
    equal(told("data-key-wrapped")[0].encryptionContext.tenant, CONTEXT.tenant);
  },

  async "RSA keys are read by WebCrypto once, and our copies wiped"(given) {
    const { rawRsaKeyring } = given;
    const keyring = rawRsaKeyring({ namespace: "tests", name: "n", ...(await rsaPair()) });
    const client = new given.Client({ keyring });
    const { importKey } = crypto.subtle;
    const prototype = Object.getPrototypeOf(crypto.subtle);
    const seen = [];
    prototype.importKey = function (format, bytes, algorithm, ...rest) {
      if (algorithm.name === "RSA-OAEP") seen.push([bytes, bytes.length, rest[0]]);
      return importKey.call(this, format, bytes, algorithm, ...rest);
    };
    try {
      for (const message of [await client.encrypt("one"), await client.encrypt("two")]) await client.decrypt(message);
    } finally {
      prototype.importKey = importKey;
    }
    same(seen.map(([, , isExtractable]) => isExtractable), [false, false]);
    for (const [bytes] of seen) zeros(bytes, "our copy of the key is overwritten");
  },

  async "PKCS#1 v1.5 is read by those who ask for danger, and never written"(given) {
    const { rawRsaKeyring } = given;
    const { publicKey, privateKey } = await rsaPair();
    const names = { namespace: "tests", name: "old" };
    const old = rawRsaKeyring({ ...names, privateKey, dangerPkcs1v15DecryptOnly: true });
    includes((await fails(encryptUnder(given, old))).message, "not written");
    const message = await encryptUnder(given, rawRsaKeyring({ ...names, publicKey }));
    equal((await fails(decryptUnder(given, old, message))).code, "DecryptionFailed");
    const providerInfo = encoder.encode(names.name);
    const wrapDataKey = async ({ dataKey }) => [{ providerId: names.namespace, providerInfo, ciphertext: await pkcs1(publicKey, dataKey) }];
    equal(await decryptUnder(given, old, await encryptUnder(given, { wrapDataKey })), "top secret");
    for (const more of [{ publicKey }, { hash: "SHA-256" }]) {
      const bad = async () => rawRsaKeyring({ ...names, privateKey, dangerPkcs1v15DecryptOnly: true, ...more });
      includes((await fails(bad())).message, "a privateKey alone");
    }
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
