// AWS's own client, `@aws-sdk/client-kms`, on the embedded KMS: named checks, for Node and for a page. The client's class is handed in.

import { assert, equal, fails, includes, same } from "./checks.mjs";

const ROOT = "arn:aws:iam::111122223333:root";
const BOB = "arn:aws:iam::111122223333:user/bob";
const CONTEXT = { tenant: "42" };
const NOT_IN_HERE = { KeyId: "1234abcd-12ab-34cd-56ef-1234567890ab" };
const bytes = (text) => new TextEncoder().encode(text);
const text = (array) => new TextDecoder().decode(array);

/** A KMS, and AWS's clients of it. */
async function world({ KMS, LocalKms }, options = {}) {
  const kms = await LocalKms.open({ storage: "memory", ...options });
  const client = (principal, settings = {}) =>
    new KMS({ region: "us-east-1", credentials: () => kms.credentials(principal), requestHandler: kms.requestHandler(), ...settings });
  return { kms, client, root: client(ROOT) };
}

export const checks = {
  async "a tour of keys in use, policies and grants"(given) {
    const { client, root } = await world(given);
    const { KeyMetadata } = await root.createKey({ Description: "documents", Tags: [{ TagKey: "a", TagValue: "b" }] });
    const KeyId = KeyMetadata.Arn;
    assert(KeyMetadata.CreationDate instanceof Date && Math.abs(KeyMetadata.CreationDate - Date.now()) < 60_000, "a date");
    const described = await root.describeKey({ KeyId });
    equal(described.KeyMetadata.Description, "documents");
    assert(/^[0-9a-f-]{36}$/.test(described.$metadata.requestId), "a request id");
    equal(described.$metadata.httpStatusCode, 200);

    const encrypted = await root.encrypt({ KeyId, Plaintext: bytes("top secret"), EncryptionContext: CONTEXT });
    const decrypted = await root.decrypt({ CiphertextBlob: encrypted.CiphertextBlob, EncryptionContext: CONTEXT });
    equal(text(decrypted.Plaintext), "top secret");
    equal(decrypted.KeyId, KeyId);
    const dataKey = await root.generateDataKey({ KeyId, KeySpec: "AES_256", EncryptionContext: CONTEXT });
    const unwrapped = await root.decrypt({ CiphertextBlob: dataKey.CiphertextBlob, EncryptionContext: CONTEXT });
    equal(dataKey.Plaintext.length, 32);
    same([...unwrapped.Plaintext], [...dataKey.Plaintext]);

    const { Policy } = await root.getKeyPolicy({ KeyId });
    equal((await root.putKeyPolicy({ KeyId, Policy })).$metadata.httpStatusCode, 200);
    const bob = client(BOB);
    await fails(bob.decrypt({ CiphertextBlob: encrypted.CiphertextBlob, EncryptionContext: CONTEXT }));
    const { GrantId, GrantToken } = await root.createGrant({ KeyId, GranteePrincipal: BOB, Operations: ["Decrypt"] });
    const granted = await bob.decrypt({ CiphertextBlob: encrypted.CiphertextBlob, EncryptionContext: CONTEXT, GrantTokens: [GrantToken] });
    equal(text(granted.Plaintext), "top secret");
    const { Grants, Truncated } = await root.listGrants({ KeyId });
    same([Grants.map((grant) => grant.GrantId), Truncated, Grants[0].CreationDate instanceof Date], [[GrantId], false, true]);
    await root.revokeGrant({ KeyId, GrantId });
    await root.disableKey({ KeyId });
    equal((await fails(root.encrypt({ KeyId, Plaintext: bytes("x") }))).name, "DisabledException");
    await root.enableKey({ KeyId });
    equal((await root.describeKey({ KeyId })).KeyMetadata.KeyState, "Enabled");
  },

  async "a tour of names, labels, rotation and deletion"(given) {
    let now = new Date();
    const { client, root } = await world(given, { clock: () => now });
    const { KeyMetadata } = await root.createKey({});
    const KeyId = KeyMetadata.Arn;
    const AliasName = "alias/documents";
    await root.createAlias({ AliasName, TargetKeyId: KeyId });
    const sealed = await root.encrypt({ KeyId: AliasName, Plaintext: bytes("top secret") });
    equal(sealed.KeyId, KeyId);
    const { Aliases } = await root.listAliases({ KeyId });
    same(Aliases.map((alias) => [alias.AliasName, alias.CreationDate instanceof Date]), [[AliasName, true]]);
    const { KeyMetadata: other } = await root.createKey({});
    same((await root.listKeys({})).Keys.map(({ KeyArn }) => KeyArn).sort(), [KeyId, other.Arn].sort());
    await root.updateAlias({ AliasName, TargetKeyId: other.Arn });
    equal((await root.describeKey({ KeyId: AliasName })).KeyMetadata.Arn, other.Arn);
    await root.deleteAlias({ AliasName });
    await root.updateKeyDescription({ KeyId, Description: "changed" });
    await root.tagResource({ KeyId, Tags: [{ TagKey: "team", TagValue: "blue" }] });
    same((await root.listResourceTags({ KeyId })).Tags, [{ TagKey: "team", TagValue: "blue" }]);
    await root.untagResource({ KeyId, TagKeys: ["team"] });
    same((await root.listKeyPolicies({ KeyId })).PolicyNames, ["default"]);

    await root.enableKeyRotation({ KeyId, RotationPeriodInDays: 90 });
    const status = await root.getKeyRotationStatus({ KeyId });
    same([status.KeyRotationEnabled, status.RotationPeriodInDays, status.NextRotationDate instanceof Date], [true, 90, true]);
    await root.disableKeyRotation({ KeyId });
    await root.rotateKeyOnDemand({ KeyId });
    equal((await root.listKeyRotations({ KeyId })).Rotations.length, 1);
    equal(text((await root.decrypt({ CiphertextBlob: sealed.CiphertextBlob })).Plaintext), "top secret");
    const moved = await root.reEncrypt({ CiphertextBlob: sealed.CiphertextBlob, DestinationKeyId: other.Arn });
    same([moved.SourceKeyId, moved.KeyId], [KeyId, other.Arn]);
    equal(text((await root.decrypt({ CiphertextBlob: moved.CiphertextBlob })).Plaintext), "top secret");
    const hidden = await root.generateDataKeyWithoutPlaintext({ KeyId, KeySpec: "AES_256" });
    same([hidden.Plaintext, (await root.decrypt({ CiphertextBlob: hidden.CiphertextBlob })).Plaintext.length], [undefined, 32]);
    equal((await root.generateRandom({ NumberOfBytes: 24 })).Plaintext.length, 24);

    const { GrantToken } = await root.createGrant({ KeyId, GranteePrincipal: BOB, RetiringPrincipal: BOB, Operations: ["Decrypt"] });
    equal((await root.listRetirableGrants({ RetiringPrincipal: BOB })).Grants.length, 1);
    await client(BOB).retireGrant({ GrantToken });
    equal((await root.listGrants({ KeyId })).Grants.length, 0);

    await root.scheduleKeyDeletion({ KeyId, PendingWindowInDays: 7 });
    await root.cancelKeyDeletion({ KeyId });
    equal((await root.describeKey({ KeyId })).KeyMetadata.KeyState, "Disabled");
    now = (await root.scheduleKeyDeletion({ KeyId, PendingWindowInDays: 7 })).DeletionDate;
    assert((await fails(root.describeKey({ KeyId }))) instanceof given.NotFoundException, "gone with the waiting period");
  },

  async "refusals are AWS's exceptions"(given) {
    const { client, root } = await world(given);
    const { KeyMetadata } = await root.createKey({});
    const KeyId = KeyMetadata.Arn;
    const denied = await fails(client(BOB).describeKey({ KeyId }));
    same([denied.name, denied.$fault, denied.$metadata.httpStatusCode], ["AccessDeniedException", "client", 400]);
    assert(/^[0-9a-f-]{36}$/.test(denied.$metadata.requestId), "a request id");
    includes(denied.message, `User: ${BOB} is not authorized to perform: kms:DescribeKey on resource: ${KeyId} because `);
    const missing = await fails(root.describeKey(NOT_IN_HERE));
    assert(missing instanceof given.NotFoundException, "a class of AWS's");
    includes(missing.message, "does not exist");
    const { CiphertextBlob } = await root.encrypt({ KeyId, Plaintext: bytes("x"), EncryptionContext: CONTEXT });
    const invalid = await fails(root.decrypt({ CiphertextBlob, EncryptionContext: { tenant: "43" } }));
    assert(invalid instanceof given.InvalidCiphertextException, "this one too");
    const dry = await fails(root.encrypt({ KeyId, Plaintext: bytes("x"), DryRun: true }));
    equal(dry.name, "DryRunOperationException");
  },

  async "whoever is not who they say is refused"(given) {
    const { kms, client } = await world(given);
    const own = await kms.credentials(ROOT);
    for (const [credentials, name] of [
      [{ ...own, secretAccessKey: "wrong" }, "InvalidSignatureException"],
      [{ ...own, accessKeyId: "AKIAIOSFODNN7EXAMPLE" }, "UnrecognizedClientException"],
      [{ ...own, sessionToken: "not this one's" }, "UnrecognizedClientException"],
    ]) {
      equal((await fails(client(ROOT, { credentials }).createKey({}))).name, name);
    }
    includes((await fails(client(ROOT, { region: "EU-CENTRAL-1" }).createKey({}))).message, "scoped to a valid region, not 'EU-CENTRAL-1'");
    same(await kms.audit(), []);
    const session = "arn:aws:sts::111122223333:assumed-role/App/s1";
    await kms.iam.putPolicy(session, "all", { Version: "2012-10-17", Statement: [{ Effect: "Allow", Action: "kms:*", Resource: "*" }] });
    assert((await kms.credentials(session)).sessionToken.length > 100, "a session has a token");
    await client(session).createKey({});
    const [{ userIdentity, userAgent }] = await kms.audit();
    equal(userIdentity.arn, session);
    includes(userAgent, "aws-sdk-js");
  },

  async "every operation of AWS's client is one of the embedded KMS's"(given) {
    const { kms, root } = await world(given);
    const prototype = Object.getPrototypeOf(root);
    const operations = Object.getOwnPropertyNames(prototype).filter((name) => typeof prototype[name] === "function" && name !== "constructor");
    assert(operations.length > 50, `AWS has ${operations.length}`);
    const others = /CustomKeyStores?$|^(paginate|wait|send|destroy)/;
    same(operations.filter((name) => !others.test(name) && typeof kms[name] !== "function"), []);
  },

  async "a client whose clock is off signs again"(given) {
    const { root } = await world(given, { clock: () => new Date("2026-01-15T12:00:00Z") });
    const { KeyMetadata } = await root.createKey({});
    equal(KeyMetadata.CreationDate.toISOString(), "2026-01-15T12:00:00.000Z");
  },

  async "waxseal asks through AWS's client"(given) {
    const { kms, client, root } = await world(given);
    const { KeyMetadata } = await root.createKey({});
    const keyId = KeyMetadata.Arn;
    const sealing = new given.Client({ kms: root, keyId });
    const message = await sealing.encrypt("top secret", { encryptionContext: CONTEXT });
    equal((await sealing.decrypt(message, { encryptionContext: CONTEXT })).text(), "top secret");
    equal((await new given.Client({ kms, keyId }).decrypt(message)).text(), "top secret");
    const denied = await fails(new given.Client({ kms: client(BOB), keyId }).decrypt(message));
    same([denied.code, denied.kmsCode], ["KmsDenied", "AccessDeniedException"]);
  },

  async "an abort reaches the client"(given) {
    const { root } = await world(given);
    const controller = new AbortController();
    controller.abort();
    equal((await fails(root.createKey({}, { abortSignal: controller.signal }))).name, "AbortError");
  },
};

/** Runs all checks; for each its name and, if it failed, why. */
export async function runAll(given) {
  const results = [];
  for (const [name, check] of Object.entries(checks)) {
    const error = await check(given).then(() => undefined, (error) => `${error?.stack ?? error}`);
    results.push({ name, error });
  }
  return results;
}
