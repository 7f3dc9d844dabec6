// Keyrings that the user wrote, good ones and those that misbehave.

import { assert, equal, fails, includes, same, zeros } from "../checks.mjs";
import { CONTEXT, encoder, randomBytes, spy, transferred, world } from "./world.mjs";

/** A keyring over WebCrypto's AES-GCM: data keys bound to the encryption context, and notes of what it was asked. */
async function webCryptoKeyring(id = "mine") {
  const key = await crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
  const seen = { requests: [], given: [] };
  const cipher = (iv, context) => ({ name: "AES-GCM", iv, additionalData: encoder.encode(JSON.stringify(Object.entries(context).sort())) });
  return {
    seen,
    async wrapDataKey(request) {
      seen.requests.push(["wrapDataKey", request]);
      seen.given.push(request.dataKey);
      const iv = crypto.getRandomValues(new Uint8Array(12));
      const ciphertext = new Uint8Array(await crypto.subtle.encrypt(cipher(iv, request.encryptionContext), key, request.dataKey));
      return [{ providerId: id, providerInfo: iv, ciphertext }];
    },
    async unwrapDataKey(request) {
      seen.requests.push(["unwrapDataKey", request]);
      const mine = request.encryptedDataKeys.find(({ providerId }) => providerId === id);
      if (!mine) return undefined;
      const dataKey = new Uint8Array(await crypto.subtle.decrypt(cipher(mine.providerInfo, request.encryptionContext), key, mine.ciphertext));
      seen.given.push(dataKey);
      return dataKey;
    },
  };
}

const wrapped = (dataKey) => [{ providerId: "tests", providerInfo: new Uint8Array([1]), ciphertext: dataKey.slice() }];

