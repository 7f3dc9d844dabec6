// AWS's own client, `@aws-sdk/client-kms`, on the embedded KMS: named checks, for Node and for a page. The client's class is handed in, and so are the
// tour of the server's tests and the names of all operations.

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
  async "every operation, in a tour"(given) {
    const { client } = await world(given);
    same(await given.tour((region) => client(ROOT, { region })), given.operations);
  },

  async "answers have AWS's metadata"(given) {
    const { root } = await world(given);
    const { $metadata, KeyMetadata } = await root.createKey({});
    assert(KeyMetadata.CreationDate instanceof Date && Math.abs(KeyMetadata.CreationDate - Date.now()) < 60_000, "a date");
    assert(/^[0-9a-f-]{36}$/.test($metadata.requestId), "a request id");
    equal($metadata.httpStatusCode, 200);
    const { Policy } = await root.getKeyPolicy({ KeyId: KeyMetadata.KeyId });
    equal((await root.putKeyPolicy({ KeyId: KeyMetadata.KeyId, Policy })).$metadata.httpStatusCode, 200);
  },

  async "a grant takes time to be seen, and its token does not"(given) {
    let now = new Date();
    const { client, root } = await world(given, { clock: () => now, grantConsistency: 300 });
    const { KeyMetadata } = await root.createKey({});
    const KeyId = KeyMetadata.Arn;
    const { CiphertextBlob } = await root.encrypt({ KeyId, Plaintext: bytes("top secret") });
    const bob = client(BOB);
    const opens = async (more) => text((await bob.decrypt({ CiphertextBlob, ...more })).Plaintext);
    const { GrantId, GrantToken } = await root.createGrant({ KeyId, GranteePrincipal: BOB, RetiringPrincipal: BOB, Operations: ["Decrypt"] });
    equal((await fails(bob.decrypt({ CiphertextBlob }))).name, "AccessDeniedException");
    equal(await opens({ GrantTokens: [GrantToken] }), "top secret");
    now = new Date(Number(now) + 300_000);
    equal(await opens(), "top secret");
    await root.revokeGrant({ KeyId, GrantId });
    equal(await opens(), "top secret");
    now = new Date(Number(now) + 300_000);
    equal((await fails(bob.decrypt({ CiphertextBlob }))).name, "AccessDeniedException");
  },

  async "a key is gone with its waiting period"(given) {
    let now = new Date();
    const { root } = await world(given, { clock: () => now });
    const { KeyMetadata } = await root.createKey({});
    const { KeyId } = KeyMetadata;
    now = (await root.scheduleKeyDeletion({ KeyId, PendingWindowInDays: 7 })).DeletionDate;
    assert((await fails(root.describeKey({ KeyId }))) instanceof given.NotFoundException, "NotFoundException");
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

  async "every operation of AWS's client is a method of the embedded KMS"(given) {
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
