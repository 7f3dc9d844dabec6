// What travels between waxseal and an official AWS Encryption SDK, both ways: suites, frame lengths, sizes, contexts, wrapping keys. Runs where both
// are: in Node and in a page. Web APIs only.

/**
 * An official SDK: `encrypt` makes a message, `decrypt` gives `{ plaintext, context }`, both under keys as `KEYS` has them; `lacks(exchange)`
 * says why it can not take part in an exchange, if it can not.
 *
 * @typedef {{ encrypt(exchange: object, plaintext: Uint8Array): Promise<Uint8Array>, decrypt(keys: object[], message: Uint8Array): Promise<object> }} Sdk
 */

const RSA = { modulusLength: 2048, publicExponent: new Uint8Array([1, 0, 1]) };

/** Raw keys that both sides have. */
export async function makeKeys() {
  const aes = (name, length) => ({ kind: "aes", namespace: "waxseal interop", name, key: Uint8Array.from({ length }, (_, at) => at ^ length) });
  const rsa = async (hash) => {
    const pair = await crypto.subtle.generateKey({ name: "RSA-OAEP", ...RSA, hash }, true, ["encrypt", "decrypt"]);
    const publicKey = new Uint8Array(await crypto.subtle.exportKey("spki", pair.publicKey));
    const privateKey = new Uint8Array(await crypto.subtle.exportKey("pkcs8", pair.privateKey));
    return { kind: "rsa", namespace: "waxseal interop", name: hash, hash, publicKey, privateKey, pair };
  };
  return {
    aes: [aes("ключ", 16), aes("two", 24), aes("name", 32)],
    rsa: await Promise.all(["SHA-1", "SHA-256", "SHA-384", "SHA-512"].map(rsa)),
  };
}

/** Everything that is to travel, each with a name. */
export function exchanges({ aes, rsa }) {
  const [aes128, aes192, aes256] = aes;
  const plain = { suite: "0478", frameLength: 4096, size: 100, context: { tenant: "42" }, keys: [aes256] };
  const all = [];
  const add = (what, change) => all.push({ what, ...plain, ...change });
  for (const suite of SUITES) {
    for (const size of [0, 1, 127, 128, 129, 5000]) add(`suite ${suite}`, { suite, size, frameLength: 128 });
    // A context, a wrapping key and a signature at once.
    add(`suite ${suite} with all scripts`, { suite, context: SCRIPTS, keys: [aes128] });
  }
  for (const frameLength of [1, 17, 4095]) for (const size of [0, 1, 300]) add("short frames", { frameLength, size });
  for (const frameLength of [4096, 65_536, 1 << 20]) {
    for (const size of [0, 4095, 4096, 4097, 65_536, 65_537]) add("frames", { frameLength, size });
  }
  add("a few megabytes", { frameLength: 65_536, size: 3_000_001 });
  for (const key of [aes128, aes192, aes256]) for (const context of [{}, SCRIPTS]) add(`AES of ${8 * key.key.length} bits`, { keys: [key], context });
  for (const key of rsa) {
    add(`RSA with ${key.hash}`, { keys: [key] });
    add(`RSA with ${key.hash}, kept by WebCrypto`, { keys: [{ ...key, isKept: true }] });
  }
  add("several keys", { keys: [aes128, rsa[1], aes256] });
  return all;
}

/** The one that takes a while. */
export const large = ({ aes }) => ({ what: "64 MiB", suite: "0478", frameLength: 1 << 20, size: 64 << 20, context: { tenant: "42" }, keys: [aes[2]] });

/** Sends all of them both ways; what failed, and what was not tried, by why. */
export async function exchangeAll(given, theirs, list) {
  const report = { passed: 0, failures: [], notRun: {} };
  const signs = await canSign(given);
  for (const exchange of list) {
    const lacks = !signs && SIGNED.includes(exchange.suite) ? "signatures in waxseal" : theirs.lacks(exchange);
    if (lacks) {
      report.notRun[lacks] = (report.notRun[lacks] ?? 0) + 1;
      continue;
    }
    try {
      await bothWays(given, theirs, exchange);
      report.passed++;
    } catch (error) {
      const { what, suite, frameLength, size } = exchange;
      report.failures.push(`${what} (${suite}, ${size} bytes in frames of ${frameLength}): ${error?.stack ?? error}`);
    }
  }
  return report;
}

