// Every operation of the KMS by `@aws-sdk/client-kms`, in Node and in a page. What the KMS computes is checked with WebCrypto.

const BOB = "arn:aws:iam::111122223333:user/bob";
const CONTEXT = { tenant: "42", ключ: "значение", "\u{10000}": "non-BMP" };
const { subtle } = globalThis.crypto;
const bytes = (text) => new TextEncoder().encode(text);
const text = (array) => new TextDecoder().decode(array);

/** Calls every operation; returns the names of those that answered. `client(region)` is AWS's aggregated client of that region. */
export async function tour(client) {
  const called = new Set();
  const noting = (region) =>
    new Proxy(client(region), {
      get: (kms, method) => async (request) => {
        const response = await kms[method](request);
        called.add(method[0].toUpperCase() + method.slice(1));
        return response;
      },
    });
  const kms = noting("us-east-1");
  for (const part of [names, envelopes, pairs, signatures, codes, agreement, imports, grants, states]) await part(kms);
  await regions(kms, noting("eu-west-1"));
  return [...called].sort();
}

async function names(kms) {
  const { KeyMetadata } = await kms.createKey({ Description: "documents", Tags: [{ TagKey: "team", TagValue: "blue" }] });
  const KeyId = KeyMetadata.Arn;
  check(KeyMetadata.CreationDate instanceof Date, "dates are dates");
  await kms.updateKeyDescription({ KeyId, Description: "changed" });
  check((await kms.describeKey({ KeyId })).KeyMetadata.Description === "changed", "the description is changed");
  check((await kms.listKeys({})).Keys.length > 0, "there are keys");
  const AliasName = `alias/tour-${crypto.randomUUID()}`;
  await kms.createAlias({ AliasName, TargetKeyId: KeyId });
  const { KeyMetadata: other } = await kms.createKey({});
  await kms.updateAlias({ AliasName, TargetKeyId: other.Arn });
  check((await kms.listAliases({ KeyId: other.Arn })).Aliases[0].AliasName === AliasName, "the alias has moved");
  await kms.deleteAlias({ AliasName });
  await kms.tagResource({ KeyId, Tags: [{ TagKey: "cost", TagValue: "centre" }] });
  await kms.untagResource({ KeyId, TagKeys: ["team"] });
  check((await kms.listResourceTags({ KeyId })).Tags.length === 1, "one tag is left");
  const { Policy } = await kms.getKeyPolicy({ KeyId });
  await kms.putKeyPolicy({ KeyId, Policy });
  check((await kms.listKeyPolicies({ KeyId })).PolicyNames[0] === "default", "a key has one policy");
}

async function envelopes(kms) {
  const KeyId = await make(kms, {});
  const sealed = await kms.encrypt({ KeyId, Plaintext: bytes("top secret"), EncryptionContext: CONTEXT });
  const opened = await kms.decrypt({ CiphertextBlob: sealed.CiphertextBlob, EncryptionContext: CONTEXT });
  check(text(opened.Plaintext) === "top secret", "it opens");
  await refused(kms.decrypt({ CiphertextBlob: sealed.CiphertextBlob }), "InvalidCiphertextException");
  const other = await make(kms, {});
  const moved = await kms.reEncrypt({ CiphertextBlob: sealed.CiphertextBlob, SourceEncryptionContext: CONTEXT, DestinationKeyId: other });
  check(text((await kms.decrypt({ CiphertextBlob: moved.CiphertextBlob })).Plaintext) === "top secret", "it opens under the other key");
  const dataKey = await kms.generateDataKey({ KeyId, KeySpec: "AES_256" });
  check(same((await kms.decrypt({ CiphertextBlob: dataKey.CiphertextBlob })).Plaintext, dataKey.Plaintext), "the data key unwraps");
  check((await kms.generateDataKeyWithoutPlaintext({ KeyId, NumberOfBytes: 64 })).Plaintext === undefined, "no plaintext");
  check((await kms.generateRandom({ NumberOfBytes: 24 })).Plaintext.length === 24, "24 bytes");
  check((await kms.getKeyLastUsage({ KeyId })).KeyLastUsage.Operation !== undefined, "its last use is known");
  const rsa = await make(kms, { KeySpec: "RSA_2048", KeyUsage: "ENCRYPT_DECRYPT" });
  const name = { name: "RSA-OAEP", hash: "SHA-256" };
  const key = await subtle.importKey("spki", (await kms.getPublicKey({ KeyId: rsa })).PublicKey, name, false, ["encrypt"]);
  const CiphertextBlob = new Uint8Array(await subtle.encrypt(name, key, bytes("from outside")));
  const fromOutside = await kms.decrypt({ KeyId: rsa, CiphertextBlob, EncryptionAlgorithm: "RSAES_OAEP_SHA_256" });
  check(text(fromOutside.Plaintext) === "from outside", "RSA opens what the public key encrypted");
}