export const ownKeyrings = {
  async "a keyring of the user's own wraps and unwraps, and its data keys are overwritten"(given) {
    const keyring = await webCryptoKeyring();
    const client = new given.Client({ keyring });
    const message = await client.encrypt("top secret", { encryptionContext: { ...CONTEXT, ["__proto__"]: "a key like any other" } });
    const decrypted = await client.decrypt(message);
    equal(decrypted.text(), "top secret");
    same(keyring.seen.requests.map(([method]) => method), ["wrapDataKey", "unwrapDataKey"]);
    for (const [, { suite, dataKeyLength, encryptionContext, signal }] of keyring.seen.requests) {
      same([suite, dataKeyLength, signal], ["0478", 32, undefined]);
      equal(Object.getOwnPropertyDescriptor(encryptionContext, "__proto__").value, "a key like any other");
    }
    const [, { encryptedDataKeys }] = keyring.seen.requests[1];
    same(encryptedDataKeys, decrypted.header.encryptedDataKeys);
    equal(keyring.seen.given.length, 2);
    for (const dataKey of keyring.seen.given) zeros(dataKey, "a data key that passed through the keyring is overwritten");
    const others = new given.Client({ keyring: await webCryptoKeyring("another") });
    const error = await fails(others.decrypt(message));
    equal(error.code, "InvalidInput");
    includes(error.message, "not for this keyring");
  },

  async "a keyring may make the data keys itself, of the suite's length"(given) {
    const [made, requests] = [[], []];
    const keyring = {
      makeDataKey(request) {
        requests.push(request);
        made.push(randomBytes(request.dataKeyLength));
        return { dataKey: made.at(-1), encryptedDataKeys: wrapped(made.at(-1)) };
      },
      unwrapDataKey: ({ encryptedDataKeys }) => encryptedDataKeys[0].ciphertext,
    };
    for (const [suite, length] of [["0478", 32], ["0178", 32], ["0146", 24], ["0114", 16]]) {
      const commitmentPolicy = suite === "0478" ? undefined : "forbid-encrypt-allow-decrypt";
      const client = new given.Client({ keyring, suite, commitmentPolicy });
      equal((await client.decrypt(await client.encrypt("x"))).text(), "x");
      const { encryptionContext, ...rest } = requests.at(-1);
      same(rest, { suite, dataKeyLength: length });
      same(encryptionContext, {});
    }
    for (const dataKey of made) zeros(dataKey, "the data key that the keyring made is overwritten");
    const child = given.multiKeyring({ generator: await webCryptoKeyring(), children: [keyring] });
    const error = await fails(new given.Client({ keyring: child }).encrypt("x"));
    equal(error.code, "InvalidInput");
    includes(error.message, "no method `wrapDataKey`");
  },

  async "keyrings of the user's own and others work together"(given) {
    const { Client, kmsKeyring, multiKeyring } = given;
    const { kms, keyId } = await world(given);
    const [first, second] = [await webCryptoKeyring("first"), await webCryptoKeyring("second")];
    const ofKms = kmsKeyring({ kms, keyId });
    for (const all of [{ generator: ofKms, children: [first, second] }, { generator: first, children: [ofKms, second] }]) {
      const message = await new Client({ keyring: multiKeyring(all) }).encrypt("top secret", { encryptionContext: CONTEXT });
      for (const keyring of [ofKms, first, second, multiKeyring({ children: [second, first] })]) {
        equal((await new Client({ keyring }).decrypt(message)).text(), "top secret");
      }
    }
    const nobody = await fails(new Client({ keyring: multiKeyring({ children: [first] }) }).encrypt("x"));
    includes(nobody.message, "without a generator");
  },

  async "a keyring that throws has failed, unless another one opens the message"(given) {
    const { Client, multiKeyring } = given;
    const good = await webCryptoKeyring();
    const message = await new Client({ keyring: good }).encrypt("x");
    const thrown = (members) => Object.assign(new Error(members.message), members);
    const cases = [
      [new Error("the HSM is locked"), "KmsUnavailable", true],
      [thrown({ name: "AccessDeniedException", message: "not you" }), "KmsDenied", false],
      ["a string", "KmsUnavailable", true],
      [undefined, "KmsUnavailable", true],
    ];
    for (const [error, code, retryable] of cases) {
      const broken = { ...good, wrapDataKey: () => { throw error; }, unwrapDataKey: async () => { throw error; } };
      for (const call of [(client) => client.encrypt("x"), (client) => client.decrypt(message)]) {
        const failed = await fails(call(new Client({ keyring: broken })));
        same([failed.code, failed.retryable, failed.cause === error], [code, retryable, true]);
        if (error?.message) includes(failed.message, error.message);
      }
      const around = new Client({ keyring: multiKeyring({ children: [broken, good] }) });
      equal((await around.decrypt(message)).text(), "x");
    }
  },

  async "what a keyring answers is checked, and a key in half an answer is overwritten"(given) {
    const { Client, isInvalidInput } = given;
    const key = () => new Uint8Array(32).fill(7);
    const copies = wrapped(key());
    const trap = (object, name) => Object.defineProperty(object, name, { get: () => { throw new Error("no such thing"); } });
    const wrongMade = {
      nothing: [undefined, "dataKey is not a Uint8Array"],
      "no data key": [{ encryptedDataKeys: copies }, "dataKey is not a Uint8Array"],
      "a data key that is text": [{ dataKey: "x".repeat(32), encryptedDataKeys: copies }, "dataKey is not a Uint8Array"],
      "a data key that went elsewhere": [{ dataKey: transferred(key()), encryptedDataKeys: copies }, "dataKey is not a Uint8Array"],
      "a short data key": [{ dataKey: key().subarray(1), encryptedDataKeys: copies }, "a data key of 31 bytes"],
      "a long data key": [{ dataKey: new Uint8Array(64), encryptedDataKeys: copies }, "a data key of 64 bytes"],
      "no copies": [{ dataKey: key() }, "encryptedDataKeys is not an array"],
      "an empty list of copies": [{ dataKey: key(), encryptedDataKeys: [] }, "for nobody"],
      "a copy that is none": [{ dataKey: key(), encryptedDataKeys: [undefined] }, "providerId of encryptedDataKeys[0]"],
      "a copy without provider": [{ dataKey: key(), encryptedDataKeys: [{ ...copies[0], providerId: "" }] }, "providerId of encryptedDataKeys[0]"],
      "half of a surrogate pair": [{ dataKey: key(), encryptedDataKeys: [{ ...copies[0], providerId: "\ud800" }] }, "surrogate"],
      "a copy of text": [{ dataKey: key(), encryptedDataKeys: [...copies, { ...copies[0], ciphertext: "x" }] }, "ciphertext of encryptedDataKeys[1]"],
      "info of text": [{ dataKey: key(), encryptedDataKeys: [{ ...copies[0], providerInfo: "x" }] }, "providerInfo of encryptedDataKeys[0]"],
      "a copy too long for a message": [{ dataKey: key(), encryptedDataKeys: [{ ...copies[0], ciphertext: new Uint8Array(65_536) }] }, "65"],
      "a getter that throws": [trap({ dataKey: key() }, "encryptedDataKeys"), "no such thing"],
    };
    for (const [name, [answer, part]] of Object.entries(wrongMade)) {
      const error = await fails(new Client({ keyring: { makeDataKey: async () => answer } }).encrypt("x"), name);
      assert(isInvalidInput(error), `${name}: ${error.code}: ${error.message}`);
      includes(error.message, part);
      if (answer?.dataKey?.length > 0 && typeof answer.dataKey !== "string") zeros(answer.dataKey, `${name}: the data key is overwritten`);
    }
    for (const answer of [undefined, {}, [7], "text", new Map()]) {
      const error = await fails(new Client({ keyring: { wrapDataKey: () => answer } }).encrypt("x"));
      assert(isInvalidInput(error), `${error.code}: ${error.message}`);
    }
    const many = { wrapDataKey: ({ dataKey }) => Array(4).fill(wrapped(dataKey)[0]) };
    includes((await fails(new Client({ keyring: many, maxEncryptedDataKeys: 3 }).encrypt("x"))).message, "4 times");
    const good = { wrapDataKey: ({ dataKey }) => wrapped(dataKey) };
    const message = await new Client({ keyring: good }).encrypt("x");
    const open = (answer) => new Client({ keyring: { unwrapDataKey: async () => answer } }).decrypt(message);
    for (const [at, answer] of ["text", 7, {}, [], transferred(key()), new Proxy(key(), {}), key().buffer].entries()) {
      assert(isInvalidInput(await fails(open(answer), `answer ${at}`)), `answer ${at}`);
    }
    for (const answer of [key(), key().subarray(1), new Uint8Array(), new Uint8Array(1 << 20)]) {
      equal((await fails(open(answer))).code, "DecryptionFailed");
      zeros(answer, "a data key that does not fit is overwritten");
    }
    for (const answer of [undefined, null]) includes((await fails(open(answer))).message, "not for this keyring");
  },

  async "an abort reaches a keyring, and a data key that arrives late is overwritten"(given) {
    const { Client, isAborted } = given;
    const good = await webCryptoKeyring();
    const message = await new Client({ keyring: good }).encrypt("x");
    const late = [new Uint8Array(32).fill(9), new Uint8Array(32).fill(9)];
    const arrived = new Promise((resolve) => setTimeout(resolve, 20));
    const seen = [];
    const slow = {
      makeDataKey: async ({ signal }) => (seen.push(signal), await arrived, { dataKey: late[0], encryptedDataKeys: wrapped(late[0]) }),
      unwrapDataKey: async ({ signal }) => (seen.push(signal), await arrived, late[1]),
    };
    const controller = new AbortController();
    const { signal } = controller;
    const client = new Client({ keyring: slow });
    const calls = [client.encrypt("x", { signal }), client.decrypt(message, { signal })];
    setTimeout(() => controller.abort(), 5);
    for (const call of calls) assert(isAborted(await fails(call)), "aborted");
    same(seen.map((each) => each === signal), [true, true]);
    await arrived;
    await new Promise((resolve) => setTimeout(resolve, 5));
    for (const dataKey of late) zeros(dataKey, "it is overwritten");
  },

  async "a keyring may use the same client while it is asked"(given) {
    const { Client, rawAesKeyring } = given;
    const inner = new Client({ keyring: rawAesKeyring({ namespace: "tests", name: "raw", key: randomBytes(32) }) });
    const keyring = {
      wrapDataKey: async ({ dataKey, encryptionContext }) => [
        { providerId: "nested", providerInfo: new Uint8Array(), ciphertext: await inner.encrypt(dataKey, { encryptionContext }) },
      ],
      unwrapDataKey: async ({ encryptedDataKeys, encryptionContext }) =>
        (await inner.decrypt(encryptedDataKeys[0].ciphertext, { encryptionContext })).plaintext,
    };
    const client = new Client({ keyring });
    const calls = Array.from({ length: 5 }, (_, at) => client.encrypt(`${at}`, { encryptionContext: CONTEXT }));
    const messages = await Promise.all(calls);
    for (const [at, message] of messages.entries()) equal((await client.decrypt(message)).text(), `${at}`);
  },

  async "what is no keyring is refused, and its methods are looked up when they are used"(given) {
    const { Client, multiKeyring } = given;
    for (const keyring of [7, "x", {}, [], { wrap() {} }, spy({})]) {
      let error;
      try {
        new Client({ keyring });
      } catch (thrown) {
        error = thrown;
      }
      equal(error?.code, "InvalidInput", String(keyring));
      includes(error.message, "is not a keyring");
    }
    const changing = { unwrapDataKey: () => undefined };
    const client = new Client({ keyring: multiKeyring({ generator: changing }) });
    includes((await fails(client.encrypt("x"))).message, "no method `wrapDataKey`");
    changing.wrapDataKey = ({ dataKey }) => wrapped(dataKey);
    assert((await client.encrypt("x")).length > 0, "it can wrap now");
  },
};
