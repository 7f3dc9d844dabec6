// Keyrings of RSA keys that the application holds: each both ways, through WebCrypto and through WebAssembly, and what they do not open.

import { equal, fails, includes, same, zeros } from "../checks.mjs";
import { base64, CONTEXT, decryptUnder, encoder, encryptUnder, flipped, fromBase64, position, randomBytes } from "./world.mjs";

export const rsaKeyrings = {
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
};

/** An RSA key pair in DER. */
export async function rsaPair(modulusLength = 2048) {
  const algorithm = { name: "RSA-OAEP", modulusLength, publicExponent: new Uint8Array([1, 0, 1]), hash: "SHA-256" };
  const pair = await crypto.subtle.generateKey(algorithm, true, ["encrypt", "decrypt"]);
  const publicKey = new Uint8Array(await crypto.subtle.exportKey("spki", pair.publicKey));
  const privateKey = new Uint8Array(await crypto.subtle.exportKey("pkcs8", pair.privateKey));
  return { publicKey, privateKey };
}

/** A pair that WebCrypto keeps, for those usages, and that no script can read. */
export const cryptoKeys = (usages, { name = "RSA-OAEP", hash = "SHA-256", modulusLength = 2048 } = {}) =>
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

const pem = (label, der) => `-----BEGIN ${label}-----\n${base64(der).replace(/.{64}/g, "$&\n")}\n-----END ${label}-----\n`;
