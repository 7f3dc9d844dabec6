// What the package promises, as one list of named checks that runs in every runtime: web APIs only, and the package handed in.

import { assert, equal, find, fails, includes, same, zeros } from "./checks.mjs";

const BOB = "arn:aws:iam::111122223333:user/bob";
const EVE = "arn:aws:iam::111122223333:user/eve";
const ROOT = "arn:aws:iam::111122223333:root";
const ENDPOINT = "https://kms.us-east-1.amazonaws.com/";
const CONTEXT = { tenant: "42", purpose: "documents" };
const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Runs all checks; for each its name and, if it failed, why. */
export async function runAll(given) {
  const results = [];
  for (const [name, check] of Object.entries(scenario)) {
    try {
      await check(given);
      results.push({ name });
    } catch (error) {
      results.push({ name, error: `${error?.stack ?? error}` });
    }
  }
  return results;
}

/** A KMS with a key, and a client of the administrator's. */
async function world({ Client, LocalKms }, options = {}) {
  const kms = await LocalKms.open({ storage: "memory", ...options });
  const { KeyMetadata } = await kms.createKey({ Description: "documents" });
  return { kms, keyId: KeyMetadata.Arn, client: new Client({ kms, keyId: KeyMetadata.Arn, ...options.client }) };
}

/** A KMS object of a user's own: it passes everything on to another and notes what it saw. */
function spy(kms) {
  const seen = { calls: [], plaintexts: [], dataKeys: [] };
  const pass = (operation) => async (request, options) => {
    seen.calls.push({ operation, request, options });
    const response = await kms[operation](request, options);
    if (response.Plaintext) {
      seen.plaintexts.push(response.Plaintext);
      seen.dataKeys.push(response.Plaintext.slice());
    }
    return response;
  };
  return { seen, generateDataKey: pass("generateDataKey"), encrypt: pass("encrypt"), decrypt: pass("decrypt") };
}

