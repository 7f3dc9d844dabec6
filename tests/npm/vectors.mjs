// Message vectors through the package, in any runtime. The format of a folder of them is told in `tests/vectors/README.md`; what comes out is
// compared as `tests/src/vectors.rs` does it.

/**
 * Runs all cases of a folder. `read(path)` gives a file's bytes. Cases that need what this package lacks are counted by that feature, not passed.
 *
 * @returns {Promise<{ passed: number, failures: string[], notRun: Record<string, number>, mutants: number }>}
 */
export async function runVectors(given, read) {
  const json = async (path) => JSON.parse(new TextDecoder().decode(await read(path)));
  const [{ format, cases }, keys] = await Promise.all([json("vectors.json"), json("keys.json")]);
  if (format !== 1) throw new Error(`the vectors are of format ${format}; this reads format 1`);
  const report = { passed: 0, failures: [], notRun: {}, mutants: 0 };
  const lacks = await lackingIn(given);
  for (const each of cases) {
    const feature = lacks(each);
    if (feature) {
      report.notRun[feature] = (report.notRun[feature] ?? 0) + 1;
      continue;
    }
    try {
      report.mutants += await runCase(given, each, keys, await read(each.message));
      report.passed++;
    } catch (error) {
      report.failures.push(`${each.id}: ${error?.stack ?? error}`);
    }
  }
  return report;
}

/** Which feature of the package a case lacks. */
async function lackingIn({ Client }) {
  const keyring = { wrapDataKey: () => [{ providerId: "none", providerInfo: new Uint8Array(), ciphertext: new Uint8Array() }] };
  const signs = await new Client({ keyring, suite: "0578" }).encrypt("").then(
    () => true,
    () => false,
  );
  return ({ suite, expect }) => (!signs && expect !== "parse" && SIGNED.includes(suite) ? "signatures" : undefined);
}

/** How many changed messages were tried too. */
async function runCase(given, each, keys, message) {
  ensure((await sha256(message)) === each.message_sha256, "the message file is not the one the case is about");
  if (each.expect === "parse") {
    await checkDescription(given, each, message);
    return 0;
  }
  let mutants = 0;
  for (const keyring of keyringsFor(given, each, keys)) {
    const open = opener(given, each, keyring);
    const { decrypted, error } = await open(message);
    if (each.expect === "reject") ensure(isRefusal(error), error ? `it failed by ${error}` : "it was opened");
    else if (error) throw error;
    else {
      await checkOpened(each, decrypted);
      await checkDescription(given, each, message);
      if (each.content_key) await checkMessageKey(given, each, keyring, message);
    }
    if (each.sweep) mutants += await sweep(open, message);
  }
  return mutants;
}

function optionsOf(each, keyring) {
  const commitmentPolicy = (each.policy ?? "REQUIRE_ENCRYPT_ALLOW_DECRYPT").toLowerCase().replaceAll("_", "-");
  return { keyring, commitmentPolicy, maxEncryptedDataKeys: each.max_edks, requiredEncryptionContextKeys: each.required_ec_keys };
}

function opener({ Client }, each, keyring) {
  const client = new Client(optionsOf(each, keyring));
  return (message) =>
    client.decrypt(message, { reproducedEncryptionContext: each.reproduced_ec }).then(
      (decrypted) => ({ decrypted }),
      (error) => ({ error }),
    );
}

const isRefusal = (error) => error !== undefined && !["Internal", "LoadFailed", undefined].includes(error.code);

async function checkOpened(each, { plaintext, encryptionContext, header }) {
  equal(plaintext.length, each.plaintext_len ?? plaintext.length, "the plaintext's length");
  equal(await sha256(plaintext), each.plaintext_sha256, "the plaintext");
  checkHeader(each, { ...header, encryptionContext });
  if (each.commit_key) equal(hex(header.commitment), each.commit_key, "the commitment");
}

function checkHeader(each, { suite, messageId, frameLength, encryptionContext, encryptedDataKeys }) {
  const keys = encryptedDataKeys.map(({ providerId, providerInfo, ciphertext }) => [providerId, hex(providerInfo), ciphertext.length]);
  const wanted = each.edks?.map((key) => [
    key.provider_id,
    key.provider_info ?? hex(new TextEncoder().encode(key.provider_info_text)),
    key.ciphertext_len,
  ]);
  const facts = [
    ["suite", suite, each.suite],
    ["message_id", hex(messageId), each.message_id],
    ["frame_length", frameLength ?? 0, each.frame_length],
    ["content", frameLength === undefined ? "unframed" : "framed", each.content],
    ["ec", JSON.stringify(sorted(encryptionContext)), each.ec && JSON.stringify(sorted(each.ec))],
    ["edks", JSON.stringify(keys), wanted && JSON.stringify(wanted)],
  ];
  for (const [name, found, expected] of facts) equal(found, expected ?? found, name);
}

