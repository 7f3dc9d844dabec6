// The trace, and that no secret stays or shows.

import { assert, equal, find, fails, same, zeros } from "../checks.mjs";
import { CONTEXT, derivedKeys, encoder, EVE, flipped, fromBase64, memoriesWith, randomBytes, ROOT, signed, spy, world } from "./world.mjs";

export const secrets = {
  async "one callback gets one trace of both modules, in order and without secrets"(given) {
    const { Client, LocalKms } = given;
    const events = [];
    const onEvent = (event) => events.push(event);
    const kms = await LocalKms.open({ storage: "memory", onEvent });
    const { KeyMetadata } = await kms.createKey();
    const own = spy(kms);
    const client = new Client({ kms: own, keyId: KeyMetadata.Arn, onEvent });
    const message = await client.encrypt("top secret", { encryptionContext: CONTEXT });
    const { header } = await client.decrypt(message);
    await fails(client.decrypt(flipped(message, -1)));
    await fails(new Client({ kms: kms.as(EVE), keyId: KeyMetadata.Arn, onEvent }).decrypt(message));

    same(events.map(({ seq }) => seq), events.map((_, index) => index));
    same([...new Set(events.map(({ by }) => by))].sort(), ["caller", "kms", "store"]);
    const kinds = new Set(events.map(({ kind }) => kind));
    for (const kind of ["data-key-generated", "statement-evaluated", "header-sealed", "frame-opened", "secret-wiped", "verification-failed", "denied"]) {
      assert(kinds.has(kind), `there is ${kind}`);
    }
    const starts = events.filter(({ kind }) => kind === "operation-started");
    const encrypt = starts.find(({ operation }) => operation === "encrypt");
    const generate = starts.find(({ operation }) => operation === "GenerateDataKey");
    equal(generate.span.parent, encrypt.span.id);
    equal(generate.by, "kms");
    equal(new Set(starts.map(({ span }) => span.id)).size, starts.length);
    const made = events.find(({ kind }) => kind === "data-key-generated");
    const derived = events.find(({ kind }) => kind === "key-derived");
    equal(made.dataKey.fingerprint, derived.from.fingerprint);

    const secrets = [...own.seen.dataKeys, (await derivedKeys(own.seen.dataKeys[0], header.messageId)).messageKey, encoder.encode("top secret")];
    const told = bytesOf(events);
    for (const secret of secrets) equal(find(told, secret), -1, "the trace has no secret");
    equal(find(told, header.messageId) >= 0, true, "the trace has the public bytes");
  },

  async "secrets are in the trace only under danger"(given) {
    const { Client, LocalKms } = given;
    const events = [];
    const onEvent = (event) => events.push(event);
    const kms = await LocalKms.open({ storage: "memory", onEvent, dangerRevealSecrets: true });
    const { KeyMetadata } = await kms.createKey();
    const own = spy(kms);
    await new Client({ kms: own, keyId: KeyMetadata.Arn, onEvent, dangerRevealSecrets: true }).encrypt("x");
    const made = events.find(({ kind }) => kind === "data-key-generated");
    same([...made.dataKey.revealed], [...own.seen.dataKeys[0]]);
    const { from } = events.find(({ kind, by }) => kind === "key-derived" && by === "caller");
    same([...from.revealed], [...own.seen.dataKeys[0]]);
  },

  async "a callback that throws, or calls again, breaks nothing"(given) {
    const { Client, LocalKms } = given;
    const reported = [];
    const { reportError, console: original } = globalThis;
    globalThis.reportError = (error) => reported.push(error.message);
    try {
      let inner;
      const onEvent = ({ seq, kind }) => {
        if (kind === "data-key-generated") inner ??= client.encrypt("from inside");
        throw new Error(`event ${seq}`);
      };
      const kms = await LocalKms.open({ storage: "memory", onEvent });
      const { KeyMetadata } = await kms.createKey();
      const client = new Client({ kms, keyId: KeyMetadata.Arn, onEvent });
      const message = await client.encrypt("x");
      equal((await client.decrypt(message)).text(), "x");
      equal((await client.decrypt(await inner)).text(), "from inside");
      assert(reported.includes("event 0") && reported.length > 20, "what it throws is reported");
    } finally {
      if (reportError) globalThis.reportError = reportError;
      else delete globalThis.reportError;
      equal(globalThis.console, original);
    }
  },

  async "no data key, derived key or plaintext stays in any module's memory"(given) {
    const { Client, kmsKeyring, multiKeyring, rawAesKeyring, memories } = given;
    const { kms, keyId } = await world(given);
    const own = spy(kms);
    const client = new Client({ kms: own, keyId });
    const plaintext = randomBytes(20_000);
    const searched = async (secrets, when) => {
      for (const [module, memory] of Object.entries(memories())) {
        const all = new Uint8Array(memory.buffer);
        for (const [what, secret] of Object.entries(secrets)) {
          // Piece by piece: a register that was spilled keeps eight bytes.
          for (let at = 0; at < secret.length; at += 8) {
            equal(find(all, secret.subarray(at, at + 8)), -1, `bytes ${at} to ${at + 7} of ${what} in the memory of ${module} ${when}`);
          }
        }
      }
    };
    const told = new Client({ kms: own, keyId, onEvent: () => {} });
    const inFull = await told.decrypt(await told.encrypt(plaintext));
    const full = await derivedKeys(own.seen.dataKeys.at(-1), inFull.header.messageId);
    await searched({ "the data key": own.seen.dataKeys.at(-1), "the message key": full.messageKey }, "after success in the full module");
    const message = await client.encrypt(plaintext, { encryptionContext: CONTEXT });
    const { header } = await client.decrypt(message, { encryptionContext: CONTEXT });
    const dataKey = own.seen.dataKeys.at(-1);
    const { extracted, messageKey, commitment } = await derivedKeys(dataKey, header.messageId);
    same([...commitment], [...header.commitment]);
    const secrets = { "the data key": dataKey, "the extracted key": extracted, "the message key": messageKey, plaintext: plaintext.slice(5000, 5032) };
    await searched(secrets, "after success");
    equal((await fails(client.decrypt(flipped(message, -1)))).code, "DecryptionFailed");
    await searched(secrets, "after a tag that is wrong");
    equal((await fails(client.decrypt(flipped(message, 3)))).code, "DecryptionFailed");
    await searched(secrets, "after a commitment that is wrong");
    const broken = { ...own, decrypt: async (request) => ({ ...(await own.decrypt(request)), KeyId: undefined }) };
    await fails(new Client({ kms: broken, keyId }).decrypt(message));
    await searched(secrets, "after half an answer");

    const short = randomBytes(32);
    const { CiphertextBlob } = await kms.encrypt({ KeyId: keyId, Plaintext: short });
    same([...(await kms.decrypt({ CiphertextBlob })).Plaintext], [...short]);
    await fails(kms.as(EVE).encrypt({ KeyId: keyId, Plaintext: short }));
    await searched({ "what the KMS encrypted itself": short }, "after success and refusal");

    const long = randomBytes(4096);
    const sent = async (operation, members) => {
      const body = JSON.stringify({ KeyId: keyId, ...members });
      return (await kms.fetch(await signed(await kms.credentials(ROOT), operation, body))).json();
    };
    const written = btoa(String.fromCharCode(...long));
    const encrypted = await sent("Encrypt", { Plaintext: written });
    equal((await sent("Decrypt", { CiphertextBlob: encrypted.CiphertextBlob })).Plaintext, written);
    equal((await sent("Encrypt", { Plaintext: written, EncryptionContext: 7 })).__type, "SerializationException");
    await searched({ "what was sent": long.slice(-64), "its base64": encoder.encode(written).slice(-64) }, "after AWS JSON");

    // That the search finds what is there: while a second keyring wraps it, the data key has to be in the full module's memory. In the small one it is not yet.
    let during;
    const looking = {
      ...own,
      encrypt(request) {
        during = { key: request.Plaintext.slice(), found: memoriesWith(given, request.Plaintext) };
        return kms.encrypt(request);
      },
    };
    const key = randomBytes(32);
    const raw = rawAesKeyring({ namespace: "tests", name: "raw", key });
    const both = (kms, onEvent) => new Client({ keyring: multiKeyring({ generator: raw, children: [kmsKeyring({ kms, keyId })] }), onEvent });
    await both(looking, () => {}).encrypt("x");
    equal(during.found.length, 1, "the search finds a data key that is in use");
    await searched({ "the data key of two keyrings": during.key, "the raw key": key }, "after success in the full module");
    await both(looking).encrypt("x");
    await searched({ "the data key of two keyrings": during.key, "the raw key": key }, "after success");
    for (const onEvent of [undefined, () => {}]) {
      const controller = new AbortController();
      const leaving = { ...looking, encrypt: (request) => (looking.encrypt(request), controller.abort(), new Promise(() => {})) };
      equal((await fails(both(leaving, onEvent).encrypt("x", { signal: controller.signal }))).code, "Aborted");
      await searched({ "the data key of two keyrings": during.key, "the raw key": key }, "after an abort");
    }
    for (const memory of Object.values(memories())) {
      const planted = randomBytes(32);
      const all = new Uint8Array(memory.buffer);
      all.set(planted, all.length - 40);
      equal(find(all, planted), all.length - 40);
      all.fill(0, all.length - 40);
    }
  },

  async "no key of any keyring stays in the SDK's memories"(given) {
    const { Client, makeBranchKey, hierarchicalKeyring, rawRsaKeyring } = given;
    const { kms, keyId } = await world(given);
    const searched = (secrets) => {
      for (const [what, secret] of Object.entries(secrets)) {
        // Big numbers are kept the other way round.
        for (const bytes of [secret, secret.slice().reverse()]) {
          for (let at = 0; at + 8 <= bytes.length; at += 8) equal(memoriesWith(given, bytes.subarray(at, at + 8)).join(), "", `bytes ${at} to ${at + 7} of ${what}`);
        }
      }
    };

    const own = spy(kms);
    const branchKeyId = "tenant 42";
    const made = await makeBranchKey({ kms: own, keyArn: keyId, branchKeyId, tableName: "branch keys" });
    const store = { active: () => made.activeRecord, version: () => made.versionRecord };
    let messages = 0;
    const roundTrip = async (keyring) => {
      const client = new Client({ keyring });
      equal((await client.decrypt(await client.encrypt(`${messages}`))).text(), `${messages++}`);
    };
    for (const cache of [undefined, { maxAge: 60 }]) await roundTrip(hierarchicalKeyring({ kms: own, keyArn: keyId, store, branchKeyId, cache }));
    same(new Set(own.seen.dataKeys.map(String)).size, 1);
    searched({ "the branch key": own.seen.dataKeys[0] });

    const algorithm = { name: "RSA-OAEP", modulusLength: 2048, publicExponent: new Uint8Array([1, 0, 1]), hash: "SHA-256" };
    const pair = await crypto.subtle.generateKey(algorithm, true, ["encrypt", "decrypt"]);
    const [publicKey, privateKey] = await Promise.all([
      crypto.subtle.exportKey("spki", pair.publicKey),
      crypto.subtle.exportKey("pkcs8", pair.privateKey),
    ]);
    await roundTrip(rawRsaKeyring({ namespace: "tests", name: "rsa", publicKey: new Uint8Array(publicKey), privateKey: new Uint8Array(privateKey) }));
    const jwk = await crypto.subtle.exportKey("jwk", pair.privateKey);
    const numbers = ["d", "p", "q", "dp", "dq", "qi"].map((name) => [`${name} of the RSA key`, fromBase64(jwk[name].replaceAll("-", "+").replaceAll("_", "/"))]);
    searched(Object.fromEntries(numbers));

    const dataKeys = [];
    await roundTrip({
      makeDataKey({ dataKeyLength }) {
        dataKeys.push(randomBytes(dataKeyLength));
        const dataKey = dataKeys[0].slice();
        return { dataKey, encryptedDataKeys: [{ providerId: "none", providerInfo: new Uint8Array(), ciphertext: new Uint8Array(1) }] };
      },
      unwrapDataKey: () => dataKeys[0].slice(),
    });
    searched({ "the data key of the user's keyring": dataKeys[0] });
  },

  async "no root key stays in memory once its KMS is gone"(given) {
    const { LocalKms, memories } = given;
    const dispose = Symbol.dispose ?? Symbol.for("Symbol.dispose");
    const { kms } = await world(given);
    const open = await kms.dangerSnapshotWithoutRootKey();
    const own = open.slice(37, 69);
    const rootKey = randomBytes(32);
    const sealed = await kms.snapshot({ rootKey });
    const isThere = (secret) => [0, 8, 16, 24].some((at) => find(new Uint8Array(memories().kms.buffer), secret.subarray(at, at + 8)) >= 0);
    assert(isThere(own), "the search finds the root key of a KMS that is open");
    const copies = [
      await LocalKms.restore(sealed, { rootKey, storage: "memory" }),
      await LocalKms.dangerRestoreWithoutRootKey(open, { storage: "memory" }),
    ];
    await fails(LocalKms.restore(flipped(sealed, -1), { rootKey, storage: "memory" }));
    for (const each of [kms, ...copies]) each[dispose]();
    assert(!isThere(own), "the root key of the KMS is gone");
    assert(!isThere(rootKey), "the root key of the snapshot is gone");
  },

  async "after a trap the memory is zeros and a new instance takes over"(given) {
    const { Client, LocalKms, isInternal, memories } = given;
    const { kms, keyId, client } = await world(given);
    const { kms: kmsMemory } = memories();
    const encryptionContext = { mark: "of the module that asks" };
    let [name, memory] = [];
    const destructive = {
      ...spy(kms),
      async generateDataKey(request) {
        const response = await kms.generateDataKey(request);
        [name] = memoriesWith(given, encoder.encode(encryptionContext.mark));
        memory = memories()[name];
        new Uint8Array(memory.buffer).fill(0xff);
        return response;
      },
    };
    const interrupted = new Client({ kms: { ...spy(kms), generateDataKey: () => new Promise(() => {}) }, keyId });
    interrupted.encrypt("waits for ever").catch(() => {});
    const error = await fails(new Client({ kms: destructive, keyId }).encrypt("x", { encryptionContext }));
    assert(isInternal(error), `${error.code}: ${error.message}`);
    zeros(new Uint8Array(memory.buffer), "the memory of the instance that trapped is overwritten");
    equal((await client.decrypt(await client.encrypt("again"))).text(), "again");
    assert(memories()[name] !== memory, "it is another instance");

    new Uint8Array(kmsMemory.buffer).fill(0xff);
    assert(isInternal(await fails(kms.describeKey({ KeyId: keyId }))), "the KMS has failed");
    zeros(new Uint8Array(kmsMemory.buffer), "the memory of the KMS that trapped is overwritten");
    assert(isInternal(await fails(kms.describeKey({ KeyId: keyId }))), "its keys are gone with it");
    const fresh = await LocalKms.open({ storage: "memory" });
    const { KeyMetadata } = await fresh.createKey();
    const next = new Client({ kms: fresh, keyId: KeyMetadata.Arn });
    equal((await next.decrypt(await next.encrypt("and again"))).text(), "and again");
  },

  async "what is disposed of is gone"(given) {
    const { Client, rawAesKeyring } = given;
    const dispose = Symbol.dispose ?? Symbol.for("Symbol.dispose");
    const { kms, keyId, client } = await world(given);
    const message = await client.encrypt("x");
    const decrypted = await client.decrypt(message);
    decrypted[dispose]();
    zeros(decrypted.plaintext, "the plaintext is overwritten");
    client[dispose]();
    equal((await fails(client.encrypt("x"))).code, "InvalidInput");
    const raw = rawAesKeyring({ namespace: "tests", name: "raw", key: randomBytes(32) });
    const rawClient = new Client({ keyring: raw });
    const underway = rawClient.encrypt("x");
    raw[dispose]();
    // It has either taken the key over already, or finds none: never a key of zeros.
    const zeroed = new Client({ keyring: rawAesKeyring({ namespace: "tests", name: "raw", key: new Uint8Array(32) }) });
    const outcome = await underway.then((message) => fails(zeroed.decrypt(message)), (error) => error);
    assert(["DecryptionFailed", "InvalidInput"].includes(outcome.code), `${outcome.code}: ${outcome.message}`);
    equal((await fails(rawClient.encrypt("x"))).code, "InvalidInput");
    kms[dispose]();
    equal((await fails(kms.describeKey({ KeyId: keyId }))).code, "InvalidInput");
  },
};

/** All bytes and all text in some events, one after the other. */
function bytesOf(value) {
  const parts = [];
  const visit = (value) => {
    if (value instanceof Uint8Array) parts.push(value);
    else if (typeof value === "string") parts.push(encoder.encode(value));
    else if (typeof value === "object" && value !== null) Object.values(value).forEach(visit);
  };
  visit(value);
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length + 1, 0));
  parts.reduce((at, part) => (all.set(part, at), at + part.length + 1), 0);
  return all;
}
