// `waxseal/aws` against three AWS KMS that others wrote the clients of: moto's, LocalStack's, and this package's own, which verifies every signature.

import assert from "node:assert/strict";
import { join } from "node:path";
import { after, test } from "node:test";
import { inspect } from "node:util";
import { pathToFileURL } from "node:url";

import { KMS } from "@aws-sdk/client-kms";

import { Server, administrator, folder, packageFolder } from "../server/server.mjs";
import { localStack, moto } from "./services.mjs";

const load = (file) => import(pathToFileURL(join(packageFolder, file)));
const { Client, isKmsDenied, kmsKeyring, multiKeyring } = await load("sdk/node.js");
const { KmsClientError, awsKms } = await load("shared/clients/aws.js");

const TIMEOUT = { timeout: 60_000 };
const CONTEXT = { tenant: "42", ключ: "значение \"😀\"" };
/** What emulators answer that AWS does not. */
const OF_NO_CIPHERTEXT = { moto: "AccessDeniedException", LocalStack: "NotFoundException" };
const server = await Server.start({ state: await folder() });
after(() => server.stop());
const ours = { endpoint: server.url, region: "us-east-1", credentials: await administrator(server.state) };
const [ofMoto, ofLocalStack] = await Promise.all([moto(), localStack()]);
const credentials = { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "secret" };
const theirs = (endpoint) => ({ endpoint, region: "us-east-1", credentials });

for (const [name, settings] of [["this package's server", ours], ["moto", theirs(ofMoto)], ["LocalStack", theirs(ofLocalStack)]]) {
  if (!settings.endpoint) {
    test(`${name}: everything`, { skip: "it could not be installed; `cargo xtask test clients` says why before the tests" }, () => {});
    continue;
  }
  const kms = awsKms(settings);
  const official = new KMS(settings);

  test(`${name}: messages, and AWS's own client on the same keys`, TIMEOUT, async () => {
    const { KeyMetadata } = await official.createKey({ Description: "documents" });
    const client = new Client({ kms, keyId: KeyMetadata.Arn });
    const message = await client.encrypt("top secret", { encryptionContext: CONTEXT });
    assert.equal((await client.decrypt(message, { encryptionContext: CONTEXT })).text(), "top secret");
    const other = new Client({ kms: official, keyId: KeyMetadata.Arn });
    assert.equal((await other.decrypt(message, { encryptionContext: CONTEXT })).text(), "top secret");
    assert.equal((await client.decrypt(await other.encrypt("theirs"))).text(), "theirs");
  });

  test(`${name}: each operation`, TIMEOUT, async () => {
    const [one, two] = await Promise.all([1, 2].map(async () => (await official.createKey({})).KeyMetadata));
    await official.createAlias({ AliasName: `alias/${one.KeyId}`, TargetKeyId: one.KeyId });
    // LocalStack makes data keys of 32 bytes, whatever it is asked for.
    const length = name === "LocalStack" ? 32 : 24;
    if (name === "LocalStack") await assert.rejects(kms.generateDataKey({ KeyId: one.Arn, NumberOfBytes: 24 }), { kind: "unavailable", message: /32 bytes where 24/ });
    for (const KeyId of [one.KeyId, one.Arn, `alias/${one.KeyId}`, one.Arn.replace("key/", "alias/")]) {
      const { Plaintext, CiphertextBlob, KeyId: used } = await kms.generateDataKey({ KeyId, NumberOfBytes: length, EncryptionContext: CONTEXT });
      assert.deepEqual([Plaintext.length, used], [length, one.Arn]);
      const opened = await kms.decrypt({ CiphertextBlob, EncryptionContext: CONTEXT });
      assert.deepEqual([opened.KeyId, opened.Plaintext], [one.Arn, Plaintext]);
    }
    const Plaintext = Uint8Array.from({ length: 256 }, (_, n) => n);
    const sealed = await kms.encrypt({ KeyId: one.Arn, Plaintext, EncryptionContext: CONTEXT });
    // LocalStack needs to be told the key that the ciphertext names.
    const SourceKeyId = name === "LocalStack" ? one.Arn : undefined;
    const moved = { CiphertextBlob: sealed.CiphertextBlob, SourceKeyId, SourceEncryptionContext: CONTEXT, DestinationKeyId: two.KeyId, DestinationEncryptionContext: { moved: "yes" } };
    const again = await kms.reEncrypt(moved);
    assert.deepEqual([again.SourceKeyId, again.KeyId], [one.Arn, two.Arn]);
    const opened = await kms.decrypt({ KeyId: two.Arn, CiphertextBlob: again.CiphertextBlob, EncryptionContext: { moved: "yes" } });
    assert.deepEqual(opened.Plaintext, Plaintext);
    const { KeyMetadata } = await kms.describeKey({ KeyId: two.KeyId });
    assert.ok(KeyMetadata.CreationDate instanceof Date && Math.abs(KeyMetadata.CreationDate - Date.now()) < 600_000);
    assert.equal(KeyMetadata.Arn, two.Arn);
  });

  test(`${name}: refusals keep AWS's names`, TIMEOUT, async () => {
    const { KeyMetadata } = await official.createKey({});
    const { CiphertextBlob } = await kms.generateDataKey({ KeyId: KeyMetadata.Arn, KeySpec: "AES_256" });
    await assert.rejects(kms.decrypt({ CiphertextBlob, EncryptionContext: { a: "b" } }), refusal("InvalidCiphertextException", "invalid"));
    await assert.rejects(kms.decrypt({ CiphertextBlob: new Uint8Array(100) }), refusal(OF_NO_CIPHERTEXT[name] ?? "InvalidCiphertextException"));
    await assert.rejects(kms.describeKey({ KeyId: "alias/none" }), refusal("NotFoundException", "not-found"));
    // moto decrypts under a disabled key, and hides no other that it has.
    if (name === "moto") return;
    await official.disableKey({ KeyId: KeyMetadata.KeyId });
    await assert.rejects(kms.decrypt({ CiphertextBlob }), refusal("DisabledException", "disabled"));
    const client = new Client({ kms, keyId: KeyMetadata.Arn });
    await assert.rejects(client.encrypt("x"), (error) => {
      assert.ok(isKmsDenied(error) && error.kmsCode === "DisabledException" && !error.retryable, inspect(error));
      assert.deepEqual([error.cause.kind, error.requestId], ["disabled", error.cause.requestId]);
      return error.cause instanceof KmsClientError;
    });
  });
}