async function pairs(kms) {
  const KeyId = await make(kms, {});
  const pair = await kms.generateDataKeyPair({ KeyId, KeyPairSpec: "ECC_NIST_P256" });
  const name = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
  const own = await subtle.importKey("pkcs8", pair.PrivateKeyPlaintext, name, false, ["sign"]);
  const signature = await subtle.sign(name, own, bytes("m"));
  const publicKey = await subtle.importKey("spki", pair.PublicKey, name, false, ["verify"]);
  check(await subtle.verify(name, publicKey, signature, bytes("m")), "the two keys are a pair");
  const hidden = await kms.generateDataKeyPairWithoutPlaintext({ KeyId, KeyPairSpec: "ECC_NIST_P256" });
  check(hidden.PrivateKeyPlaintext === undefined && hidden.PublicKey.length > 0, "no private key in clear");
}

async function signatures(kms) {
  const KeyId = await make(kms, { KeySpec: "RSA_2048", KeyUsage: "SIGN_VERIFY" });
  const SigningAlgorithm = "RSASSA_PSS_SHA_256";
  const { Signature } = await kms.sign({ KeyId, Message: bytes("m"), SigningAlgorithm });
  const name = { name: "RSA-PSS", hash: "SHA-256", saltLength: 32 };
  const key = await subtle.importKey("spki", (await kms.getPublicKey({ KeyId })).PublicKey, name, false, ["verify"]);
  check(await subtle.verify(name, key, Signature, bytes("m")), "the signature holds outside");
  check((await kms.verify({ KeyId, Message: bytes("m"), Signature, SigningAlgorithm })).SignatureValid, "and inside");
  await refused(kms.verify({ KeyId, Message: bytes("n"), Signature, SigningAlgorithm }), "KMSInvalidSignatureException");
}

async function codes(kms) {
  const KeyId = await make(kms, { KeySpec: "HMAC_256", KeyUsage: "GENERATE_VERIFY_MAC" });
  const request = { KeyId, Message: bytes("m"), MacAlgorithm: "HMAC_SHA_256" };
  const { Mac } = await kms.generateMac(request);
  check((await kms.verifyMac({ ...request, Mac })).MacValid, "the code is right");
  await refused(kms.verifyMac({ ...request, Message: bytes("n"), Mac }), "KMSInvalidMacException");
}

async function agreement(kms) {
  const KeyId = await make(kms, { KeySpec: "ECC_NIST_P384", KeyUsage: "KEY_AGREEMENT" });
  const name = { name: "ECDH", namedCurve: "P-384" };
  const own = await subtle.generateKey(name, false, ["deriveBits"]);
  const PublicKey = new Uint8Array(await subtle.exportKey("spki", own.publicKey));
  const { SharedSecret } = await kms.deriveSharedSecret({ KeyId, KeyAgreementAlgorithm: "ECDH", PublicKey });
  const theirs = await subtle.importKey("spki", (await kms.getPublicKey({ KeyId })).PublicKey, name, false, []);
  check(same(SharedSecret, new Uint8Array(await subtle.deriveBits({ ...name, public: theirs }, own.privateKey, 384))), "one secret");
  const kem = await make(kms, { KeySpec: "ML_KEM_768", KeyUsage: "ENCAPSULATE_DECAPSULATE" });
  const request = { KeyId: kem, EncapsulationAlgorithm: "ML_KEM" };
  const made = await kms.encapsulate(request);
  const opened = await kms.decapsulate({ ...request, SharedSecretCiphertextBlob: made.SharedSecretCiphertextBlob });
  check(same(made.SharedSecret, opened.SharedSecret), "one encapsulated secret");
}

