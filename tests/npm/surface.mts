// Compiled, not run: what the types allow, and what they do not.

import {
  Client,
  MaterialsCache,
  KmsFault,
  WaxsealError,
  hierarchicalKeyring,
  isKmsDenied,
  kmsDiscoveryKeyring,
  kmsKeyring,
  makeBranchKey,
  mrkDiscoveryKeyring,
  mrkKeyring,
  multiKeyring,
  rawAesKeyring,
  rawRsaKeyring,
  ready,
  type BranchKeyStore,
  type CacheLimits,
  type Decrypted,
  type DecryptionStream,
  type EncryptionContext,
  type ErrorCode,
  type Input,
  type Keyring,
  type Kms,
  type OwnKeyring,
  type Progress,
  type RandomAccessSource,
  type SealedFile,
  type TraceEvent,
  type WrappingKms,
} from "waxseal";
import { KmsClientError, awsKms, type KmsFaultKind } from "waxseal/aws";
import { azureKeyring, azureKms } from "waxseal/azure";
import { brokerKms } from "waxseal/broker";
import { brokerHandler, sessionTokens } from "waxseal/broker/server";
import { gcpKeyring, gcpKms, type TokenSource } from "waxseal/gcp";
import { describe, type MessageDescription } from "waxseal/inspect";
import { vaultKeyring, vaultKms } from "waxseal/vault";
import {
  LocalKms,
  VirtualClock,
  ready as kmsReady,
  type AuditRecord,
  type AwsCredentials,
  type AwsRequestHandler,
  type Explanation,
  type Holder,
  type LocalKmsClient,
  type RecordStore,
  type ServiceEvent,
} from "waxseal/kms";
import { SqliteStore } from "waxseal/kms/sqlite";

await Promise.all([ready(), kmsReady()]);

const kms: LocalKms = await LocalKms.open({ storage: "memory", clock: () => new Date(), account: "111122223333", region: "us-east-1" });
const { KeyMetadata } = await kms.createKey();
const created: Date = KeyMetadata.CreationDate;
const bob: LocalKmsClient = kms.as("arn:aws:iam::111122223333:user/bob", { via: "s3.us-east-1.amazonaws.com" });
const anyKms: Kms[] = [kms, bob];
const records: AuditRecord[] = await kms.audit();
const credentials: AwsCredentials = await kms.credentials("arn:aws:iam::111122223333:user/bob");
const handler: AwsRequestHandler = kms.requestHandler();
const answered: Response[] = [await kms.fetch("https://kms.us-east-1.amazonaws.com/", { method: "POST" }), await kms.fetch(new Request("https://kms/"))];
const { response } = await handler.handle({ method: "POST", path: "/", headers: {}, body: "{}" }, { abortSignal: AbortSignal.timeout(1000) });
const outcome: [number, Uint8Array, string | undefined] = [response.statusCode, response.body, credentials.sessionToken];
await kms.iam.putPolicy("arn:aws:iam::111122223333:user/bob", "name", { Version: "2012-10-17", Statement: [] });

const explanation: Explanation = await kms.explain({ as: "arn:aws:iam::111122223333:user/bob", operation: "Decrypt", request: { CiphertextBlob: new Uint8Array(9) } });
for (const { edits, alsoAllows } of explanation.proposals) {
  for (const { change } of edits) if (change.kind === "createGrant") console.log(change.grantee, alsoAllows.length, explanation.decision.verdict);
}
const holders: Holder[] = await kms.whoCan("kms:Decrypt", new Uint8Array(9), { encryptionContext: { tenant: "42" } });
records.push(...(await kms.audit({ operation: "Decrypt", from: created, until: new Date(), limit: holders.length })));
await kms.iam.putServiceControlPolicies("111122223333", [[{ Version: "2012-10-17", Statement: [] }]]);