test("a wrong secret and a wrong session are refused, and nothing secret is told", async () => {
  const wrong = { ...ours.credentials, secretAccessKey: "wrong-secret-access-key", sessionToken: "a-session-token-that-is-wrong" };
  const request = { KeyId: "alias/none", NumberOfBytes: 32 };
  for (const credentials of [wrong, { ...wrong, sessionToken: undefined }]) {
    const kms = awsKms({ ...ours, credentials });
    await assert.rejects(kms.generateDataKey(request), (error) => {
      assert.equal(error.kind, "denied");
      assert.match(error.message, credentials.sessionToken ? /check who asks/ : /check the secret access key and this machine's clock/);
      assert.doesNotMatch(inspect(error, { depth: 9, showHidden: true }) + inspect(kms, { depth: 9, showHidden: true }), /wrong-secret|session-token-that/);
      return true;
    });
  }
});

test("what is told of a call has no credentials in it", async () => {
  const { KeyMetadata } = await new KMS(ours).createKey({});
  const events = [];
  const client = new Client({ kms: awsKms(ours), keyId: KeyMetadata.Arn, onEvent: (event) => events.push(event) });
  await client.decrypt(await client.encrypt("x", { encryptionContext: CONTEXT }));
  const told = inspect(events, { depth: 9, maxArrayLength: null, maxStringLength: null });
  assert.match(told, /kms-request-sent/);
  for (const secret of Object.values(ours.credentials)) assert.ok(!told.includes(secret));
});

test("grant tokens are sent", async () => {
  const official = new KMS(ours);
  const { KeyMetadata } = await official.createKey({});
  const { GrantToken } = await official.createGrant({ KeyId: KeyMetadata.Arn, GranteePrincipal: "arn:aws:iam::111122223333:user/x", Operations: ["Decrypt"] });
  const keyring = kmsKeyring({ kms: awsKms(ours), keyId: KeyMetadata.Arn, grantTokens: [GrantToken] });
  assert.ok(await new Client({ keyring }).encrypt("x"));
  const wrong = kmsKeyring({ kms: awsKms(ours), keyId: KeyMetadata.Arn, grantTokens: ["no token"] });
  await assert.rejects(new Client({ keyring: wrong }).encrypt("x"), { kmsCode: "InvalidGrantTokenException" });
});

test("the environment's variables are used where nothing is given", async () => {
  const { accessKeyId, secretAccessKey } = ours.credentials;
  const variables = { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey, AWS_ENDPOINT_URL_KMS: server.url, AWS_DEFAULT_REGION: "us-east-1" };
  const request = { KeyId: "alias/none" };
  await assert.rejects(awsKms().describeKey(request), { code: "InvalidInput", message: /^no region/ });
  await assert.rejects(awsKms({ region: "us-east-1" }).describeKey(request), { code: "InvalidInput", message: /^no credentials/ });
  Object.assign(process.env, variables);
  try {
    await assert.rejects(awsKms().describeKey(request), { name: "NotFoundException" });
    // Deno's user has not allowed it, and is not asked.
    globalThis.Deno = { permissions: { querySync: ({ name, variable }) => ({ state: name === "env" && variable ? "prompt" : "granted" }) } };
    await assert.rejects(awsKms().describeKey(request), { code: "InvalidInput", message: /^no region/ });
  } finally {
    delete globalThis.Deno;
    for (const name of Object.keys(variables)) delete process.env[name];
  }
});

test("a multi-Region key is asked for in the next region when one does not answer", async () => {
  const official = new KMS(ours);
  const { KeyMetadata } = await official.createKey({ MultiRegion: true });
  await official.replicateKey({ KeyId: KeyMetadata.KeyId, ReplicaRegion: "eu-west-1" });
  let asked = [];
  let down = [];
  // The names of the regions lead to one server, which tells them apart by the signature.
  const { host } = new URL(server.url);
  const viaServer = async (url, { headers, ...init }) => {
    const [, region] = /^https:\/\/kms\.([\w-]+)\.amazonaws\.com\/$/.exec(url);
    asked.push(region);
    if (down.includes(region)) throw new TypeError("no route to host");
    // Signed anew for where it goes.
    return resigned(`http://${host}/`, region, headers, init);
  };
  const { resigned } = await signer(ours.credentials);
  const kms = awsKms({ credentials: ours.credentials, replicaRegions: ["eu-west-1", "us-east-1"], fetch: viaServer });
  const client = new Client({ kms, keyId: KeyMetadata.Arn });
  const taken = async (act) => {
    asked = [];
    const result = await act();
    return { result, asked };
  };
  const home = await taken(() => client.encrypt("at home"));
  assert.deepEqual(home.asked, ["us-east-1"]);
  down = ["us-east-1"];
  const away = await taken(() => client.encrypt("away"));
  assert.deepEqual(away.asked, ["us-east-1", "eu-west-1"]);
  assert.equal((await taken(() => client.decrypt(home.result))).result.text(), "at home");
  // Both keys of a ciphertext that moves are named as they are where it does.
  const { Arn } = KeyMetadata;
  const sealed = await kms.encrypt({ KeyId: Arn, Plaintext: new Uint8Array([1]) });
  const moving = { CiphertextBlob: sealed.CiphertextBlob, SourceKeyId: Arn, DestinationKeyId: Arn, DestinationEncryptionContext: CONTEXT };
  const moved = await taken(() => kms.reEncrypt(moving));
  assert.deepEqual([moved.result.SourceKeyId, moved.result.KeyId, moved.asked], [Arn, Arn, ["us-east-1", "eu-west-1"]]);
  down = ["eu-west-1"];
  const back = await taken(() => client.decrypt(away.result));
  assert.deepEqual([back.result.text(), back.asked], ["away", ["us-east-1"]]);
  // A key of one region is asked for there only, and a refusal is not asked for elsewhere.
  down = ["us-east-1"];
  const single = KeyMetadata.Arn.replace(/mrk-.*/, "1234abcd-12ab-34cd-56ef-1234567890ab");
  const { asked: tries } = await taken(() => assert.rejects(kms.describeKey({ KeyId: single }), { code: "KmsUnavailable" }));
  assert.deepEqual(tries, ["us-east-1", "us-east-1", "us-east-1"]);
  down = [];
  const refused = await taken(() => assert.rejects(kms.decrypt({ KeyId: KeyMetadata.Arn, CiphertextBlob: new Uint8Array(99) }), { $fault: "client" }));
  assert.deepEqual(refused.asked, ["us-east-1"]);
});

test("what can not be meant is refused at once", async () => {
  const credentials = { accessKeyId: "a", secretAccessKey: "b" };
  for (const [given, message] of [
    [{ regon: "eu-west-1" }, /no option `regon`/],
    [{ region: "evil.example/" }, /not the name of an AWS region/],
    [{ credentials: { accessKeyId: "a", secretAccessKey: "two words" } }, /^the secret access key is not a string of printable/],
    [{ credentials: { ...credentials, expiration: new Date(0) } }, undefined],
    [{ credentials, endpoint: "https://user:password@kms.example" }, /^endpoint is not a plain/],
    [{ credentials, endpoint: "file:///etc" }, /^endpoint is not a plain/],
    [{ credentials, endpoint: "https://kms.example", fips: true }, /goes without fips/],
    [{ credentials, timeout: 0 }, /timeout/],
    [{ credentials, attempts: 1.5 }, /attempts/],
    [{ credentials, fetch: "fetch" }, /fetch is not a function/],
  ]) {
    if (message) assert.throws(() => awsKms(given), { code: "InvalidInput", message });
    else await assert.rejects(awsKms({ region: "us-east-1", ...given }).describeKey({ KeyId: "a" }), { code: "InvalidInput", message: /ended at 1970/ });
  }
  const never = () => assert.fail("nothing is sent");
  const kms = awsKms({ credentials, region: "us-east-1", fetch: never });
  for (const KeyId of ["arn:aws:kms:evil.example/x:111122223333:key/1", "arn:aws:kms:us-east-1:111122223333:store/1", "arn:aws:s3:us-east-1:111122223333:key/1", "", 7]) {
    await assert.rejects(kms.describeKey({ KeyId }), { code: "InvalidInput" });
  }
  await assert.rejects(kms.encrypt({ KeyId: "a", Plaintext: () => {} }), { code: "InvalidInput" });
  await assert.rejects(kms.encrypt({ Plaintext: new Uint8Array(1) }), { code: "InvalidInput", message: "KeyId is missing" });
});

function refusal(name, kind) {
  return (error) => {
    assert.ok(error instanceof KmsClientError, inspect(error));
    assert.match(error.name, new RegExp(name));
    if (kind) assert.equal(error.kind, kind);
    assert.deepEqual([error.code, error.retryable, error.vendorCode], ["KmsDenied", false, error.name]);
    return true;
  };
}

async function signer(credentials) {
  const { signed } = await load("shared/clients/sigv4.js");
  return {
    async resigned(url, region, { "content-type": type, "x-amz-target": target }, { method, body, signal }) {
      const request = { method, url: new URL(url), headers: { "content-type": type, "x-amz-target": target }, body };
      const headers = await signed(request, credentials, { region, service: "kms", date: new Date() });
      return fetch(url, { method, headers, body, signal });
    },
  };
}
