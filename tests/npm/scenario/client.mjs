// Encrypting and decrypting: inputs, keyrings, options.

import { assert, equal, find, fails, includes, same } from "../checks.mjs";
import { CONTEXT, decoder, encoder, EVE, flipped, randomBytes, spy, transferred, world } from "./world.mjs";

export const client = {
  async "the example of the README"(given) {
    const { Client, LocalKms, ready } = given;
    const kms = await LocalKms.open({ storage: "memory" });
    const { KeyMetadata } = await kms.createKey({ Description: "documents" });
    await ready();
    const client = new Client({ kms, keyId: KeyMetadata.Arn });
    const message = await client.encrypt("top secret", { encryptionContext: { tenant: "42" } });
    const decrypted = await client.decrypt(message, { encryptionContext: { tenant: "42" } });
    equal(decoder.decode(decrypted.plaintext), "top secret");
    equal(decrypted.text(), "top secret");
    same(decrypted.encryptionContext, { tenant: "42" });
    equal(decrypted.header.suite, "0478");
    equal(decrypted.header.encryptedDataKeys.length, 1);
    equal(decoder.decode(decrypted.header.encryptedDataKeys[0].providerInfo), KeyMetadata.Arn);
    assert(message instanceof Uint8Array, "the message is a Uint8Array");
    const eve = kms.as(EVE);
    const error = await fails(eve.generateDataKey({ KeyId: KeyMetadata.Arn, NumberOfBytes: 32 }));
    equal(error.name, "AccessDeniedException");
  },

  async "every kind of input, empty to 5 MB, comes back as it was"(given) {
    const { client } = await world(given);
    const bytes = randomBytes(70_000);
    const inputs = [
      ["text", "zażółć gęślą jaźń 🔐", encoder.encode("zażółć gęślą jaźń 🔐")],
      ["text with a byte order mark", "\uFEFFtext", encoder.encode("\uFEFFtext")],
      ["bytes", bytes, bytes],
      ["a view in the middle of a buffer", bytes.subarray(100, 5000), bytes.slice(100, 5000)],
      ["a buffer", bytes.slice().buffer, bytes],
      ["a Blob", new Blob([bytes.slice(0, 77), "tail"]), new Uint8Array([...bytes.slice(0, 77), ...encoder.encode("tail")])],
      ["nothing", "", new Uint8Array()],
      ["one frame exactly", bytes.slice(0, 65_536), bytes.slice(0, 65_536)],
      ["5 MB", randomBytes(5_000_000), undefined],
    ];
    for (const [what, input, expected = input] of inputs) {
      const decrypted = await client.decrypt(await client.encrypt(input));
      assert(find(decrypted.plaintext, expected) === 0 && decrypted.plaintext.length === expected.length, `${what} comes back`);
    }
    const message = await client.encrypt("a message in a Blob");
    equal((await client.decrypt(new Blob([message]))).text(), "a message in a Blob");
    equal((await client.decrypt(message.buffer)).text(), "a message in a Blob");
  },

  async "messages without key commitment are written and read only under a policy that says so"(given) {
    const { Client, rawAesKeyring } = given;
    const keyring = rawAesKeyring({ namespace: "ns", name: "name", key: randomBytes(32) });
    const older = new Client({ keyring, commitmentPolicy: "forbid-encrypt-allow-decrypt", suite: "0178" });
    const message = await older.encrypt("older");
    const opened = await older.decrypt(message);
    same([opened.text(), opened.header.suite, opened.header.messageId.length, opened.header.commitment], ["older", "0178", 16, undefined]);
    const refused = await fails(new Client({ keyring }).decrypt(message));
    equal(refused.code, "InvalidMessage");
    includes(refused.message, "read it under require-encrypt-allow-decrypt");
    equal((await new Client({ keyring, commitmentPolicy: "require-encrypt-allow-decrypt" }).decrypt(message)).text(), "older");
    includes((await fails(new Client({ keyring, suite: "0178" }).encrypt("x"))).message, "use suite 0478, or another policy");
    includes((await fails(new Client({ keyring, suite: "9999" }).encrypt("x"))).message, "`9999` is not an algorithm suite");
    includes((await fails(new Client({ keyring, commitmentPolicy: "none" }).encrypt("x"))).message, "`none` is not a commitment policy");
    equal((await older.decrypt(await new Client({ keyring, suite: "committing-signed" }).encrypt("signed"))).header.suite, "0578");
  },

  async "signed messages are written and read"(given) {
    const { Client, rawAesKeyring } = given;
    const keyring = rawAesKeyring({ namespace: "ns", name: "name", key: randomBytes(32) });
    const client = new Client({ keyring, suite: "committing-signed" });
    const message = await client.encrypt("signed", { encryptionContext: { tenant: "42" } });
    const opened = await new Client({ keyring }).decrypt(message, { encryptionContext: { tenant: "42" } });
    same([opened.text(), opened.header.suite], ["signed", "0578"]);
    equal((await fails(client.decrypt(flipped(message, -1)))).code, "DecryptionFailed");
    const [one, two] = await Promise.all([client.encrypt("one"), client.encrypt("two")]);
    same([(await client.decrypt(one)).text(), (await client.decrypt(two)).text()], ["one", "two"]);
  },

  async "a pair of the context can be authenticated without being stored"(given) {
    const { Client, rawAesKeyring } = given;
    const keyring = rawAesKeyring({ namespace: "ns", name: "name", key: randomBytes(32) });
    const client = new Client({ keyring, requiredEncryptionContextKeys: ["tenant"] });
    const message = await client.encrypt("bound", { encryptionContext: { tenant: "tenant-42", purpose: "test" } });
    equal(find(message, encoder.encode("tenant-42")), -1);
    const opened = await client.decrypt(message, { reproducedEncryptionContext: { tenant: "tenant-42" } });
    same([opened.text(), opened.encryptionContext], ["bound", { purpose: "test" }]);
    equal((await fails(client.decrypt(message, { reproducedEncryptionContext: { tenant: "tenant-43" } }))).code, "DecryptionFailed");
    includes((await fails(client.decrypt(message))).message, "lacks `tenant`");
    includes((await fails(client.encrypt("x"))).message, "lacks `tenant`");
  },

  async "an argument is never changed, nor read after the call"(given) {
    const { client } = await world(given);
    const input = encoder.encode("mine");
    const encryption = client.encrypt(input);
    same([...input], [...encoder.encode("mine")]);
    input.fill(0);
    const message = await encryption;
    equal((await client.decrypt(message)).text(), "mine");
    const decryption = client.decrypt(message);
    message.fill(0);
    equal((await decryption).text(), "mine");
  },

  async "operations overlap without disturbing each other"(given) {
    const { Client } = given;
    const { kms, keyId } = await world(given);
    const late = (operation) => async (request) => {
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 10));
      return kms[operation](request);
    };
    const slow = { generateDataKey: late("generateDataKey"), encrypt: late("encrypt"), decrypt: late("decrypt") };
    const client = new Client({ kms: slow, keyId });
    const texts = Array.from({ length: 20 }, (_, index) => `text ${index}`);
    const there = async (text) => (await client.decrypt(await client.encrypt(text, { encryptionContext: { text } }), { encryptionContext: { text } })).text();
    same(await Promise.all(texts.map(there)), texts);
  },

  async "a frame length of the caller's choice"(given) {
    const { Client, LocalKms } = given;
    const kms = await LocalKms.open({ storage: "memory" });
    const { KeyMetadata } = await kms.createKey();
    const client = new Client({ kms, keyId: KeyMetadata.Arn, frameLength: 10 });
    const decrypted = await client.decrypt(await client.encrypt("twenty-five bytes of text"));
    equal(decrypted.header.frameLength, 10);
    equal(decrypted.text(), "twenty-five bytes of text");
  },

  async "raw AES keys and several keyrings"(given) {
    const { Client, kmsKeyring, multiKeyring, rawAesKeyring } = given;
    const { kms, keyId } = await world(given);
    for (const length of [16, 24, 32]) {
      const key = randomBytes(length);
      const client = new Client({ keyring: rawAesKeyring({ namespace: "tests", name: `${length}`, key }) });
      key.fill(0);
      const message = await client.encrypt("raw", { encryptionContext: CONTEXT });
      equal((await client.decrypt(message)).text(), "raw");
      const stranger = new Client({ keyring: rawAesKeyring({ namespace: "tests", name: `${length}`, key: randomBytes(length) }) });
      equal((await fails(stranger.decrypt(message))).code, "DecryptionFailed");
    }
    const raw = rawAesKeyring({ namespace: "tests", name: "backup", key: randomBytes(32) });
    const both = new Client({ keyring: multiKeyring({ generator: raw, children: [kmsKeyring({ kms, keyId })] }) });
    const message = await both.encrypt("two ways in");
    equal((await both.decrypt(message)).header.encryptedDataKeys.length, 2);
    equal((await new Client({ keyring: raw }).decrypt(message)).text(), "two ways in");
    equal((await new Client({ kms, keyId }).decrypt(message)).text(), "two ways in");
    const refusing = { ...spy(kms), decrypt: () => Promise.reject(Object.assign(new Error("no"), { name: "AccessDeniedException" })) };
    const second = new Client({ keyring: multiKeyring({ children: [kmsKeyring({ kms: refusing, keyId }), raw] }) });
    equal((await second.decrypt(message)).text(), "two ways in");
    const later = await fails(second.decrypt(flipped(message, -1)));
    same([later.code, String(later.cause)], ["DecryptionFailed", "undefined"]);
    const abandoned = new AbortController();
    const leaving = { ...spy(kms), decrypt: () => (abandoned.abort(), new Promise(() => {})) };
    const impatient = new Client({ keyring: multiKeyring({ children: [kmsKeyring({ kms: refusing, keyId }), kmsKeyring({ kms: leaving, keyId })] }) });
    equal((await fails(impatient.decrypt(message, { signal: abandoned.signal }))).code, "Aborted", "an earlier refusal does not hide the abort");
    const limited = new Client({ kms, keyId, maxEncryptedDataKeys: 1 });
    equal((await fails(limited.decrypt(message))).code, "InvalidMessage");
  },

  async "mistakes are named before anything happens"(given) {
    const { Client, LocalKms, isInvalidInput, kmsKeyring, multiKeyring, rawAesKeyring } = given;
    const { kms, keyId, client } = await world(given);
    const mistakes = [
      [() => new Client(), "keyring"],
      [() => new Client({ kms, keyId, keyrings: 1 }), "keyrings"],
      [() => new Client({ kms: {}, keyId }), "encrypt"],
      [() => new Client({ kms, keyId, keyring: kmsKeyring({ kms, keyId }) }), "not both"],
      [() => new Client({ kms, keyId, frameLength: 0 }), "frameLength"],
      [() => new Client({ kms, keyId, onEvent: "console" }), "onEvent"],
      [() => kmsKeyring({ kms }), "keyId"],
      [() => rawAesKeyring({ namespace: "n", name: "n", key: new Uint8Array(31) }), "16, 24 or 32"],
      [() => multiKeyring({}), "generator"],
      [() => kms.as("bob"), "`bob`"],
      [() => LocalKms.open({}), "storage"],
      [() => LocalKms.open({ storage: "disk" }), "storage"],
      [() => LocalKms.open({ storage: "memory", account: "12" }), ":12:"],
      [() => LocalKms.open({ storage: "memory", region: "us:east" }), "`us:east` is not a region"],
      [() => LocalKms.open({ storage: "memory", grantConsistency: -1 }), "grantConsistency is not a whole number from 0 to 3600"],
      [() => LocalKms.open({ storage: "memory", clock: () => new Date("nonsense") }), "clock"],
      [() => client.encrypt(7), "plaintext"],
      [() => client.encrypt("x", { encryptionContext: "tenant=42" }), "encryption context"],
      [() => client.encrypt("x", { encryptionContext: { tenant: 42 } }), "`tenant`"],
      [() => client.encrypt("x", new Map([["encryptionContext", {}]])), "encrypt is not an object of options"],
      [() => client.encrypt("x", { encryptionContext: null }), "encryption context"],
      [() => client.encrypt("x", { encryptionContext: new Map([["tenant", "42"]]) }), "plain object"],
      [() => client.encrypt("x", { encryptionContext: [["tenant", "42"]] }), "plain object"],
      [() => client.encrypt("x", { encryptionContext: { tenant: "\udc00" } }), "context.tenant has half of a surrogate pair"],
      [() => client.encrypt("x", { encryptionContext: { ["\ud800"]: "42" } }), "half of a surrogate pair"],
      [() => client.encrypt("half a pair: \ud83d"), "plaintext has half of a surrogate pair"],
      [() => client.encrypt(transferred(new Uint8Array(4))), "transferred away"],
      [() => client.encrypt(transferred(new Uint8Array(4)).buffer), "transferred away"],
      [() => client.encrypt({ [Symbol.toStringTag]: "Uint8Array" }), "plaintext is not"],
      [() => client.encrypt({ [Symbol.toStringTag]: "Blob" }), "plaintext can not be read"],
      [() => client.encrypt("x", { context: CONTEXT }), "`context`"],
      [() => new Client({ kms, keyId: "alias/x y" }).encrypt("x"), "alias/x y"],
      [async () => new Client({ kms, keyId: keyId.split("/")[1] }).decrypt(await client.encrypt("x")), keyId],
      [() => new LocalKms(), "LocalKms.open"],
    ];
    for (const [mistake, named] of mistakes) {
      const error = await fails((async () => mistake())(), named);
      equal(error.code, "InvalidInput", `${named}: ${error.message}`);
      assert(isInvalidInput(error), "the guard knows it");
      includes(error.message, named);
    }
  },
};