const clock = new VirtualClock(new Date("2026-01-15T12:00:00Z"));
const rootKey = crypto.getRandomValues(new Uint8Array(32));
{
  using stored = await LocalKms.open({ storage: { indexedDB: "documents", auditLimit: 500 }, clock });
  const events: ServiceEvent[] = [...(await stored.advance({ days: 1, hours: 2 })), ...(await stored.advanceTo(clock.after({ minutes: 1, seconds: 2, milliseconds: 3 })))];
  events.map(({ eventType }) => eventType satisfies "AwsServiceEvent");
  using restored = await LocalKms.restore(await stored.snapshot({ rootKey }), { rootKey, storage: "memory", clock: () => clock.now() });
  await LocalKms.dangerRestoreWithoutRootKey(await restored.dangerSnapshotWithoutRootKey(), { storage: "memory" });
  await LocalKms.open({ storage: "memory", grantConsistency: 300, dangerSeed: 7 });
  const store: RecordStore = new SqliteStore((sql, ...values) => [{ sql, value: values[0] }], (work) => work());
  await LocalKms.open({ storage: { store, rootKey }, account: "111122223333" });
}
const { KeyMetadata: signing } = await kms.createKey({ KeySpec: "ECC_NIST_P256", KeyUsage: "SIGN_VERIFY", MultiRegion: true });
const { Signature, SigningAlgorithm } = await kms.sign({ KeyId: signing.Arn, Message: new Uint8Array(1), SigningAlgorithm: "ECDSA_SHA_256" });
(await kms.verify({ KeyId: signing.Arn, Message: new Uint8Array(1), Signature, SigningAlgorithm })).SignatureValid satisfies boolean;
const { ImportToken, ParametersValidTo } = await kms.getParametersForImport({ KeyId: "k", WrappingAlgorithm: "RSAES_OAEP_SHA_256", WrappingKeySpec: "RSA_4096" });
await kms.importKeyMaterial({ KeyId: "k", ImportToken, EncryptedKeyMaterial: new Uint8Array(256), ValidTo: ParametersValidTo });
(await kms.getKeyLastUsage({ KeyId: "k" })).KeyLastUsage?.Timestamp satisfies Date | undefined;

// AWS SDK v3's client, as its types have it, is a Kms: every member of a response is optional, and options are a union.
interface AwsClient {
  generateDataKey(args: { KeyId: string | undefined; NumberOfBytes?: number; EncryptionContext?: Record<string, string> }, options?: { abortSignal?: AbortSignal }): Promise<{ KeyId?: string; Plaintext?: Uint8Array; CiphertextBlob?: Uint8Array; $metadata: object }>;
  encrypt(args: { KeyId: string | undefined; Plaintext: Uint8Array | undefined }, options?: { abortSignal?: AbortSignal }): Promise<{ KeyId?: string; CiphertextBlob?: Uint8Array }>;
  decrypt(args: { KeyId?: string; CiphertextBlob?: Uint8Array }, options?: { abortSignal?: AbortSignal }): Promise<{ KeyId?: string; Plaintext?: Uint8Array }>;
}
declare const aws: AwsClient;
anyKms.push(aws);