/** The header's facts, and that the fields are all of the message, in order. */
async function checkDescription({ describe }, each, message) {
  const { encryptionContext, header, headerLength, fields, problems } = await describe(message);
  checkHeader(each, { ...header, encryptionContext });
  equal(headerLength, each.header_len ?? headerLength, "header_len");
  let end = 0;
  for (const { range, label } of fields) {
    equal(range.start, end, `where ${label} starts`);
    end = range.end;
  }
  equal(end, message.length, "where the fields end");
  equal(problems.length, 0, `problems (${problems})`);
}

async function checkMessageKey({ Client }, each, keyring, message) {
  let derived;
  const onEvent = ({ kind, label, to }) => {
    if (kind === "key-derived" && label === "DERIVEKEY") derived = hex(to.revealed);
  };
  await new Client({ ...optionsOf(each, keyring), onEvent, dangerRevealSecrets: true }).decrypt(message);
  equal(derived, each.content_key, "the message key");
}

/** Every proper prefix, every flipped bit, a zero byte more, and the message twice: all must be refused. Returns how many were tried. */
async function sweep(open, message) {
  let tried = 0;
  const refused = async (mutant, what) => {
    tried++;
    const { error } = await open(mutant);
    ensure(isRefusal(error), `the message with ${what}: ${error ?? "it was opened"}`);
  };
  for (let length = 0; length < message.length; length++) await refused(message.subarray(0, length), `${length} bytes`);
  const mutant = message.slice();
  for (let at = 0; at < message.length; at++) {
    for (let bit = 0; bit < 8; bit++) {
      mutant[at] ^= 1 << bit;
      await refused(mutant, `bit ${bit} of byte ${at} flipped`);
      mutant[at] ^= 1 << bit;
    }
  }
  await refused(new Uint8Array([...message, 0]), "a zero byte more");
  await refused(new Uint8Array([...message, ...message]), "itself after it");
  return tried;
}

/** Each of these must give the expected outcome: the keyring of the case's keys, and one on a stand-in KMS where the case has its answers. */
function keyringsFor(given, each, keys) {
  const keyrings = [keyringOf(given, each.keys, keys)];
  if (each.kms) keyrings.push(standIn(given, each.kms));
  return keyrings;
}

function keyringOf(given, wanted, keys) {
  const { key: id, namespace, name } = wanted;
  const key = keys[id];
  switch (wanted.type) {
    case "data-key":
      return { unwrapDataKey: () => unhex(wanted.hex) };
    case "raw-aes":
      return given.rawAesKeyring({ namespace, name, key: unhex(key.hex) });
    case "raw-rsa": {
      const padding = wanted.padding === "pkcs1" ? { dangerPkcs1v15DecryptOnly: true } : { hash: wanted.hash.replace("sha", "SHA-") };
      return given.rawRsaKeyring({ namespace, name, privateKey: key.private_pem, ...padding });
    }
    case "hierarchy":
      return branchKeyring(given, key);
    case "multi":
      return given.multiKeyring({ children: wanted.of.map((each) => keyringOf(given, each, keys)) });
    default:
      throw new Error(`there is no keyring for keys of type ${wanted.type}`);
  }
}

/** One version of a branch key, which a store and a KMS give out that know nothing else. */
function branchKeyring(given, { branch_key_id: branchKeyId, version, hex: text }) {
  const keyArn = "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";
  const encryptionContext = { "branch-key-id": branchKeyId, type: `branch:version:${version}` };
  const store = { active: () => undefined, version: () => ({ ciphertext: new Uint8Array(1), encryptionContext }) };
  const kms = { decrypt: async () => ({ KeyId: keyArn, Plaintext: unhex(text) }) };
  return given.hierarchicalKeyring({ kms, keyArn, store, branchKeyId });
}

/** A KMS that knows the answers to some Decrypt requests, and a keyring of its keys. */
function standIn({ kmsKeyring, multiKeyring }, answers) {
  const refuse = async () => {
    throw Object.assign(new Error("not known"), { name: "InvalidCiphertextException" });
  };
  const kms = {
    generateDataKey: refuse,
    encrypt: refuse,
    async decrypt({ KeyId, CiphertextBlob }) {
      const hash = await sha256(CiphertextBlob);
      const known = answers.find((answer) => answer.key_arn === KeyId && answer.ciphertext_blob_sha256 === hash);
      return known ? { KeyId, Plaintext: unhex(known.plaintext_data_key) } : refuse();
    },
  };
  return multiKeyring({ children: answers.map(({ key_arn: keyId }) => kmsKeyring({ kms, keyId })) });
}

const sorted = (object) => Object.entries(object).sort(([left], [right]) => (left < right ? -1 : 1));
const hex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
const unhex = (text) => Uint8Array.from(text.match(/../g) ?? [], (byte) => parseInt(byte, 16));
const sha256 = async (bytes) => hex(new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)));

function ensure(condition, what) {
  if (!condition) throw new Error(what);
}

function equal(found, expected, what) {
  ensure(found === expected, `${what}: ${found}, not ${expected}`);
}

const SIGNED = ["0214", "0346", "0378", "0578"];