async function bothWays(given, theirs, exchange) {
  const { suite, frameLength, context, keys, size } = exchange;
  const plaintext = bytes(size);
  const ours = await clientOf(given, exchange, keys).encrypt(plaintext, { encryptionContext: context });
  const message = await theirs.encrypt(exchange, plaintext);
  for (const key of keys) {
    const opened = await theirs.decrypt([key], ours);
    same(opened.plaintext, plaintext, `what they opened with ${key.name}`);
    includesAll(opened.context, context, "the context that they found");
    const decrypted = await clientOf(given, exchange, [key]).decrypt(message, { encryptionContext: context });
    same(decrypted.plaintext, plaintext, `what waxseal opened with ${key.name}`);
    includesAll(decrypted.encryptionContext, context, "the context that waxseal found");
    same([decrypted.header.suite, decrypted.header.frameLength], [suite, frameLength], "what their header says");
  }
}

/** Wherever a message was altered, both sides refuse it. */
export async function refuseAltered(given, theirs, { aes: [, , key] }) {
  const exchange = { suite: "0478", frameLength: 128, context: SCRIPTS, keys: [key] };
  const client = clientOf(given, exchange, [key]);
  const good = await client.encrypt(bytes(300), { encryptionContext: SCRIPTS });
  same((await theirs.decrypt([key], good)).plaintext, bytes(300), "what they opened");
  const altered = [good.slice(0, -1)];
  for (let at = 0; at < good.length; at += 17) {
    const copy = good.slice();
    copy[at] ^= 1;
    altered.push(copy);
  }
  const opened = [];
  const note = (who, at) => () => opened.push(`${who} opened alteration ${at}`);
  for (const [at, message] of altered.entries()) {
    await client.decrypt(message).then(note("waxseal", at), () => {});
    await theirs.decrypt([key], message).then(note("the official SDK", at), () => {});
  }
  // The official SDKs read no further than a message's end.
  await client.decrypt(new Uint8Array([...good, 0])).then(note("waxseal", "by a byte more"), () => {});
  return { tried: altered.length, opened };
}

function clientOf({ Client, multiKeyring, rawAesKeyring, rawRsaKeyring }, { suite, frameLength }, keys) {
  const of = ({ kind, pair, isKept, ...key }) => (kind === "aes" ? rawAesKeyring(key) : rawRsaKeyring({ ...key, ...(isKept && pair) }));
  const [generator, ...children] = keys.map(of);
  const commitmentPolicy = COMMITTING.includes(suite) ? "require-encrypt-allow-decrypt" : "forbid-encrypt-allow-decrypt";
  return new Client({ keyring: multiKeyring({ generator, children }), suite, frameLength, commitmentPolicy });
}

async function canSign(given) {
  const client = new given.Client({ keyring: given.rawAesKeyring({ namespace: "n", name: "n", key: new Uint8Array(32) }), suite: "0578" });
  return client.encrypt("").then(
    () => true,
    () => false,
  );
}

/** The same bytes everywhere. */
export function bytes(size) {
  const all = new Uint8Array(size);
  for (let at = 0; at < size; at++) all[at] = at % 251;
  return all;
}

function same(found, expected, what) {
  let at = 0;
  while (at < expected.length && found[at] === expected[at]) at++;
  if (at < expected.length || found.length !== expected.length) throw new Error(`${what}: ${found.length > 60 ? `${found.length} bytes` : [...found]}, not as sent`);
}

function includesAll(found, expected, what) {
  for (const [key, value] of Object.entries(expected)) if (found[key] !== value) throw new Error(`${what} has ${found[key]} for ${key}`);
}

// In UTF-16, or in the order of a locale, these sort otherwise than as UTF-8 bytes.
const SCRIPTS = { b: "1", B: "2", a: "3", ключ: "значение", "\u{10000}": "4", "\u{fffd}": "5", é: "6", "🔑": "🦭", z: "" };
const SUITES = ["0014", "0046", "0078", "0114", "0146", "0178", "0214", "0346", "0378", "0478", "0578"];
const SIGNED = ["0214", "0346", "0378", "0578"];
const COMMITTING = ["0478", "0578"];
