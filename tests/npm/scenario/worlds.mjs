// A whole KMS: its clock, its randomness, snapshots of it, and where it is kept.

import { assert, equal, fails, find, includes, same } from "../checks.mjs";
import { BOB, decoder, encoder, flipped, world } from "./world.mjs";

const START = "2026-01-15T12:00:00.000Z";

export const worlds = {
  async "a virtual clock is moved, and what falls due is told"(given) {
    const { LocalKms, VirtualClock } = given;
    const clock = new VirtualClock(new Date(START));
    const kms = await LocalKms.open({ storage: "memory", clock });
    const { KeyMetadata } = await kms.createKey();
    const KeyId = KeyMetadata.Arn;
    equal(KeyMetadata.CreationDate.toISOString(), START);
    await kms.enableKeyRotation({ KeyId, RotationPeriodInDays: 90 });
    same(await kms.advance({ days: 89, hours: 23 }), []);
    const events = await kms.advance({ days: 90, hours: 1 });
    same(events.map(({ eventName, eventType }) => [eventName, eventType]), [["RotateKey", "AwsServiceEvent"], ["RotateKey", "AwsServiceEvent"]]);
    same(events.map(({ eventTime }) => eventTime), ["2026-04-15T12:00:00Z", "2026-07-14T12:00:00Z"]);
    equal(clock.now().toISOString(), "2026-07-14T12:00:00.000Z");
    await kms.scheduleKeyDeletion({ KeyId, PendingWindowInDays: 7 });
    same((await kms.advanceTo(new Date("2026-07-21T12:00:00Z"))).map(({ eventName }) => eventName), ["DeleteKey"]);
    same(await kms.advanceTo(new Date(START)), [], "it does not go back");
    equal(clock.now().toISOString(), "2026-07-21T12:00:00.000Z");
    equal(clock.advance({ seconds: 1, milliseconds: 5 }).toISOString(), "2026-07-21T12:00:01.005Z");
    equal(new Date(KeyMetadata.CreationDate).toISOString(), START);

    for (const [attempt, why] of [
      [() => kms.advanceTo("2027-01-01"), "date is not a valid Date"],
      [() => kms.advanceTo(new Date("never")), "date is not a valid Date"],
      [() => kms.advance({}), "a duration has some of days"],
      [() => kms.advance({ weeks: 1 }), "a duration has no `weeks`"],
      [() => kms.advance({ days: -1 }), "days is not a number from 0"],
      [async () => new VirtualClock(7), "now is not a valid Date"],
      [async () => (await LocalKms.open({ storage: "memory" })).advance({ days: 1 }), "only a VirtualClock can be moved"],
      [() => LocalKms.open({ storage: "memory", clock: 7 }), "clock is not a function"],
    ]) {
      const error = await fails(attempt(), why);
      includes(error.message, why);
      equal(error.code, "InvalidInput");
    }
  },

  async "a seed repeats a whole world"({ LocalKms, VirtualClock }) {
    const run = async (dangerSeed) => {
      const kms = await LocalKms.open({ storage: "memory", clock: new VirtualClock(new Date(START)), dangerSeed });
      const { KeyMetadata } = await kms.createKey();
      const { CiphertextBlob, Plaintext } = await kms.generateDataKey({ KeyId: KeyMetadata.Arn, KeySpec: "AES_256" });
      return JSON.stringify([KeyMetadata, [...CiphertextBlob], [...Plaintext], await kms.audit(), await kms.credentials(BOB)]);
    };
    const [first, again, other, none] = [await run(7), await run(7), await run(8), await run(undefined)];
    equal(first, again);
    assert(first !== other && other !== none && none !== (await run(undefined)), "anything else is another world");
    for (const dangerSeed of [-1, 0.5, "7", NaN, 2 ** 53]) {
      includes((await fails(LocalKms.open({ storage: "memory", dangerSeed }))).message, "dangerSeed is not a whole number");
    }
  },

  async "a snapshot is the whole world, sealed"(given) {
    const { LocalKms } = given;
    const { kms, keyId } = await world(given, { account: "444455556666", region: "eu-west-1" });
    const KeyId = keyId;
    await kms.createAlias({ AliasName: "alias/documents", TargetKeyId: KeyId });
    const Plaintext = encoder.encode("planted plaintext");
    const { CiphertextBlob } = await kms.encrypt({ KeyId, Plaintext });
    const rootKey = crypto.getRandomValues(new Uint8Array(32));
    const sealed = await kms.snapshot({ rootKey });
    assert(rootKey.some((byte) => byte !== 0), "the caller's root key is left alone");
    for (const part of ["planted", "alias/documents", "444455556666", keyId.slice(-36)]) {
      equal(find(sealed, encoder.encode(part)), -1, `${part} in the snapshot`);
    }
    const open = await kms.dangerSnapshotWithoutRootKey();
    assert(find(open, encoder.encode("alias/documents")) > 0, "an open one can be read");
    const audited = await kms.audit();
    for (const copy of [
      await LocalKms.restore(sealed, { rootKey, storage: "memory" }),
      await LocalKms.dangerRestoreWithoutRootKey(open, { storage: "memory" }),
    ]) {
      same(await copy.audit(), audited);
      equal(decoder.decode((await copy.decrypt({ CiphertextBlob })).Plaintext), "planted plaintext");
      equal((await copy.describeKey({ KeyId: "alias/documents" })).KeyMetadata.Arn, keyId);
      equal((await copy.createKey()).KeyMetadata.Arn.startsWith("arn:aws:kms:eu-west-1:444455556666:key/"), true);
    }
    equal((await kms.listKeys()).Keys.length, 1, "the original has a life of its own");

    const wrong = crypto.getRandomValues(new Uint8Array(32));
    for (const [attempt, why] of [
      [() => LocalKms.restore(sealed, { rootKey: wrong, storage: "memory" }), "sealed under another root key"],
      [() => LocalKms.restore(flipped(sealed, -1), { rootKey, storage: "memory" }), "was altered since it was made"],
      [() => LocalKms.restore(flipped(sealed, 200), { rootKey, storage: "memory" }), "was altered since it was made"],
      [() => LocalKms.restore(sealed.slice(0, -1), { rootKey, storage: "memory" }), "was altered since it was made"],
      [() => LocalKms.restore(sealed.slice(0, 9), { rootKey, storage: "memory" }), "the snapshot ends early"],
      [() => LocalKms.restore(encoder.encode("{}{}"), { rootKey, storage: "memory" }), "does not begin with WXW"],
      [() => LocalKms.restore(open, { rootKey, storage: "memory" }), "the snapshot is not sealed"],
      [() => LocalKms.dangerRestoreWithoutRootKey(sealed, { storage: "memory" }), "the snapshot is sealed: give the root key"],
      [() => LocalKms.dangerRestoreWithoutRootKey(flipped(open, 300), { storage: "memory" }), "was altered since it was made"],
      [() => LocalKms.restore(sealed, { rootKey: wrong.slice(1), storage: "memory" }), "a root key has 32 bytes, this one has 31"],
      [() => LocalKms.restore(sealed, { storage: "memory" }), "rootKey is not a Uint8Array"],
      [() => LocalKms.restore("WXW", { rootKey, storage: "memory" }), "the snapshot is not a Uint8Array"],
      [() => LocalKms.restore(sealed, { rootKey }), "storage is neither"],
      [() => LocalKms.restore(sealed, { rootKey, storage: "memory", account: "111122223333" }), "has no option `account`"],
      [() => kms.snapshot(), "rootKey is not a Uint8Array"],
    ]) {
      const error = await fails(attempt(), why);
      includes(error.message, why);
      equal(error.code, "InvalidInput");
    }
  },

  async "storage has to be written down, and to be there"(given) {
    const { LocalKms } = given;
    for (const [storage, why] of [
      [undefined, "storage is neither"],
      [{ store: {} }, "storage.store.read is not a function"],
      ["disk", "storage is neither"],
      [{}, "storage.indexedDB is not a string"],
      [{ indexedDB: "" }, "storage.indexedDB is not a string"],
      [{ indexedDB: "a", auditLimit: 0 }, "storage.auditLimit is not a whole number"],
      [{ indexedDb: "a" }, "storage has no option `indexedDb`"],
    ]) {
      const error = await fails(LocalKms.open({ storage }));
      includes(error.message, why);
      equal(error.code, "InvalidInput");
    }
    includes((await fails(LocalKms.open({ storage: { indexedDB: "a" }, dangerSeed: 7 }))).message, "for storage in memory only");
    if (globalThis.indexedDB && globalThis.navigator?.locks) return;
    const error = await fails(LocalKms.open({ storage: { indexedDB: "a" } }));
    includes(error.message, "it needs a page or worker of a secure origin");
    equal(error.code, "InvalidInput");
  },

  async "every operation has a method, which sends the shape it is given"(given) {
    const { kms } = await world(given);
    const sent = [];
    const wrong = { KeyId: 7, AliasName: 7, GrantToken: 7, Limit: "7", NumberOfBytes: "7", Policy: 7, RetiringPrincipal: 7, SourceKeyId: 7 };
    for (const name of OPERATIONS) {
      equal(kms[name].name, name, "what a stack trace says");
      const error = await fails(kms[name](wrong), name);
      equal(error.code, "KmsDenied");
      includes(error.message, name[0].toUpperCase() + name.slice(1));
    }
    for (const [name, member] of BYTES) {
      includes((await fails(kms[name]({ KeyId: "k", [member]: "text" }))).message, `${member} is a string, and no Uint8Array`);
    }
    includes((await fails(kms.importKeyMaterial({ KeyId: "k", ValidTo: new Date(NaN) }))).message, "ValidTo is a Date of no time");
  },
};

