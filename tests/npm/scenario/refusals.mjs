// What is refused, how, and what a KMS may answer.

import { assert, equal, fails, includes, same, zeros } from "../checks.mjs";
import { BOB, CONTEXT, encoder, flipped, position, randomBytes, spy, transferred, world } from "./world.mjs";

export const refusals = {
  async "a context that is not the message's is refused before any KMS is asked"(given) {
    const { Client, isEncryptionContextMismatch } = given;
    const { kms, keyId } = await world(given);
    const own = spy(kms);
    const client = new Client({ kms: own, keyId });
    const message = await client.encrypt("top secret", { encryptionContext: CONTEXT });
    equal(own.seen.calls.length, 1);
    for (const encryptionContext of [{ tenant: "43" }, { ...CONTEXT, more: "1" }, { Tenant: "42" }]) {
      const error = await fails(client.decrypt(message, { encryptionContext }));
      equal(error.code, "EncryptionContextMismatch");
      assert(isEncryptionContextMismatch(error), "the guard knows it");
    }
    includes((await fails(client.decrypt(message, { encryptionContext: { tenant: "43" } }))).message, "`tenant`");
    equal(own.seen.calls.length, 1);
    equal((await client.decrypt(message, { encryptionContext: { tenant: "42" } })).text(), "top secret");
    equal((await client.decrypt(message)).text(), "top secret");
    equal(own.seen.calls.length, 3);
  },

  async "a stored context that was altered is refused by the KMS, or else by the header's tag"(given) {
    const { Client } = given;
    const { kms, keyId, client } = await world(given);
    const message = await client.encrypt("top secret", { encryptionContext: CONTEXT });
    const altered = message.slice();
    altered[position(message, encoder.encode("42")) + 1] = "3".charCodeAt(0);
    const refused = await fails(client.decrypt(altered));
    equal(refused.name, "InvalidCiphertextException");
    equal(refused.code, "KmsDenied");
    // A KMS that would let the altered context pass: the message itself does not.
    const careless = { ...spy(kms), decrypt: (request) => kms.decrypt({ ...request, EncryptionContext: CONTEXT }) };
    const forgiving = new Client({ kms: careless, keyId });
    equal((await forgiving.decrypt(message)).text(), "top secret");
    equal((await fails(forgiving.decrypt(altered))).code, "DecryptionFailed");
  },

  async "a tampered message is refused, without saying why and without plaintext"(given) {
    const { Client, isDecryptionFailed } = given;
    const { kms, keyId } = await world(given);
    const client = new Client({ kms, keyId, frameLength: 4096 });
    const plaintext = randomBytes(9000);
    const message = await client.encrypt(plaintext, { encryptionContext: CONTEXT });
    const { header } = await client.decrypt(message);
    const commitment = position(message, header.commitment);
    const body = commitment + 32 + 16;
    const places = {
      "message id": 3,
      commitment,
      "header tag": commitment + 32,
      "ciphertext of the first frame": body + 4 + 12,
      "tag of the first frame": body + 4 + 12 + 4096,
      "ciphertext of the last frame": -20,
      "tag of the last frame": -1,
    };
    const texts = new Set();
    for (const [place, at] of Object.entries(places)) {
      const error = await fails(client.decrypt(flipped(message, at)), place);
      equal(error.code, "DecryptionFailed", place);
      equal(error.cause, undefined, place);
      assert(isDecryptionFailed(error), "the guard knows it");
      texts.add(error.message);
    }
    equal(texts.size, 1);
    const cut = await fails(client.decrypt(message.slice(0, -1)));
    equal(cut.code, "DecryptionFailed");
    const longer = await fails(client.decrypt(new Uint8Array([...message, 0])));
    equal(longer.code, "DecryptionFailed");
    equal((await fails(client.decrypt("not a message"))).code, "InvalidMessage");
    equal((await fails(client.decrypt(""))).code, "InvalidMessage");
    const base64 = await fails(client.decrypt(btoa(String.fromCharCode(...message))));
    equal(base64.code, "InvalidMessage");
    includes(base64.message, "base64");
  },

  async "a KMS object of the user's own"(given) {
    const { Client, kmsKeyring } = given;
    const { kms, keyId } = await world(given);
    const { GrantToken } = await kms.createGrant({ KeyId: keyId, GranteePrincipal: BOB, Operations: ["Decrypt", "GenerateDataKey"] });
    const own = spy(kms.as(BOB));
    const client = new Client({ keyring: kmsKeyring({ kms: own, keyId, grantTokens: [GrantToken] }) });
    const message = await client.encrypt("top secret", { encryptionContext: { ...CONTEXT, ["__proto__"]: "a key like any other" } });
    const { operation, request } = own.seen.calls[0];
    equal(operation, "generateDataKey");
    same(Object.keys(request).sort(), ["EncryptionContext", "GrantTokens", "KeyId", "NumberOfBytes"]);
    equal(request.KeyId, keyId);
    equal(request.NumberOfBytes, 32);
    same(request.GrantTokens, [GrantToken]);
    const decrypted = await client.decrypt(message);
    equal(Object.getOwnPropertyDescriptor(decrypted.encryptionContext, "__proto__").value, "a key like any other");
    equal(own.seen.calls[1].operation, "decrypt");
    equal(own.seen.calls[1].request.KeyId, keyId);
    for (const plaintext of own.seen.plaintexts) zeros(plaintext, "the data key that the KMS returned is overwritten");
    for (const dataKey of own.seen.dataKeys) assert(dataKey.some((byte) => byte !== 0), "it was not zeros before");
  },

  async "what a KMS throws or answers is sorted by who has to act"(given) {
    const { Client } = given;
    const keyId = "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";
    const thrown = (members) => Object.assign(new Error(members.message ?? ""), members);
    const attempt = async (generateDataKey) => {
      const kms = { generateDataKey, encrypt: generateDataKey, decrypt: generateDataKey };
      return fails(new Client({ kms, keyId }).encrypt("x"));
    };
    const throttled = thrown({ name: "ThrottlingException", message: "slow down", $retryable: {}, $metadata: { requestId: "r-1" } });
    const refused = await attempt(() => Promise.reject(throttled));
    same([refused.name, refused.code, refused.retryable, refused.requestId], ["ThrottlingException", "KmsDenied", true, "r-1"]);
    equal(refused.cause, throttled);
    const offline = new TypeError("fetch failed");
    const unreachable = await attempt(() => Promise.reject(offline));
    same([unreachable.name, unreachable.code, unreachable.retryable], ["KmsUnavailable", "KmsUnavailable", true]);
    equal(unreachable.cause, offline);
    includes(unreachable.message, "fetch failed");
    equal((await attempt(() => { throw offline; })).code, "KmsUnavailable");
    const key = new Uint8Array(32).fill(7);
    for (const nonsense of [undefined, {}, { Plaintext: "text" }, { Plaintext: key, KeyId: keyId }, { Plaintext: key.slice(1), KeyId: keyId, CiphertextBlob: key }]) {
      const error = await attempt(async () => nonsense);
      equal(error.code, "KmsUnavailable", error.message);
    }
    zeros(key, "the key in half an answer is overwritten too");
  },

  async "a KMS's answer is taken as it is, whatever its arrays are"(given) {
    const { Client } = given;
    const { kms, keyId } = await world(given);
    const encrypt = (answer) => {
      const generateDataKey = async (request) => answer(await kms.generateDataKey(request));
      return new Client({ kms: { ...spy(kms), generateDataKey }, keyId }).encrypt("x");
    };
    class Stubborn extends Uint8Array {
      fill() {
        throw new Error("not so");
      }
      get buffer() {
        throw new Error("nor this");
      }
    }
    let stubborn;
    await encrypt((response) => ({ ...response, Plaintext: (stubborn = new Stubborn(response.Plaintext)) }));
    zeros(stubborn, "an array with methods of its own is overwritten");
    const pool = new Uint8Array(100).fill(7);
    await encrypt((response) => (pool.set(response.Plaintext, 10), { ...response, Plaintext: pool.subarray(10, 42) }));
    zeros(pool.subarray(10, 42), "a part of a greater buffer is overwritten");
    equal(pool.filter((byte) => byte === 7).length, 68, "and nothing around it");
    equal((await fails(encrypt((response) => ({ ...response, Plaintext: transferred(response.Plaintext) })))).code, "KmsUnavailable");
    const throwing = await fails(encrypt((response) => Object.defineProperty(response, "KeyId", { get: () => { throw new Error("no id"); } })));
    equal(throwing.code, "KmsUnavailable");
    includes(throwing.message, "no id");
    equal((await fails(encrypt((response) => ({ ...response, Plaintext: new Proxy(response.Plaintext, {}) })))).code, "KmsUnavailable");
  },

  async "an abort ends the wait, and what still arrives is wiped"(given) {
    const { Client, isAborted, rawAesKeyring } = given;
    const { kms, keyId } = await world(given);
    const before = new AbortController();
    before.abort(new Error("never mind"));
    const own = spy(kms);
    const client = new Client({ kms: own, keyId });
    const early = await fails(client.encrypt("x", { signal: before.signal }));
    same([early.name, early.code, early.cause.message], ["AbortError", "Aborted", "never mind"]);
    equal(own.seen.calls.length, 0);
    const alone = new Client({ keyring: rawAesKeyring({ namespace: "tests", name: "raw", key: randomBytes(32) }) });
    assert(isAborted(await fails(alone.encrypt("x", { signal: before.signal }))), "also where no KMS is asked");

    const during = new AbortController();
    let arrived;
    const late = new Promise((resolve) => (arrived = resolve));
    const Plaintext = new Uint8Array(32).fill(9);
    const slow = { ...own, generateDataKey: (request, { abortSignal }) => (equal(abortSignal, during.signal), late) };
    const encryption = new Client({ kms: slow, keyId }).encrypt("x", { signal: during.signal });
    setTimeout(() => during.abort(), 5);
    const error = await fails(encryption);
    assert(isAborted(error), `${error.code}: ${error.message}`);
    arrived({ Plaintext });
    const broken = new AbortController();
    const useless = async () => ({ Plaintext: transferred(new Uint8Array(32)) });
    const abandoned = { ...own, generateDataKey: () => (broken.abort(), useless()) };
    assert(isAborted(await fails(new Client({ kms: abandoned, keyId }).encrypt("x", { signal: broken.signal }))), "what then arrives may be useless");
    await new Promise((resolve) => setTimeout(resolve, 5));
    zeros(Plaintext, "a data key that arrives late is overwritten");
    const call = await fails(kms.describeKey({ KeyId: keyId }, { abortSignal: before.signal }));
    equal(call.code, "Aborted");
  },
};