const publicExponent = new Uint8Array([1, 0, 1]);
const keyrings: Keyring[] = [
  kmsKeyring({ kms, keyId: KeyMetadata.Arn, grantTokens: ["token"] }),
  rawAesKeyring({ namespace: "n", name: "n", key: new Uint8Array(32) }),
  kmsDiscoveryKeyring({ kms: (region) => (region === "us-east-1" ? kms : undefined), accounts: ["111122223333"] }),
  kmsDiscoveryKeyring({ kms: async () => aws }),
  mrkKeyring({ kms: aws, keyId: KeyMetadata.Arn }),
  mrkDiscoveryKeyring({ kms: { decrypt: (request) => kms.decrypt(request) }, region: "eu-west-1", partition: "aws", accounts: [] }),
  rawRsaKeyring({ namespace: "n", name: "n", hash: "SHA-512", publicKey: "PEM", privateKey: new Uint8Array(1) }),
  rawRsaKeyring({ namespace: "n", name: "n", privateKey: "PEM", dangerPkcs1v15DecryptOnly: true }),
  rawRsaKeyring({ namespace: "n", name: "n", ...(await crypto.subtle.generateKey({ name: "RSA-OAEP", modulusLength: 2048, publicExponent, hash: "SHA-1" }, false, ["wrapKey"])) }),
  // @ts-expect-error: WebCrypto has no PKCS#1 v1.5
  rawRsaKeyring({ namespace: "n", name: "n", privateKey: await crypto.subtle.importKey("pkcs8", publicExponent, "RSA-OAEP", false, ["decrypt"]), dangerPkcs1v15DecryptOnly: true }),
  // @ts-expect-error: PKCS#1 v1.5 is not written
  rawRsaKeyring({ namespace: "n", name: "n", publicKey: "PEM", dangerPkcs1v15DecryptOnly: true }),
];
const branchKey = { kms, keyArn: KeyMetadata.Arn, branchKeyId: "tenant 42" };
const made = await makeBranchKey({ ...branchKey, tableName: "branch keys" });
const store: BranchKeyStore = {
  active: () => made.activeRecord,
  version: async ({ version }) => (version === made.version ? made.versionRecord : undefined),
};
keyrings.push(hierarchicalKeyring({ ...branchKey, store }));
keyrings.push(hierarchicalKeyring({ ...branchKey, store, branchKeyId: async ({ tenant }) => `tenant ${tenant}`, cache: { maxAge: 60 } }));
const own: OwnKeyring = {
  wrapDataKey: ({ dataKey, encryptionContext }) => [
    { providerId: "mine", providerInfo: new Uint8Array(), ciphertext: new Uint8Array(dataKey.length + Object.keys(encryptionContext).length) },
  ],
  unwrapDataKey: async ({ encryptedDataKeys, dataKeyLength }) => (encryptedDataKeys.length > 1 ? undefined : new Uint8Array(dataKeyLength)),
};
const wrapping: WrappingKms = { encrypt: (request) => kms.encrypt(request), decrypt: (request) => kms.decrypt(request) };
const remoteAws = awsKms({ replicaRegions: ["eu-west-2"], endpoint: "https://kms.example", fips: true, dualStack: true, deadline: 20_000 });
keyrings.push(kmsKeyring({ kms: wrapping, keyId: "k" }), kmsKeyring({ kms: remoteAws, keyId: "k" }), kmsKeyring({ kms: brokerKms({ url: "https://b", token: "t" }), keyId: "k" }));
const token: TokenSource = async () => ({ token: "t", expires: new Date() });
const vendors: OwnKeyring[] = [
  gcpKeyring({ kms: gcpKms({ token, attempts: 5, endpoint: "https://kms.example" }), keyId: "k" }),
  azureKeyring({ kms: azureKms({ token: () => "t", algorithm: "A256GCM" }), keyId: "k" }),
  vaultKeyring({ kms: vaultKms({ url: "https://v", token: "t", fetch, mount: "transit", derived: true }), keyId: "k" }),
  gcpKeyring({ kms: brokerKms({ url: "https://b", token }), keyId: "k" }),
];
new Client({ keyring: multiKeyring({ generator: vendors[0], children: vendors }) });
const tokens = sessionTokens({ key: new Uint8Array(32) });
const broker = brokerHandler({
  kms: awsKms({ region: "eu-west-1" }),
  keyIds: ["k"],
  authenticate: tokens.authenticate,
  rate: { requests: 5 },
  operations: ["decrypt"],
  origins: ["https://app.example"],
  replays: { claim: (id, expires) => id !== "" && expires > new Date() },
  onRequest: ({ outcome }) => console.log(outcome),
});
const brokered: Promise<Response> = broker(new Request("https://b"));
// @ts-expect-error: a misspelt option
awsKms({ regoin: "eu-west-1" });
// @ts-expect-error: somebody asks
gcpKms({});
// @ts-expect-error: there is no such algorithm
azureKms({ token, algorithm: "RSA1_5" });
const kindOf = async (error: unknown): Promise<KmsFaultKind | undefined> => (error instanceof KmsClientError ? error.kind : (await brokered) && undefined);
const keyring = multiKeyring({ generator: keyrings[0], children: [...keyrings.slice(1), own] });
new Client({ keyring: own });
// @ts-expect-error: it has no method of a keyring's
new Client({ keyring: { wrap: () => [] } });
const client = new Client({ keyring, frameLength: 1024, maxEncryptedDataKeys: 3, onEvent: listen });
using other = new Client({ kms: aws, keyId: "alias/documents" });
new Client({ keyring, commitmentPolicy: "require-encrypt-allow-decrypt", suite: "0478", requiredEncryptionContextKeys: ["tenant"], dangerRevealSecrets: true });

{
  const limits: CacheLimits = { maxAge: 300, maxMessages: 1000 };
  using cache = new MaterialsCache({ ...limits, maxBytes: 2 ** 30, capacity: 10 });
  new Client({ keyring, cache, cachePartition: "tenants" });
  new Client({ keyring, cache: limits });
  cache.clear();
  // @ts-expect-error: a cache has a maximum age
  new MaterialsCache({ maxMessages: 1 });
}