const OPERATIONS = [
  ...["cancelKeyDeletion", "createAlias", "createGrant", "createKey", "decapsulate", "decrypt", "deleteAlias", "deleteImportedKeyMaterial"],
  ...["deriveSharedSecret", "describeKey", "disableKey", "disableKeyRotation", "enableKey", "enableKeyRotation", "encapsulate", "encrypt"],
  ...["generateDataKey", "generateDataKeyPair", "generateDataKeyPairWithoutPlaintext", "generateDataKeyWithoutPlaintext", "generateMac"],
  ...["generateRandom", "getKeyLastUsage", "getKeyPolicy", "getKeyRotationStatus", "getParametersForImport", "getPublicKey"],
  ...["importKeyMaterial", "listAliases", "listGrants", "listKeyPolicies", "listKeyRotations", "listKeys", "listResourceTags"],
  ...["listRetirableGrants", "putKeyPolicy", "reEncrypt", "replicateKey", "retireGrant", "revokeGrant", "rotateKeyOnDemand"],
  ...["scheduleKeyDeletion", "sign", "tagResource", "untagResource", "updateAlias", "updateKeyDescription", "updatePrimaryRegion"],
  ...["verify", "verifyMac"],
];
const BYTES = [
  ["sign", "Message"],
  ["verify", "Signature"],
  ["verifyMac", "Mac"],
  ["deriveSharedSecret", "PublicKey"],
  ["decapsulate", "SharedSecretCiphertextBlob"],
  ["importKeyMaterial", "ImportToken"],
  ["importKeyMaterial", "EncryptedKeyMaterial"],
];
