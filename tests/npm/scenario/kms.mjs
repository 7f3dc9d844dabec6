// The embedded KMS: who may what, its operations, its protocol.

import { assert, equal, fails, includes, same } from "../checks.mjs";
import { BOB, CONTEXT, decoder, encoder, ENDPOINT, EVE, flipped, ROOT, signed, transferred, world } from "./world.mjs";

export const kms = {
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
    const record = (await kms.audit()).at(-1);
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
    const audited = (await kms.audit()).find(({ eventName }) => eventName === "Encrypt");
    equal(audited.eventTime, "2026-01-15T12:00:00Z");
    same(audited.requestParameters.encryptionContext, { a: "b" });
  },

  async "signed requests are answered as a server would"(given) {
    const { kms, keyId } = await world(given);
    const root = await kms.credentials(ROOT);
    same(await kms.credentials(ROOT), root);
    const ask = async (credentials, operation, body, change) => {
      const response = await kms.fetch(await signed(credentials, operation, JSON.stringify(body), change));
      const text = await response.text();
      return { response, status: response.status, body: text === "" ? undefined : JSON.parse(text) };
    };
    const encrypted = await ask(root, "Encrypt", { KeyId: keyId, Plaintext: btoa("top secret"), EncryptionContext: CONTEXT });
    equal(encrypted.response.headers.get("content-type"), "application/x-amz-json-1.1");
    equal(encrypted.response.headers.get("x-amzn-requestid"), (await kms.audit()).at(-1).requestID);
    const { CiphertextBlob } = encrypted.body;
    equal(atob((await ask(root, "Decrypt", { CiphertextBlob, EncryptionContext: CONTEXT })).body.Plaintext), "top secret");
    const disabled = await ask(root, "DisableKey", { KeyId: keyId });
    same([disabled.status, disabled.body], [200, undefined]);

    const session = await kms.credentials("arn:aws:sts::111122223333:assumed-role/App/s1");
    const name = async (...request) => (await ask(...request)).body.__type;
    equal(await name(session, "DescribeKey", { KeyId: keyId }), "AccessDeniedException");
    equal(await name(root, "NoSuchOperation", {}), "UnknownOperationException");
    equal(await name({ ...root, secretAccessKey: "wrong" }, "DescribeKey", { KeyId: keyId }), "InvalidSignatureException");
    equal(await name({ ...session, sessionToken: "wrong" }, "DescribeKey", { KeyId: keyId }), "UnrecognizedClientException");
    equal(await name(root, "DescribeKey", { KeyId: keyId }, { body: `{"KeyId":"alias/a"}` }), "InvalidSignatureException");
    equal(await name(root, "DescribeKey", { KeyId: keyId }, { target: "TrentService.EnableKey" }), "InvalidSignatureException");
    const huge = await kms.fetch(ENDPOINT, { method: "POST", body: new Uint8Array(3_000_000) });
    same([huge.status, (await huge.json()).__type], [413, "RequestEntityTooLargeException"]);
    // Firefox has no requests of streams.
    if ("body" in Request.prototype) {
      let stopped;
      const endless = new ReadableStream({
        pull: (controller) => controller.enqueue(new Uint8Array(100_000)),
        cancel: () => void (stopped = true),
      });
      equal((await kms.fetch(ENDPOINT, { method: "POST", body: endless, duplex: "half" })).status, 413);
      assert(stopped, "the rest of an endless body is not read");
    }
    equal((await (await kms.fetch(ENDPOINT)).json()).__type, "MissingAuthenticationTokenException");
    const nonsense = await kms.fetch(ENDPOINT, { method: "POST", body: new Uint8Array([255, 254]), headers: { authorization: "a" } });
    same([nonsense.status, (await nonsense.json()).__type], [400, "IncompleteSignatureException"]);
    equal((await kms.describeKey({ KeyId: keyId })).KeyMetadata.Enabled, false);

    const reason = new Error("enough");
    equal(await fails(kms.fetch(ENDPOINT, { method: "POST", body: "{}", signal: AbortSignal.abort(reason) })), reason);
    const long = new Headers([["x-amz-long", "a".repeat(70_000)]]);
    equal((await fails(kms.fetch(ENDPOINT, { headers: long }))).code, "InvalidInput");
    for (const [principal, why] of [["s3.amazonaws.com", "is a service"], ["bob", "neither an ARN"], [7, "not a string"]]) {
      const error = await fails(kms.credentials(principal));
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
    const [event] = (await kms.audit()).filter(({ eventType }) => eventType === "AwsServiceEvent");
    equal(event.eventName, "DeleteKey");
    equal(event.requestID, undefined);
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
    shows((await kms.audit()).at(-1).requestParameters.encryptionContext, "the audit log");
    for (const kind of ["kms-request-sent", "data-key-wrapped"]) shows(events.find((event) => event.kind === kind).encryptionContext, kind);
    const Constraints = { EncryptionContextEquals: tricky() };
    await kms.createGrant({ KeyId: KeyMetadata.Arn, GranteePrincipal: BOB, Operations: ["Decrypt"], Constraints });
    const { Grants } = await kms.listGrants({ KeyId: KeyMetadata.Arn });
    shows(Grants[0].Constraints.EncryptionContextEquals, "the list of grants");
    equal(Object.getPrototypeOf(Grants[0].Constraints), Object.prototype);
    equal({}.constructor, Object, "nothing else has it");
  },
};