const inputs: Input[] = ["text", new Uint8Array(1), new ArrayBuffer(1), new Blob(["x"])];
const context: EncryptionContext = { tenant: "42" };
const message = await client.encrypt(inputs[0] ?? "", { encryptionContext: context, signal: AbortSignal.timeout(1000) });
const decrypted: Decrypted = await client.decrypt(message, { encryptionContext: { tenant: "42" }, reproducedEncryptionContext: {} });
const body = new Response(decrypted.plaintext);
await client.decrypt(message, { unsignedOnly: true, maxBufferedFrame: 65_536 });
const told: Progress[] = [];
const file = new File(["x"], "x");
const encrypting = client.encryptStream({ size: file.size, onProgress: (progress) => told.push(progress), encryptionContext: context, signal: AbortSignal.timeout(1000) });
const decrypting: DecryptionStream = client.decryptStream({ unsignedOnly: true, maxBufferedFrame: 65_536, size: 9, onProgress: ({ bytes, total }) => console.log(bytes / (total ?? bytes)) });
const restored: Blob = await new Response(file.stream().pipeThrough(encrypting).pipeThrough(decrypting)).blob();
console.log(restored.size, (await decrypting.header).suite, (await decrypting.encryptionContext)["tenant"]);
await client.encryptStream().writable.getWriter().write("text");
// @ts-expect-error: a message is bytes
await client.decryptStream().writable.getWriter().write("text");
const sources: RandomAccessSource[] = [file, "https://files.example/1", new URL("https://files.example/1"), { size: 1, read: async (offset, length, { signal }) => (signal?.throwIfAborted(), new Uint8Array(offset + length)) }];
for (const source of sources) {
  using opened: SealedFile = await client.open(source, { dangerIgnoreSignature: true, fetch, encryptionContext: context, reproducedEncryptionContext: {}, signal: AbortSignal.timeout(9) });
  const part: Uint8Array<ArrayBuffer> = await opened.read(0, opened.size, { signal: AbortSignal.timeout(9) });
  await opened.stream({ start: part.length, end: opened.size, signal: AbortSignal.timeout(9) }).pipeTo(new WritableStream());
  opened.close();
}
const description: MessageDescription = await describe(message, { maxFrames: 10 });
console.log(description.suite?.isSigned, description.fields.map(({ range, part }) => [range.end, part satisfies string]), description.problems[0]);
const facts: [string, string, number, Date, Response, AuditRecord[], Client] = [
  decrypted.text(),
  decrypted.header.suite,
  decrypted.header.encryptedDataKeys.length,
  created,
  body,
  records,
  other,
];
facts.length satisfies 7;

function listen(event: TraceEvent): void {
  switch (event.kind) {
    case "statement-evaluated":
      console.log(event.finding.elements.map(({ element, matched }) => `${element} ${matched}`));
      break;
    case "frame-sealed":
      console.log(event.sequence, event.tag.length);
      // @ts-expect-error: a sealed frame has no reason
      console.log(event.reason);
      break;
  }
}

try {
  await bob.decrypt({ CiphertextBlob: message });
} catch (error) {
  if (isKmsDenied(error)) console.log(error.kmsCode.length, error.code satisfies "KmsDenied");
  if (error instanceof KmsFault) console.log(error.$metadata.httpStatusCode, error.decision?.findings.length);
  if (error instanceof WaxsealError) todo(error.code);
}

/** Every code has a case, or this does not compile. */
function todo(code: ErrorCode): string {
  switch (code) {
    case "InvalidInput":
    case "InvalidMessage":
    case "EncryptionContextMismatch":
    case "DecryptionFailed":
      return "refuse";
    case "KmsDenied":
    case "KmsUnavailable":
    case "Aborted":
    case "LoadFailed":
      return "try again";
    case "Internal":
      return "report";
  }
}

// @ts-expect-error: either a keyring or a KMS
new Client({ keyring, kms, keyId: "k" });
// @ts-expect-error: a KMS needs a key
new Client({ kms });
// @ts-expect-error: a misspelt option
new Client({ kms, keyId: "k", framelength: 1 });
// @ts-expect-error: a context is strings
client.encrypt("x", { encryptionContext: { tenant: 42 } });
// @ts-expect-error: not data
client.encrypt(7);
// @ts-expect-error: storage has to be written down
LocalKms.open({});
// @ts-expect-error: no such storage
LocalKms.open({ storage: "disk" });
// @ts-expect-error: a database has a name
LocalKms.open({ storage: { auditLimit: 5 } });
// @ts-expect-error: a store's records need a root key
LocalKms.open({ storage: { store: new SqliteStore(() => []) } });
// @ts-expect-error: a snapshot is sealed under a root key
kms.snapshot();
// @ts-expect-error: there is no such key
kms.createKey({ KeySpec: "ECC_NIST_P255" });
// @ts-expect-error: only `open` makes one
new LocalKms();
// @ts-expect-error: nothing that exists at run time
new (await import("waxseal/kms")).LocalKmsClient();
// @ts-expect-error: thrown, not made
new WaxsealError({ code: "Internal", message: "" });
// @ts-expect-error: a data key request names its key
kms.generateDataKey({ NumberOfBytes: 32 });
// @ts-expect-error: an object without the methods
kmsKeyring({ kms: {}, keyId: "k" });