async function imports(kms) {
  const KeyId = await make(kms, { Origin: "EXTERNAL" });
  const material = crypto.getRandomValues(new Uint8Array(32));
  const importIt = async () => {
    const how = { WrappingAlgorithm: "RSAES_OAEP_SHA_256", WrappingKeySpec: "RSA_2048" };
    const { PublicKey, ImportToken, ParametersValidTo: ValidTo } = await kms.getParametersForImport({ KeyId, ...how });
    const name = { name: "RSA-OAEP", hash: "SHA-256" };
    const key = await subtle.importKey("spki", PublicKey, name, false, ["encrypt"]);
    const EncryptedKeyMaterial = new Uint8Array(await subtle.encrypt(name, key, material));
    await kms.importKeyMaterial({ KeyId, ImportToken, EncryptedKeyMaterial, ExpirationModel: "KEY_MATERIAL_EXPIRES", ValidTo });
  };
  await importIt();
  const { CiphertextBlob } = await kms.encrypt({ KeyId, Plaintext: bytes("kept") });
  await kms.deleteImportedKeyMaterial({ KeyId });
  await refused(kms.decrypt({ CiphertextBlob }), "KMSInvalidStateException");
  await importIt();
  check(text((await kms.decrypt({ CiphertextBlob })).Plaintext) === "kept", "the same material opens it again");
}

async function grants(kms) {
  const KeyId = await make(kms, {});
  const request = { KeyId, GranteePrincipal: BOB, RetiringPrincipal: BOB, Operations: ["Decrypt"] };
  const { GrantToken } = await kms.createGrant(request);
  check((await kms.listRetirableGrants({ RetiringPrincipal: BOB })).Grants.length > 0, "Bob may retire it");
  await kms.retireGrant({ GrantToken });
  const { GrantId } = await kms.createGrant(request);
  check((await kms.listGrants({ KeyId })).Grants.length === 1, "one is left");
  await kms.revokeGrant({ KeyId, GrantId });
}

async function states(kms) {
  const KeyId = await make(kms, {});
  const { CiphertextBlob } = await kms.encrypt({ KeyId, Plaintext: bytes("before") });
  await kms.enableKeyRotation({ KeyId, RotationPeriodInDays: 90 });
  check((await kms.getKeyRotationStatus({ KeyId })).NextRotationDate instanceof Date, "the next rotation is dated");
  await kms.disableKeyRotation({ KeyId });
  await kms.rotateKeyOnDemand({ KeyId });
  check((await kms.listKeyRotations({ KeyId })).Rotations[0].RotationType === "ON_DEMAND", "it was rotated");
  check(text((await kms.decrypt({ CiphertextBlob })).Plaintext) === "before", "the older material opens it");
  await kms.disableKey({ KeyId });
  await refused(kms.decrypt({ CiphertextBlob }), "DisabledException");
  await kms.enableKey({ KeyId });
  await kms.scheduleKeyDeletion({ KeyId, PendingWindowInDays: 7 });
  await refused(kms.decrypt({ CiphertextBlob }), "KMSInvalidStateException");
  await kms.cancelKeyDeletion({ KeyId });
}

async function regions(kms, europe) {
  const KeyId = await make(kms, { MultiRegion: true });
  const { CiphertextBlob } = await kms.encrypt({ KeyId, Plaintext: bytes("everywhere") });
  await kms.replicateKey({ KeyId, ReplicaRegion: "eu-west-1" });
  check(text((await europe.decrypt({ CiphertextBlob })).Plaintext) === "everywhere", "the replica opens it");
  await kms.updatePrimaryRegion({ KeyId, PrimaryRegion: "eu-west-1" });
}

async function make(kms, request) {
  return (await kms.createKey(request)).KeyMetadata.Arn;
}

async function refused(promise, name) {
  const error = await promise.then(() => undefined, (error) => error);
  check(error?.name === name, `it is refused with ${name}, not ${error?.name}: ${error?.message}`);
}

function same(one, other) {
  return one.length === other.length && one.every((byte, index) => byte === other[index]);
}

function check(holds, what) {
  if (!holds) throw new Error(`not so: ${what}`);
}