/** A request signed by AWS Signature Version 4, written down here a second time; `change` is made after it is signed. */
async function signed({ accessKeyId, secretAccessKey, sessionToken }, operation, body, change = {}) {
  const hex = (bytes) => [...new Uint8Array(bytes)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  const hash = async (text) => hex(await crypto.subtle.digest("SHA-256", encoder.encode(text)));
  const hmac = async (key, text) => {
    const imported = await crypto.subtle.importKey("raw", key, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
    return crypto.subtle.sign("HMAC", imported, encoder.encode(text));
  };
  const date = new Date().toISOString().replace(/[-:]|\.\d+/g, "");
  const headers = { host: new URL(ENDPOINT).host, "x-amz-date": date, "x-amz-target": `TrentService.${operation}` };
  if (sessionToken) headers["x-amz-security-token"] = sessionToken;
  const names = Object.keys(headers).sort();
  const canonical = ["POST", "/", "", ...names.map((name) => `${name}:${headers[name]}`), "", names.join(";"), await hash(body)].join("\n");
  const scope = `${date.slice(0, 8)}/us-east-1/kms/aws4_request`;
  let key = encoder.encode(`AWS4${secretAccessKey}`);
  for (const part of scope.split("/")) key = await hmac(key, part);
  const signature = hex(await hmac(key, ["AWS4-HMAC-SHA256", date, scope, await hash(canonical)].join("\n")));
  const authorization = `AWS4-HMAC-SHA256 Credential=${accessKeyId}/${scope}, SignedHeaders=${names.join(";")}, Signature=${signature}`;
  if (change.target) headers["x-amz-target"] = change.target;
  return new Request(ENDPOINT, { method: "POST", headers: { ...headers, authorization }, body: change.body ?? body });
}

/** Random bytes of any length; `getRandomValues` gives at most 65,536 at once. */
function randomBytes(length) {
  const bytes = new Uint8Array(length);
  for (let at = 0; at < length; at += 65_536) crypto.getRandomValues(bytes.subarray(at, at + 65_536));
  return bytes;
}

/** The same message with one byte changed. */
function flipped(message, at) {
  const copy = message.slice();
  copy[at < 0 ? copy.length + at : at] ^= 1;
  return copy;
}

/** An array whose bytes went elsewhere. */
function transferred(bytes) {
  structuredClone(bytes.buffer, { transfer: [bytes.buffer] });
  return bytes;
}

/** Where `part` starts in `whole`. */
function position(whole, part) {
  const at = find(whole, part);
  assert(at >= 0, "the part is in the whole");
  return at;
}

/** What suite 0478 derives from a data key, by WebCrypto: the extracted key and the message key. */
async function derivedKeys(dataKey, messageId) {
  const hmac = await crypto.subtle.importKey("raw", messageId, { name: "HMAC", hash: "SHA-512" }, false, ["sign"]);
  const extracted = new Uint8Array(await crypto.subtle.sign("HMAC", hmac, dataKey));
  const material = await crypto.subtle.importKey("raw", dataKey, "HKDF", false, ["deriveBits"]);
  const derive = async (info) =>
    new Uint8Array(await crypto.subtle.deriveBits({ name: "HKDF", hash: "SHA-512", salt: messageId, info }, material, 256));
  const messageKey = await derive(new Uint8Array([0x04, 0x78, ...encoder.encode("DERIVEKEY")]));
  return { extracted, messageKey, commitment: await derive(encoder.encode("COMMITKEY")) };
}

export const scenario = {
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
    const bytes = randomBytes(10_000);
    const inputs = [
      ["text", "zażółć gęślą jaźń 🔐", encoder.encode("zażółć gęślą jaźń 🔐")],
      ["text with a byte order mark", "\uFEFFtext", encoder.encode("\uFEFFtext")],
      ["bytes", bytes, bytes],
      ["a view in the middle of a buffer", bytes.subarray(100, 5000), bytes.slice(100, 5000)],
      ["a buffer", bytes.slice().buffer, bytes],
      ["a Blob", new Blob([bytes.slice(0, 77), "tail"]), new Uint8Array([...bytes.slice(0, 77), ...encoder.encode("tail")])],
      ["nothing", "", new Uint8Array()],
      ["one frame exactly", bytes.slice(0, 4096), bytes.slice(0, 4096)],
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

  async "a denied principal is told so, with the reason"(given) {
    const { Client, isKmsDenied, isWaxsealError } = given;
    const { kms, keyId, client } = await world(given);
    const message = await client.encrypt("top secret", { encryptionContext: CONTEXT });
    const direct = await fails(kms.as(EVE).describeKey({ KeyId: keyId }));
    equal(direct.name, "AccessDeniedException");
    equal(direct.code, "KmsDenied");
    equal(direct.$fault, "client");
    equal(direct.$metadata.httpStatusCode, 400);
    equal(direct.$metadata.requestId, direct.requestId);
    includes(direct.message, `User: ${EVE} is not authorized to perform: kms:DescribeKey on resource: ${keyId}`);
    equal(direct.decision.verdict, "implicit-deny");
    assert(direct.decision.because.length > 10, "the decision says why");
    assert(direct.decision.findings.length > 0, "every statement is listed");
    const eve = new Client({ kms: kms.as(EVE), keyId });
    for (const attempt of [eve.encrypt("x"), eve.decrypt(message)]) {
      const error = await fails(attempt);
      equal(error.name, "AccessDeniedException");
      equal(error.code, "KmsDenied");
      equal(error.kmsCode, "AccessDeniedException");
      equal(error.retryable, false);
      assert(isWaxsealError(error) && isKmsDenied(error), "the guards know it");
      equal(error.cause.decision.verdict, "implicit-deny");
      equal(error.requestId, error.cause.requestId);
      includes(error.message, "not authorized to perform");
    }
    const record = kms.audit().at(-1);
    equal(record.eventName, "Decrypt");
    equal(record.errorCode, "AccessDenied");
    equal(record.userIdentity.arn, EVE);
  },

  async "policies, grants and key states decide, at once"(given) {
    const { Client } = given;
    const { kms, keyId, client } = await world(given);
    const message = await client.encrypt("top secret", { encryptionContext: CONTEXT });
    const bob = new Client({ kms: kms.as(BOB), keyId });
    equal((await fails(bob.decrypt(message))).name, "AccessDeniedException");

    const policy = { Version: "2012-10-17", Statement: [{ Effect: "Allow", Action: "kms:Decrypt", Resource: keyId }] };
    await kms.iam.putPolicy(BOB, "may-decrypt", policy);
    same((await kms.iam.listPolicies(BOB)).map(({ name }) => name), ["may-decrypt"]);
    equal((await bob.decrypt(message)).text(), "top secret");
    await kms.iam.deletePolicy(BOB, "may-decrypt");
    equal((await fails(bob.decrypt(message))).name, "AccessDeniedException");

    const { GrantId } = await kms.createGrant({
      KeyId: keyId,
      GranteePrincipal: BOB,
      Operations: ["Decrypt"],
      Constraints: { EncryptionContextSubset: { tenant: "42" } },
    });
    equal((await bob.decrypt(message)).text(), "top secret");
    const { Grants } = await kms.listGrants({ KeyId: keyId });
    equal(Grants[0].GrantId, GrantId);
    same(Grants[0].Constraints, { EncryptionContextSubset: { tenant: "42" } });
    assert(Grants[0].CreationDate instanceof Date, "CreationDate is a Date");
    const other = await client.encrypt("top secret", { encryptionContext: { tenant: "43" } });
    equal((await fails(bob.decrypt(other))).name, "AccessDeniedException");
    await kms.revokeGrant({ KeyId: keyId, GrantId });
    equal((await fails(bob.decrypt(message))).name, "AccessDeniedException");

    await kms.disableKey({ KeyId: keyId });
    equal((await kms.describeKey({ KeyId: keyId })).KeyMetadata.KeyState, "Disabled");
    equal((await fails(client.decrypt(message))).name, "DisabledException");
    await kms.enableKey({ KeyId: keyId });
    equal((await client.decrypt(message)).text(), "top secret");

    const { Policy } = await kms.getKeyPolicy({ KeyId: keyId });
    const statements = JSON.parse(Policy).Statement;
    const deny = { Sid: "NotBob", Effect: "Deny", Principal: { AWS: BOB }, Action: "kms:*", Resource: "*" };
    await kms.putKeyPolicy({ KeyId: keyId, Policy: JSON.stringify({ Version: "2012-10-17", Statement: [...statements, deny] }) });
    await kms.iam.putPolicy(BOB, "may-decrypt", JSON.stringify(policy));
    const error = await fails(bob.decrypt(message));
    equal(error.cause.decision.verdict, "explicit-deny");
    equal(error.cause.decision.findings.find(({ outcome }) => outcome === "denies").name, "NotBob");
  },

  async "a service asks on the caller's behalf"(given) {
    const { kms, keyId } = await world(given);
    const via = "s3.us-east-1.amazonaws.com";
    const condition = { StringEquals: { "kms:ViaService": via } };
    const statement = { Effect: "Allow", Action: "kms:GenerateDataKey", Resource: keyId, Condition: condition };
    await kms.iam.putPolicy(BOB, "through-s3", { Version: "2012-10-17", Statement: [statement] });
    const request = { KeyId: keyId, KeySpec: "AES_256", EncryptionContext: undefined };
    equal((await fails(kms.as(BOB).generateDataKey(request))).name, "AccessDeniedException");
    equal((await kms.as(BOB, { via }).generateDataKey(request)).Plaintext.length, 32);
  },

  async "the KMS speaks AWS's shapes"(given) {
    const { LocalKms } = given;
    const now = new Date("2026-01-15T12:00:00Z");
    const kms = await LocalKms.open({ storage: "memory", account: "444455556666", region: "eu-west-1", clock: () => now });
    const { KeyMetadata } = await kms.createKey({ Description: "mine" });
    equal(KeyMetadata.Arn, `arn:aws:kms:eu-west-1:444455556666:key/${KeyMetadata.KeyId}`);
    equal(KeyMetadata.CreationDate.getTime(), now.getTime());
    equal(KeyMetadata.Description, "mine");
    equal(KeyMetadata.KeyState, "Enabled");
    const Plaintext = encoder.encode("short");
    const { CiphertextBlob } = await kms.encrypt({ KeyId: KeyMetadata.KeyId, Plaintext, EncryptionContext: { __proto__: null, a: "b" } });
    equal(decoder.decode(Plaintext), "short");
    const back = await kms.decrypt({ CiphertextBlob, EncryptionContext: { a: "b" } });
    equal(decoder.decode(back.Plaintext), "short");
    equal(back.KeyId, KeyMetadata.Arn);
    equal((await fails(kms.decrypt({ CiphertextBlob, EncryptionContext: { a: "c" } }))).name, "InvalidCiphertextException");
    equal((await fails(kms.decrypt({ CiphertextBlob: flipped(CiphertextBlob, -1), EncryptionContext: { a: "b" } }))).name, "InvalidCiphertextException");
    equal((await fails(kms.describeKey({ KeyId: "1234abcd-12ab-34cd-56ef-1234567890ab" }))).name, "NotFoundException");
    equal((await fails(kms.generateDataKey({ KeyId: KeyMetadata.Arn }))).name, "ValidationException");
    equal((await fails(kms.generateDataKey({ KeyId: 7, NumberOfBytes: 32 }))).name, "SerializationException");
    equal((await fails(kms.encrypt({ KeyId: KeyMetadata.Arn, Plaintext: new Uint8Array(4097) }))).code, "KmsDenied");
    const audited = kms.audit().find(({ eventName }) => eventName === "Encrypt");
    equal(audited.eventTime, "2026-01-15T12:00:00Z");
    same(audited.requestParameters.encryptionContext, { a: "b" });
  },

  async "signed requests are answered as a server would"(given) {
    const { kms, keyId } = await world(given);
    const root = kms.credentials(ROOT);
    same(kms.credentials(ROOT), root);
    const ask = async (credentials, operation, body, change) => {
      const response = await kms.fetch(await signed(credentials, operation, JSON.stringify(body), change));
      const text = await response.text();
      return { response, status: response.status, body: text === "" ? undefined : JSON.parse(text) };
    };
    const encrypted = await ask(root, "Encrypt", { KeyId: keyId, Plaintext: btoa("top secret"), EncryptionContext: CONTEXT });
    equal(encrypted.response.headers.get("content-type"), "application/x-amz-json-1.1");
    equal(encrypted.response.headers.get("x-amzn-requestid"), kms.audit().at(-1).requestID);
    const { CiphertextBlob } = encrypted.body;
    equal(atob((await ask(root, "Decrypt", { CiphertextBlob, EncryptionContext: CONTEXT })).body.Plaintext), "top secret");
    const disabled = await ask(root, "DisableKey", { KeyId: keyId });
    same([disabled.status, disabled.body], [200, undefined]);

    const session = kms.credentials("arn:aws:sts::111122223333:assumed-role/App/s1");
    const name = async (...request) => (await ask(...request)).body.__type;
    equal(await name(session, "DescribeKey", { KeyId: keyId }), "AccessDeniedException");
    equal(await name(root, "NoSuchOperation", {}), "UnknownOperationException");
    equal(await name({ ...root, secretAccessKey: "wrong" }, "DescribeKey", { KeyId: keyId }), "InvalidSignatureException");
    equal(await name({ ...session, sessionToken: "wrong" }, "DescribeKey", { KeyId: keyId }), "UnrecognizedClientException");
    equal(await name(root, "DescribeKey", { KeyId: keyId }, { body: `{"KeyId":"alias/a"}` }), "InvalidSignatureException");
    equal(await name(root, "DescribeKey", { KeyId: keyId }, { target: "TrentService.EnableKey" }), "InvalidSignatureException");
    const huge = await kms.fetch(ENDPOINT, { method: "POST", body: new Uint8Array(3_000_000) });
    same([huge.status, (await huge.json()).__type], [413, "RequestEntityTooLargeException"]);
    let stopped;
    const endless = new ReadableStream({
      pull: (controller) => controller.enqueue(new Uint8Array(100_000)),
      cancel: () => void (stopped = true),
    });
    equal((await kms.fetch(ENDPOINT, { method: "POST", body: endless, duplex: "half" })).status, 413);
    assert(stopped, "the rest of an endless body is not read");
    equal((await (await kms.fetch(ENDPOINT)).json()).__type, "MissingAuthenticationTokenException");
    const nonsense = await kms.fetch(ENDPOINT, { method: "POST", body: new Uint8Array([255, 254]), headers: { authorization: "a" } });
    same([nonsense.status, (await nonsense.json()).__type], [400, "IncompleteSignatureException"]);
    equal((await kms.describeKey({ KeyId: keyId })).KeyMetadata.Enabled, false);

    const reason = new Error("enough");
    equal(await fails(kms.fetch(ENDPOINT, { method: "POST", body: "{}", signal: AbortSignal.abort(reason) })), reason);
    const long = new Headers([["x-amz-long", "a".repeat(70_000)]]);
    equal((await fails(kms.fetch(ENDPOINT, { headers: long }))).code, "InvalidInput");
    for (const [principal, why] of [["s3.amazonaws.com", "is a service"], ["bob", "neither an ARN"], [7, "not a string"]]) {
      const error = await fails((async () => kms.credentials(principal))());
      equal(error.code, "InvalidInput");
      includes(error.message, why);
    }
  },

  async "an AWS client's transport is what its requests are handed to"(given) {
    const { kms } = await world(given);
    const handler = kms.requestHandler();
    const hostile = { method: { toString: () => { throw new Error("no text"); } }, path: "/", headers: {} };
    equal((await fails(handler.handle(hostile))).message, "no text");
    for (const body of [undefined, null, "{}", encoder.encode("{}"), new Blob(["{}"])]) {
      const { response } = await handler.handle({ method: "POST", path: "/", query: { a: ["b", "c"], d: null }, headers: { host: "kms" }, body });
      same([response.statusCode, response.headers["x-amzn-errortype"]], [400, "MissingAuthenticationTokenException"]);
      equal(JSON.parse(decoder.decode(response.body)).__type, "MissingAuthenticationTokenException");
    }
    const aborted = await fails(handler.handle({ method: "POST", path: "/", headers: {} }, { abortSignal: AbortSignal.abort() }));
    same([aborted.name, aborted.code], ["AbortError", "Aborted"]);
    handler.destroy();
    equal((await kms.createKey()).KeyMetadata.Enabled, true);
  },

  async "a tour of aliases, labels, lists and retired grants"(given) {
    const { kms, keyId } = await world(given);
    const { KeyMetadata: other } = await kms.createKey();
    await kms.createAlias({ AliasName: "alias/documents", TargetKeyId: keyId });
    equal((await kms.describeKey({ KeyId: "alias/documents" })).KeyMetadata.Arn, keyId);
    await kms.updateAlias({ AliasName: "alias/documents", TargetKeyId: other.KeyId });
    const { Aliases, Truncated } = await kms.listAliases();
    same(Aliases.map(({ AliasName, TargetKeyId }) => [AliasName, TargetKeyId]), [["alias/documents", other.KeyId]]);
    assert(Aliases[0].CreationDate instanceof Date && Aliases[0].LastUpdatedDate instanceof Date, "dates are Dates");
    equal(Truncated, false);
    await kms.deleteAlias({ AliasName: "alias/documents" });
    same((await kms.listAliases({ KeyId: other.KeyId })).Aliases, []);
    const { Keys, NextMarker } = await kms.listKeys({ Limit: 1 });
    const rest = await kms.listKeys({ Marker: NextMarker });
    same([...Keys, ...rest.Keys].map(({ KeyArn }) => KeyArn).sort(), [keyId, other.Arn].sort());
    same((await kms.listKeyPolicies({ KeyId: keyId })).PolicyNames, ["default"]);
    await kms.updateKeyDescription({ KeyId: keyId, Description: "changed" });
    equal((await kms.describeKey({ KeyId: keyId })).KeyMetadata.Description, "changed");
    await kms.tagResource({ KeyId: keyId, Tags: [{ TagKey: "team", TagValue: "blue" }, { TagKey: "old", TagValue: "" }] });
    await kms.untagResource({ KeyId: keyId, TagKeys: ["old"] });
    same((await kms.listResourceTags({ KeyId: keyId })).Tags, [{ TagKey: "team", TagValue: "blue" }]);
    const grant = { KeyId: keyId, GranteePrincipal: EVE, RetiringPrincipal: BOB, Operations: ["Decrypt"] };
    const { GrantToken } = await kms.createGrant(grant);
    const { Grants } = await kms.listRetirableGrants({ RetiringPrincipal: BOB });
    same(Grants.map(({ GranteePrincipal }) => GranteePrincipal), [EVE]);
    assert(Grants[0].CreationDate instanceof Date, "CreationDate is a Date");
    equal((await fails(kms.as(EVE).retireGrant({ GrantToken }))).name, "AccessDeniedException");
    await kms.as(BOB).retireGrant({ GrantToken });
    same((await kms.listRetirableGrants({ RetiringPrincipal: BOB })).Grants, []);
  },

  async "a key is rotated, and old ciphertexts still open"(given) {
    const { LocalKms } = given;
    let now = new Date("2026-01-15T12:00:00Z");
    const kms = await LocalKms.open({ storage: "memory", clock: () => now });
    const { KeyMetadata } = await kms.createKey();
    const KeyId = KeyMetadata.Arn;
    const { CiphertextBlob } = await kms.encrypt({ KeyId, Plaintext: encoder.encode("old") });
    await kms.enableKeyRotation({ KeyId, RotationPeriodInDays: 90 });
    const { KeyRotationEnabled, NextRotationDate } = await kms.getKeyRotationStatus({ KeyId });
    equal(KeyRotationEnabled, true);
    now = NextRotationDate;
    equal((await kms.rotateKeyOnDemand({ KeyId })).KeyId, KeyId);
    const { Rotations } = await kms.listKeyRotations({ KeyId });
    same(Rotations.map(({ RotationType, RotationDate }) => [RotationType, RotationDate.getTime()]), [["AUTOMATIC", now.getTime()], ["ON_DEMAND", now.getTime()]]);
    const back = await kms.decrypt({ CiphertextBlob });
    equal(decoder.decode(back.Plaintext), "old");
    equal(back.KeyMaterialId, KeyMetadata.CurrentKeyMaterialId);
    assert((await kms.describeKey({ KeyId })).KeyMetadata.CurrentKeyMaterialId === Rotations[1].KeyMaterialId, "the newest generation encrypts");
    await kms.disableKeyRotation({ KeyId });
    equal((await kms.getKeyRotationStatus({ KeyId })).KeyRotationEnabled, false);
  },

  async "a ciphertext moves to another key, and other bytes that are drawn"(given) {
    const { kms, keyId } = await world(given);
    const { KeyMetadata: other } = await kms.createKey();
    const { CiphertextBlob, KeyId } = await kms.generateDataKeyWithoutPlaintext({ KeyId: keyId, KeySpec: "AES_256", EncryptionContext: { a: "b" } });
    equal(KeyId, keyId);
    const moved = await kms.reEncrypt({ CiphertextBlob, SourceEncryptionContext: { a: "b" }, DestinationKeyId: other.Arn, DestinationEncryptionContext: { c: "d" } });
    equal(moved.SourceKeyId, keyId);
    equal(moved.KeyId, other.Arn);
    const before = await kms.decrypt({ CiphertextBlob, EncryptionContext: { a: "b" } });
    const after = await kms.decrypt({ CiphertextBlob: moved.CiphertextBlob, EncryptionContext: { c: "d" } });
    same([...after.Plaintext], [...before.Plaintext]);
    equal(after.Plaintext.length, 32);
    equal((await kms.generateRandom({ NumberOfBytes: 16 })).Plaintext.length, 16);
    equal((await fails(kms.as(EVE).generateRandom({ NumberOfBytes: 16 }))).name, "AccessDeniedException");
  },

  async "a key is destroyed after its waiting period, by the clock it was given"(given) {
    const { LocalKms } = given;
    let now = new Date("2026-01-15T12:00:00Z");
    const kms = await LocalKms.open({ storage: "memory", clock: () => now });
    const { KeyMetadata } = await kms.createKey();
    const KeyId = KeyMetadata.Arn;
    const { CiphertextBlob } = await kms.encrypt({ KeyId, Plaintext: encoder.encode("lost") });
    await kms.scheduleKeyDeletion({ KeyId });
    equal((await kms.cancelKeyDeletion({ KeyId })).KeyId, KeyId);
    const { DeletionDate, KeyState } = await kms.scheduleKeyDeletion({ KeyId, PendingWindowInDays: 7 });
    equal(DeletionDate.toISOString(), "2026-01-22T12:00:00.000Z");
    equal(KeyState, "PendingDeletion");
    equal((await kms.describeKey({ KeyId })).KeyMetadata.DeletionDate.getTime(), DeletionDate.getTime());
    equal((await fails(kms.decrypt({ CiphertextBlob }))).name, "KMSInvalidStateException");
    now = DeletionDate;
    equal((await fails(kms.decrypt({ CiphertextBlob }))).name, "AccessDeniedException");
    equal((await fails(kms.describeKey({ KeyId }))).name, "NotFoundException");
    const [event] = kms.audit().filter(({ eventType }) => eventType === "AwsServiceEvent");
    equal(event.eventName, "DeleteKey");
    equal(event.requestID, undefined);
  },

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
    const { isDecryptionFailed } = given;
    const { client } = await world(given);
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

  async "no argument can stop the embedded KMS"(given) {
    const { kms, keyId } = await world(given);
    const circular = {};
    circular.itself = circular;
    const thrower = { get tenant() { throw new Error("from a getter"); } };
    const unwilling = new Proxy({}, { ownKeys() { throw new Error("from a proxy"); } });
    const Plaintext = new Uint8Array(3);
    const attempts = [
      [() => kms.encrypt({ KeyId: keyId, Plaintext, EncryptionContext: thrower }), "from a getter"],
      [() => kms.encrypt({ KeyId: keyId, Plaintext, EncryptionContext: unwilling }), "from a proxy"],
      [() => kms.decrypt({ CiphertextBlob: Plaintext, Recipient: circular }), "nested too deeply"],
      [() => kms.decrypt({ CiphertextBlob: Plaintext, Recipient: {} }), "Nitro enclaves"],
      [() => kms.encrypt({ KeyId: keyId, Plaintext, EncryptionContext: new Map([["tenant", "42"]]) }), "request.EncryptionContext is neither"],
      [() => kms.encrypt({ KeyId: keyId, Plaintext, EncryptionContext: { tenant: () => "42" } }), "EncryptionContext.tenant is a function"],
      [() => kms.encrypt({ KeyId: keyId, Plaintext: transferred(new Uint8Array(3)) }), "transferred away"],
      [() => kms.encrypt({ KeyId: keyId, Plaintext: new Uint16Array(3) }), "request.Plaintext is neither"],
      [() => kms.encrypt({ KeyId: keyId, Plaintext: "text" }), "Plaintext is a string"],
      [() => kms.decrypt({ CiphertextBlob: "V1hL" }), "CiphertextBlob is a string"],
      [() => kms.createKey({ Description: "\ud800" }), "request.Description has half of a surrogate pair"],
      [() => kms.createKey(new Map()), "request is not a plain object"],
      [() => kms.createGrant({ KeyId: keyId, GranteePrincipal: BOB, Operations: [Symbol("Decrypt")] }), "Operations[0] is a symbol"],
      [() => kms.iam.putPolicy(BOB, "p", circular), "policy can not be written as JSON"],
      [() => kms.iam.putPolicy(BOB, "p", { toJSON() {} }), "policy is not a string"],
    ];
    for (const [attempt, why] of attempts) {
      includes((await fails(attempt(), why)).message, why);
      equal((await kms.describeKey({ KeyId: keyId })).KeyMetadata.Arn, keyId, `the KMS is there after: ${why}`);
    }
    await kms.encrypt({ KeyId: keyId, Plaintext: new Uint8Array(3).buffer, EncryptionContext: null, GrantTokens: undefined });
    const dispose = Symbol.dispose ?? Symbol.for("Symbol.dispose");
    let leaving = false;
    const clock = () => (leaving && gone[dispose](), new Date());
    const gone = await given.LocalKms.open({ storage: "memory", clock });
    leaving = true;
    includes((await fails(gone.createKey())).message, "disposed of");
    equal((await kms.describeKey({ KeyId: keyId })).KeyMetadata.Arn, keyId);
  },

  async "a context key named __proto__ is in every list and log"(given) {
    const { Client, LocalKms } = given;
    const events = [];
    const onEvent = (event) => events.push(event);
    const kms = await LocalKms.open({ storage: "memory", onEvent });
    const { KeyMetadata } = await kms.createKey();
    const tricky = () => JSON.parse('{ "__proto__": "a", "constructor": "b" }');
    const shows = (context, where) => same([where, Object.entries(context).sort()], [where, Object.entries(tricky()).sort()]);
    await new Client({ kms, keyId: KeyMetadata.Arn, onEvent }).encrypt("x", { encryptionContext: tricky() });
    shows(kms.audit().at(-1).requestParameters.encryptionContext, "the audit log");
    for (const kind of ["kms-request-sent", "data-key-wrapped"]) shows(events.find((event) => event.kind === kind).encryptionContext, kind);
    const Constraints = { EncryptionContextEquals: tricky() };
    await kms.createGrant({ KeyId: KeyMetadata.Arn, GranteePrincipal: BOB, Operations: ["Decrypt"], Constraints });
    const { Grants } = await kms.listGrants({ KeyId: KeyMetadata.Arn });
    shows(Grants[0].Constraints.EncryptionContextEquals, "the list of grants");
    equal(Object.getPrototypeOf(Grants[0].Constraints), Object.prototype);
    equal({}.constructor, Object, "nothing else has it");
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
      [() => new Client({ kms: {}, keyId }), "generateDataKey"],
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

  async "no data key, derived key or plaintext stays in either module's memory"(given) {
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
    const message = await client.encrypt(plaintext, { encryptionContext: CONTEXT });
    const { header } = await client.decrypt(message, { encryptionContext: CONTEXT });
    const [dataKey] = own.seen.dataKeys;
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
      return (await kms.fetch(await signed(kms.credentials(ROOT), operation, body))).json();
    };
    const written = btoa(String.fromCharCode(...long));
    const encrypted = await sent("Encrypt", { Plaintext: written });
    equal((await sent("Decrypt", { CiphertextBlob: encrypted.CiphertextBlob })).Plaintext, written);
    equal((await sent("Encrypt", { Plaintext: written, EncryptionContext: 7 })).__type, "SerializationException");
    await searched({ "what was sent": long.slice(-64), "its base64": encoder.encode(written).slice(-64) }, "after AWS JSON");

    // That the search finds what is there: while a second keyring wraps it, the data key has to be in the SDK's memory.
    let during;
    const looking = {
      ...own,
      encrypt(request) {
        during = { key: request.Plaintext.slice(), found: find(new Uint8Array(memories().sdk.buffer), request.Plaintext) };
        return kms.encrypt(request);
      },
    };
    const key = randomBytes(32);
    const raw = rawAesKeyring({ namespace: "tests", name: "raw", key });
    const both = (kms) => new Client({ keyring: multiKeyring({ generator: raw, children: [kmsKeyring({ kms, keyId })] }) });
    await both(looking).encrypt("x");
    assert(during.found >= 0, "the search finds a data key that is in use");
    await searched({ "the data key of two keyrings": during.key, "the raw key": key }, "after success");
    const controller = new AbortController();
    const leaving = { ...looking, encrypt: (request) => (looking.encrypt(request), controller.abort(), new Promise(() => {})) };
    equal((await fails(both(leaving).encrypt("x", { signal: controller.signal }))).code, "Aborted");
    await searched({ "the data key of two keyrings": during.key, "the raw key": key }, "after an abort");
    for (const memory of Object.values(memories())) {
      const planted = randomBytes(32);
      const all = new Uint8Array(memory.buffer);
      all.set(planted, all.length - 40);
      equal(find(all, planted), all.length - 40);
      all.fill(0, all.length - 40);
    }
  },

  async "after a trap the memory is zeros and a new instance takes over"(given) {
    const { Client, LocalKms, isInternal, memories } = given;
    const { kms, keyId, client } = await world(given);
    const { sdk, kms: kmsMemory } = memories();
    const destructive = {
      ...spy(kms),
      async generateDataKey(request) {
        const response = await kms.generateDataKey(request);
        new Uint8Array(sdk.buffer).fill(0xff);
        return response;
      },
    };
    const interrupted = new Client({ kms: { ...spy(kms), generateDataKey: () => new Promise(() => {}) }, keyId });
    interrupted.encrypt("waits for ever").catch(() => {});
    const error = await fails(new Client({ kms: destructive, keyId }).encrypt("x"));
    assert(isInternal(error), `${error.code}: ${error.message}`);
    zeros(new Uint8Array(sdk.buffer), "the memory of the instance that trapped is overwritten");
    equal((await client.decrypt(await client.encrypt("again"))).text(), "again");
    assert(memories().sdk !== sdk, "it is another instance");

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
