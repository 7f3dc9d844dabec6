// What keyrings are given, and how it has to end. Each case is run twice, see `../keyrings.test.mjs`.
//
// * `keyring(world, given)` makes the keyring; `world.actor` makes objects that are asked.
// * `copies` are the encrypted data keys of the message that is opened; without, a message is made.
// * `ends` is `true` if that succeeds, or the code of the error and a part of its text.

import { ALIAS, bytes, copy, dataKey, fault, KEY, OTHER, rawCopy, utf8 } from "./world.mjs";

const made = (more) => ({ KeyId: KEY, Plaintext: dataKey(), CiphertextBlob: bytes(20, 8), ...more });
const encrypted = (more) => ({ KeyId: KEY, CiphertextBlob: bytes(20, 9), ...more });
const opened = (more) => ({ KeyId: KEY, Plaintext: dataKey(), ...more });
const fail = (error) => () => {
  throw error;
};
const later = (answer) => async (request) => {
  await new Promise((resolve) => setTimeout(resolve, 5));
  return answer(request);
};
const denied = () => fault("AccessDeniedException", "not you", { $fault: "client", $metadata: { httpStatusCode: 400, requestId: "r-1" } });
const wrapped = (id = "mine") => [copy(id, "an own one", 4)];

/** A keyring of a KMS that answers like this, or as a function of the world says. */
const ofKms = (answers, { keyId = KEY, grantTokens, name = "kms" } = {}) => (world, { kmsKeyring }) => {
  const all = { generateDataKey: () => made(), encrypt: () => encrypted(), decrypt: () => opened(), ...inWorld(answers, world) };
  return kmsKeyring({ kms: world.actor(name, all), keyId, grantTokens });
};
const ofOwn = (answers, name = "own") => (world) => world.actor(name, inWorld(answers, world));
const inWorld = (answers, world) => (typeof answers === "function" ? answers(world) : answers);
const ofRaw = ({ namespace = "tests", name = "raw", key = 1, length = 32 } = {}) => (_, { rawAesKeyring }) => rawAesKeyring({ namespace, name, key: bytes(length, key) });
const ofAll = (generator, ...children) => (world, given) =>
  given.multiKeyring({ generator: generator?.(world, given), children: children.map((child) => child(world, given)) });

const CONTEXT = { tenant: "42", purpose: "documents" };
const PAIRS = [["purpose", "documents"], ["tenant", "42"]];
/** UTF-8 and UTF-16 have them in another order. */
const STRANGE = { "\u{1f512}": "Schlüssel", "\uffee": "ключ", ["__proto__"]: "a key like any other", 10: "", 9: "nine", "": "empty" };

const making = {
  "a KMS makes the data key": { keyring: ofKms(), ends: true },
  "a KMS that takes its time": { keyring: ofKms({ generateDataKey: later(() => made()) }), ends: true },
  "a context": { keyring: ofKms(), context: CONTEXT, ends: true },
  "a strange context": { keyring: ofAll(ofKms(), ofOwn({ wrapDataKey: () => wrapped() })), context: STRANGE, ends: true },
  "grant tokens": { keyring: ofKms({}, { grantTokens: ["one", "two"] }), ends: true },
  "no grant tokens": { keyring: ofKms({}, { grantTokens: [] }), ends: true },
  "an alias ARN": { keyring: ofKms({}, { keyId: ALIAS }), ends: true },
  "an alias name": { keyring: ofKms({}, { keyId: "alias/some/docu-ments:1_" }), ends: true },
  "a bare key id": { keyring: ofKms({}, { keyId: "1234" }), ends: true },
  "a KMS that makes no data keys": {
    keyring: (world, { kmsKeyring }) => kmsKeyring({ kms: world.actor("kms", { encrypt: () => encrypted(), decrypt() {} }), keyId: KEY }),
    ends: true,
  },
  "a KMS whose plaintext is an ArrayBuffer": { keyring: ofKms({ generateDataKey: () => made({ Plaintext: dataKey().buffer }) }), ends: true },
  "a KMS that uses the arrays it was given or gave": {
    keyring: ofAll(
      ofKms(),
      ofKms({ encrypt: (request) => (structuredClone(request.Plaintext, { transfer: [request.Plaintext.buffer] }), delete request.Plaintext, encrypted()) }),
      ofKms({ encrypt: (request) => ((request.EncryptionContext.more = "1"), (request.Plaintext = 7), encrypted()) }),
      ofOwn({ wrapDataKey: (request) => ((request.encryptionContext.tenant = "43"), request.dataKey.fill(1), wrapped()) }),
      ofOwn({ wrapDataKey: () => wrapped("last") }),
    ),
    context: CONTEXT,
    ends: true,
  },
  "an alias of another key than the id": { keyring: ofKms({}, { keyId: "5678" }), ends: ["KmsUnavailable", "with the key `arn:aws:kms:us-east-1:111122223333:key/1234`, not `5678`"] },
  "another key than the one that was asked for": { keyring: ofKms({}, { keyId: OTHER }), ends: ["KmsUnavailable", `not \`${OTHER}\``] },
  "an answer that names an alias": { keyring: ofKms({ generateDataKey: () => made({ KeyId: ALIAS }) }), ends: ["KmsUnavailable", "which is not a key ARN"] },
  "an answer that names a bare id": { keyring: ofKms({ generateDataKey: () => made({ KeyId: "1234" }) }, { keyId: "1234" }), ends: ["KmsUnavailable", "which is not a key ARN"] },
  "an answer that names nothing": { keyring: ofKms({ generateDataKey: () => made({ KeyId: "" }) }), ends: ["KmsUnavailable", "the key ``, which is"] },
  "an answer with a key ARN of no region": {
    keyring: ofKms({ generateDataKey: () => made({ KeyId: "arn:aws:kms::111122223333:key/1" }) }, { keyId: "1" }),
    ends: ["KmsUnavailable", "which is not a key ARN"],
  },
  "a short data key": { keyring: ofKms({ generateDataKey: () => made({ Plaintext: bytes(31, 7) }) }), ends: ["KmsUnavailable", "31 bytes where 32"] },
  "a long data key of another key": { keyring: ofKms({ generateDataKey: () => made({ KeyId: OTHER, Plaintext: bytes(64, 7) }) }), ends: ["KmsUnavailable", "with the key"] },
  "no data key at all": { keyring: ofKms({ generateDataKey: () => made({ Plaintext: new Uint8Array() }) }), ends: ["KmsUnavailable", "0 bytes where 32"] },
  "an answer without plaintext": { keyring: ofKms({ generateDataKey: () => made({ Plaintext: undefined }) }), ends: ["KmsUnavailable", "no `Plaintext` that is a Uint8Array"] },
  "plaintext as text": { keyring: ofKms({ generateDataKey: () => made({ Plaintext: "secret" }) }), ends: ["KmsUnavailable", "no `Plaintext` that is a Uint8Array"] },
  "an answer without ciphertext": { keyring: ofKms({ generateDataKey: () => made({ CiphertextBlob: null }) }), ends: ["KmsUnavailable", "no `CiphertextBlob` that is a Uint8Array"] },
  "an answer without a key id": { keyring: ofKms({ generateDataKey: () => made({ KeyId: 7 }) }), ends: ["KmsUnavailable", "no `KeyId` that is a string"] },
  "an answer without anything": { keyring: ofKms({ generateDataKey: () => undefined }), ends: ["KmsUnavailable", "no `Plaintext`"] },
  "an answer that throws when it is read": {
    keyring: ofKms({ generateDataKey: () => Object.defineProperty({}, "Plaintext", { get: fail(new Error("no such thing")) }) }),
    ends: ["KmsUnavailable", "no such thing"],
  },
  "ciphertext too long for a message": { keyring: ofKms({ generateDataKey: () => made({ CiphertextBlob: bytes(65_536, 8) }) }), ends: ["InvalidInput", "65"] },
  "an empty ciphertext": { keyring: ofKms({ generateDataKey: () => made({ CiphertextBlob: new Uint8Array() }) }), ends: true },

  "a refusal": { keyring: ofKms({ generateDataKey: fail(denied()) }), ends: ["KmsDenied", "not you"] },
  "a refusal that comes late": { keyring: ofKms({ generateDataKey: later(fail(denied())) }), ends: ["KmsDenied", "not you"] },
  "a refusal without a text": { keyring: ofKms({ generateDataKey: fail(fault("DisabledException", "")) }), ends: ["KmsDenied", "DisabledException"] },
  "a refusal whose text is none": { keyring: ofKms({ generateDataKey: fail({ name: "DisabledException", message: 7 }) }), ends: ["KmsDenied", "DisabledException"] },
  "a refusal by another name": { keyring: ofKms({ generateDataKey: fail(fault("Throttled", "slow down", { $fault: "server", $retryable: {} })) }), ends: ["KmsDenied", "slow down"] },
  "a refusal without a name": { keyring: ofKms({ generateDataKey: fail({ $fault: "client" }) }), ends: ["KmsDenied", ""] },
  "a refusal from inside": {
    keyring: ofKms({ generateDataKey: fail(fault("DependencyTimeoutException", "wait", { $metadata: { httpStatusCode: 503, requestId: "r-2" } })) }),
    ends: ["KmsDenied", "wait"],
  },
  "a refusal with odd facts": {
    keyring: ofKms({ generateDataKey: fail(fault("OddException", "odd", { $retryable: undefined, $metadata: { httpStatusCode: "503", requestId: 7 } })) }),
    ends: ["KmsDenied", "odd"],
  },
  "the one that may be gone the next time": { keyring: ofKms({ generateDataKey: fail(fault("KMSInternalException", "again")) }), ends: ["KmsDenied", "again"] },
  "an error": { keyring: ofKms({ generateDataKey: fail(new TypeError("fetch failed")) }), ends: ["KmsUnavailable", "the KMS did not answer: fetch failed"] },
  "an error without a text": { keyring: ofKms({ generateDataKey: fail(new Error("")) }), ends: ["KmsUnavailable", "something that is no error"] },
  "an AbortError that is not the caller's": { keyring: ofKms({ generateDataKey: fail(fault("AbortError", "timed out")) }), ends: ["KmsUnavailable", "timed out"] },
  "a string that is thrown": { keyring: ofKms({ generateDataKey: fail("no") }), ends: ["KmsUnavailable", "did not answer: no"] },
  "an empty string that is thrown": { keyring: ofKms({ generateDataKey: fail("") }), ends: ["KmsUnavailable", "did not answer: "] },
  "nothing that is thrown": { keyring: ofKms({ generateDataKey: fail(undefined) }), ends: ["KmsUnavailable", "something that is no error"] },
  "null that is thrown": { keyring: ofKms({ generateDataKey: fail(null) }), ends: ["KmsUnavailable", "something that is no error"] },
  "what throws when it is looked at": {
    keyring: ofKms({ generateDataKey: fail(new Proxy({}, { get: fail(new Error("do not look")) })) }),
    ends: ["KmsUnavailable", "something that is no error"],
  },

  "aborted before": { keyring: ofKms(), before: (world) => world.abort(), ends: ["Aborted", "the operation was aborted"] },
  "aborted by the KMS that is asked": { keyring: ofKms((world) => ({ generateDataKey: () => (world.abort(), made()) })), ends: ["Aborted", "aborted"] },
  "aborted while the KMS is asked, whose answer comes late": {
    keyring: ofKms((world) => ({ generateDataKey: (request) => (setTimeout(() => world.abort()), later(() => made())(request)) })),
    ends: ["Aborted", "aborted"],
  },
  "aborted, and then the KMS fails": {
    keyring: ofKms((world) => ({ generateDataKey: later(() => (world.abort(), fail(denied())())) })),
    ends: ["Aborted", "aborted"],
  },
  "a signal that is not used": { keyring: ofAll(ofKms(), ofOwn({ wrapDataKey: () => wrapped() })), signal: true, ends: true },
  "aborted while a data key is wrapped": {
    keyring: ofAll(ofKms(), ofKms((world) => ({ encrypt: later(() => (world.abort(), encrypted())) })), ofOwn({ wrapDataKey: () => wrapped() })),
    ends: ["Aborted", "aborted"],
  },

  "a name that is none": { keyring: ofKms({}, { keyId: "a b" }), ends: ["InvalidInput", "`a b` names no KMS key"] },
  "an alias without a name": { keyring: ofKms({}, { keyId: "alias/" }), ends: ["InvalidInput", "names no KMS key"] },
  "a name of an alias that is too long": { keyring: ofKms({}, { keyId: `alias/${"x".repeat(257)}` }), ends: ["InvalidInput", "names no KMS key"] },
  "a key with its prefix": { keyring: ofKms({}, { keyId: "key/1234" }), ends: ["InvalidInput", "names no KMS key"] },
  "an ARN of something else": { keyring: ofKms({}, { keyId: "arn:aws:s3:::bucket" }), ends: ["InvalidInput", "names no KMS key"] },
  "an ARN of a key without its account": { keyring: ofKms({}, { keyId: "arn:aws:kms:us-east-1::key/1" }), ends: ["InvalidInput", "names no KMS key"] },
  "an ARN of something else in the KMS": { keyring: ofKms({}, { keyId: KEY.replace("key/", "keys/") }), ends: ["InvalidInput", "names no KMS key"] },
  "half an ARN": { keyring: ofKms({}, { keyId: "arn:aws:kms" }), ends: ["InvalidInput", "names no KMS key"] },
  "letters that no key has": { keyring: ofKms({}, { keyId: "ключ" }), ends: ["InvalidInput", "names no KMS key"] },
  "an id with a line end": { keyring: ofKms({}, { keyId: "1234\n" }), ends: ["InvalidInput", "names no KMS key"] },
  "an ARN with a line end, which is another key": { keyring: ofKms({}, { keyId: `${KEY}\n` }), ends: ["KmsUnavailable", "not `arn"] },
  "the first of two names that are none": { keyring: ofAll(ofKms({}, { keyId: "b c" }), ofKms({}, { keyId: "d e" })), ends: ["InvalidInput", "`b c`"] },
  "a namespace that is reserved": { keyring: ofRaw({ namespace: "aws-kms-mine" }), ends: ["InvalidInput", "the namespace `aws-kms-mine` is reserved"] },
  "a namespace that is reserved, within": { keyring: ofAll(ofKms(), ofAll(ofRaw(), ofRaw({ namespace: "aws-kms" }))), ends: ["InvalidInput", "is reserved"] },

  "a raw key": { keyring: ofRaw(), context: CONTEXT, ends: true },
  "a raw key with strange names": { keyring: ofRaw({ namespace: "имя", name: "\u{1f512}\ud800" }), context: STRANGE, ends: true },
  "a raw key whose name is too long": { keyring: ofRaw({ name: "x".repeat(65_536) }), ends: ["InvalidInput", "65"] },
  "a shorter raw key, for which the full module is there": { keyring: ofRaw({ length: 16 }), ends: true },

  "an own keyring that wraps": { keyring: ofOwn({ wrapDataKey: () => wrapped() }), context: CONTEXT, ends: true },
  "an own keyring that makes": { keyring: ofOwn({ makeDataKey: async () => ({ dataKey: dataKey(), encryptedDataKeys: wrapped() }), wrapDataKey() {} }), ends: true },
  "an own keyring that only unwraps": { keyring: ofOwn({ unwrapDataKey() {} }), ends: ["InvalidInput", "no method `wrapDataKey`"] },
  "an own keyring that only makes, as a child": {
    keyring: ofAll(ofKms(), ofOwn({ makeDataKey: () => ({ dataKey: dataKey(), encryptedDataKeys: wrapped() }) })),
    ends: ["InvalidInput", "no method `wrapDataKey`"],
  },
  "an own keyring that refuses": { keyring: ofOwn({ wrapDataKey: fail(denied()) }), ends: ["KmsDenied", "not you"] },
  "an own keyring that fails": { keyring: ofOwn({ makeDataKey: fail(new Error("locked")) }), ends: ["KmsUnavailable", "the keyring failed at `makeDataKey`: locked"] },
  "an own keyring that makes nothing": { keyring: ofOwn({ makeDataKey: () => undefined }), ends: ["InvalidInput", "did not answer `makeDataKey` as it has to: dataKey is not"] },
  "an own keyring that gives half an answer": { keyring: ofOwn({ makeDataKey: () => ({ dataKey: dataKey(), encryptedDataKeys: [{}] }) }), ends: ["InvalidInput", "providerId of"] },
  "an own keyring that makes a short one": { keyring: ofOwn({ makeDataKey: () => ({ dataKey: bytes(16, 7), encryptedDataKeys: wrapped() }) }), ends: ["InvalidInput", "16 bytes"] },
  "an own keyring that wraps for nobody": { keyring: ofOwn({ wrapDataKey: () => [] }), ends: ["InvalidInput", "for nobody"] },
  "an own keyring that wraps text": { keyring: ofOwn({ wrapDataKey: () => "text" }), ends: ["InvalidInput", "what it gave is not an array"] },
  "an own keyring that aborts": { keyring: ofOwn((world) => ({ wrapDataKey: () => (world.abort(), wrapped()) })), ends: ["Aborted", "aborted"] },
  "an own keyring whose data key comes late": {
    keyring: ofOwn((world) => ({ makeDataKey: (request) => (setTimeout(() => world.abort()), later(() => ({ dataKey: dataKey(), encryptedDataKeys: wrapped() }))(request)) })),
    ends: ["Aborted", "aborted"],
  },
  "a KMS that takes its grant tokens away, and is asked again": {
    keyring(world, given) {
      const twice = ofKms({ generateDataKey: (request) => (request.GrantTokens.pop(), made()) }, { grantTokens: ["one"] })(world, given);
      return given.multiKeyring({ generator: twice, children: [twice] });
    },
    ends: true,
  },
  "those that change later what they gave": {
    keyring(world, given) {
      const [first, second, third] = [{ dataKey: dataKey(), encryptedDataKeys: wrapped("first") }, wrapped("second"), encrypted()];
      const arrays = () => [first.dataKey, ...[...first.encryptedDataKeys, ...second].flatMap((each) => [each.providerInfo, each.ciphertext]), third.CiphertextBlob];
      const change = () => {
        for (const array of arrays()) array.fill(1);
        return wrapped();
      };
      return ofAll(ofOwn({ makeDataKey: () => first, wrapDataKey() {} }), ofOwn({ wrapDataKey: () => second }), ofKms({ encrypt: () => third }), ofOwn({ wrapDataKey: change }))(world, given);
    },
    ends: true,
  },
  "a KMS that changes later what it gave": {
    keyring(world, given) {
      const answer = made();
      return ofAll(ofKms({ generateDataKey: () => answer }), ofOwn({ wrapDataKey: () => (answer.CiphertextBlob.fill(1), answer.Plaintext.fill(1), wrapped()) }))(world, given);
    },
    ends: true,
  },

  "several of all kinds": {
    keyring: ofAll(ofRaw(), ofKms(), ofAll(ofOwn({ wrapDataKey: () => [...wrapped(), ...wrapped("second")] }), ofKms({}, { name: "inner", keyId: "1234" })), ofRaw({ name: "last" })),
    context: CONTEXT,
    ends: true,
  },
  "several within several make the data key": { keyring: ofAll(ofAll(ofOwn({ wrapDataKey: () => wrapped() }), ofRaw()), ofKms()), ends: true },
  "several without a generator": { keyring: ofAll(undefined, ofKms()), ends: ["InvalidInput", "a multi-keyring without a generator can not encrypt; give it one"] },
  "several whose generator has none": { keyring: ofAll(ofAll(undefined, ofKms()), ofKms()), ends: ["InvalidInput", "without a generator"] },
  "several of which a child has no generator": { keyring: ofAll(ofKms(), ofAll(undefined, ofKms({}, { name: "child" }))), ends: true },
  "several of which one refuses": { keyring: ofAll(ofKms(), ofKms({ encrypt: fail(denied()) }), ofOwn({ wrapDataKey: () => wrapped() })), ends: ["KmsDenied", "not you"] },
  "several of which one answers nonsense": { keyring: ofAll(ofKms(), ofKms({ encrypt: () => encrypted({ KeyId: OTHER }) })), ends: ["KmsUnavailable", "it answered with the key"] },
  "several of which one lacks its ciphertext": { keyring: ofAll(ofKms(), ofKms({ encrypt: () => ({ KeyId: KEY }) })), ends: ["KmsUnavailable", "no `CiphertextBlob`"] },
  "an RSA key": { keyring: (_, { rawRsaKeyring, rsa }) => rawRsaKeyring({ namespace: "tests", name: "rsa", publicKey: rsa.publicKey }), ends: true },
  "an RSA key that can not be read": { keyring: (_, { rawRsaKeyring }) => rawRsaKeyring({ namespace: "tests", name: "rsa", publicKey: bytes(9, 0x30) }), ends: ["InvalidInput", "public key can not be read"] },
  "an RSA key that can not encrypt": { keyring: (_, { rawRsaKeyring, rsa }) => rawRsaKeyring({ namespace: "tests", name: "rsa", privateKey: rsa.privateKey }), ends: ["InvalidInput", "without a public key"] },
};

const ONE = [copy("aws-kms", KEY)];
const SEVERAL = [copy("aws-kms", KEY, 1), copy("aws-kms", OTHER, 2), copy("mine", "info", 3), copy("aws-kms", KEY, 4), rawCopy({ context: PAIRS })];
/** Answers with these, one after the other. */
const inTurn = (...answers) => (request) => answers.shift()(request);

const opening = {
  "a KMS unwraps the data key": { keyring: ofKms(), copies: ONE, ends: true },
  "a KMS is told the context and the grant tokens": { keyring: ofKms({}, { grantTokens: ["one"] }), context: STRANGE, copies: ONE, ends: true },
  "a KMS answers with another key": { keyring: ofKms({ decrypt: () => opened({ KeyId: OTHER }) }), copies: ONE, ends: ["KmsUnavailable", `with the key \`${OTHER}\`, not \`${KEY}\``] },
  "a KMS answers with another key and a short data key": { keyring: ofKms({ decrypt: () => opened({ KeyId: "1234", Plaintext: bytes(3, 7) }) }), copies: ONE, ends: ["KmsUnavailable", "with the key `1234`"] },
  "a KMS unwraps a short data key": { keyring: ofKms({ decrypt: () => opened({ Plaintext: bytes(24, 7) }) }), copies: ONE, ends: ["KmsUnavailable", "it answered a data key of 24 bytes; the message needs 32"] },
  "a KMS unwraps another data key": { keyring: ofKms({ decrypt: () => opened({ Plaintext: bytes(32, 8) }) }), copies: ONE, ends: ["DecryptionFailed", "decryption failed"] },
  "a KMS unwraps nothing": { keyring: ofKms({ decrypt: () => ({ KeyId: KEY }) }), copies: ONE, ends: ["KmsUnavailable", "no `Plaintext`"] },
  "a KMS does not say which key it was": { keyring: ofKms({ decrypt: () => ({ Plaintext: dataKey() }) }), copies: ONE, ends: ["KmsUnavailable", "no `KeyId`"] },
  "a KMS refuses": { keyring: ofKms({ decrypt: fail(denied()) }), copies: ONE, ends: ["KmsDenied", "not you"] },
  "a KMS unwraps the second": { keyring: ofKms(() => ({ decrypt: inTurn(fail(denied()), () => opened()) })), context: CONTEXT, copies: SEVERAL, ends: true },
  "a KMS unwraps the second after nonsense": { keyring: ofKms(() => ({ decrypt: inTurn(() => opened({ Plaintext: bytes(9, 9) }), () => opened()) })), context: CONTEXT, copies: SEVERAL, ends: true },
  "a KMS refuses twice": {
    keyring: ofKms(() => ({ decrypt: inTurn(fail(fault("FirstException", "first")), fail(denied())) })),
    context: CONTEXT,
    copies: SEVERAL,
    ends: ["KmsDenied", "FirstException: first (the first of 2 failures: FirstException: first; AccessDeniedException: not you)"],
  },
  "a KMS answers nonsense and then refuses": {
    keyring: ofKms(() => ({ decrypt: inTurn(() => opened({ KeyId: OTHER }), fail(denied())) })),
    context: CONTEXT,
    copies: SEVERAL,
    ends: ["KmsUnavailable", "the first of 2 failures"],
  },
  "a KMS throws nothing and then refuses": { keyring: ofKms(() => ({ decrypt: inTurn(fail(undefined), fail(denied())) })), context: CONTEXT, copies: SEVERAL, ends: ["KmsUnavailable", "the first of 2"] },
  "aborted before the second": {
    keyring: ofAll(undefined, ofKms((world) => ({ decrypt: () => (world.abort(), fail(denied())()) })), ofOwn({ unwrapDataKey: () => dataKey() })),
    context: CONTEXT,
    copies: SEVERAL,
    ends: ["Aborted", "aborted"],
  },
  "aborted while it is unwrapped, and the data key comes late": {
    keyring: ofKms((world) => ({ decrypt: (request) => (setTimeout(() => world.abort()), later(() => opened())(request)) })),
    copies: ONE,
    ends: ["Aborted", "aborted"],
  },
  "a KMS that changes what it is asked, and another one": {
    keyring: ofAll(ofKms({ decrypt: (request) => (request.CiphertextBlob.fill(1), (request.EncryptionContext.more = "1"), fail(denied())()) }), ofKms()),
    copies: ONE,
    ends: true,
  },
  "none of a KMS's": { keyring: ofKms({}, { keyId: OTHER }), copies: ONE, ends: ["InvalidInput", "not for this keyring"] },
  "none of any KMS's": { keyring: ofKms({}, { keyId: "alias/documents" }), copies: [copy("mine", "info")], ends: ["InvalidInput", "not for this keyring"] },
  "a keyring on an alias": { keyring: ofKms({}, { keyId: "alias/documents" }), copies: SEVERAL, context: CONTEXT, ends: ["InvalidInput", `a keyring on \`alias/documents\` encrypts but can not decrypt, because messages name their keys by ARN; for this message use \`${KEY}\``] },
  "a keyring on the ARN of an alias": { keyring: ofKms({}, { keyId: ALIAS }), copies: ONE, ends: ["InvalidInput", "can not decrypt"] },
  "a keyring on an id": { keyring: ofKms({}, { keyId: "1234" }), copies: [copy("aws-kms", OTHER), ...ONE], ends: ["InvalidInput", `use \`${OTHER}\``] },
  "two copies of which one names no ARN": { keyring: ofKms(), copies: [...ONE, copy("aws-kms", "alias/documents")], ends: ["InvalidMessage", "does not name a key ARN"] },
  "two copies of which one names an alias's": { keyring: ofKms({}, { keyId: "1234" }), copies: [...ONE, copy("aws-kms", ALIAS)], ends: ["InvalidMessage", "does not name a key ARN"] },
  "a copy that names no text": { keyring: ofKms(), copies: [copy("aws-kms", Uint8Array.from([...utf8(KEY), 0xff])), ...ONE], ends: ["InvalidMessage", "does not name a key ARN"] },
  "a copy with a byte order mark": { keyring: ofKms(), copies: [copy("aws-kms", `\ufeff${KEY}`)], ends: ["InvalidMessage", "does not name a key ARN"] },
  "a copy that names nothing": { keyring: ofKms(), copies: [copy("aws-kms", "")], ends: ["InvalidMessage", "does not name a key ARN"] },

  "a raw key opens": { keyring: ofRaw(), context: CONTEXT, copies: SEVERAL, ends: true },
  "a raw key opens in a strange context": { keyring: ofAll(ofRaw(), ofRaw({ name: "raw" })), copies: [rawCopy({ context: [["", "empty"], ["10", ""], ["9", "nine"], ["__proto__", "a key like any other"], ["\uffee", "ключ"], ["\u{1f512}", "Schlüssel"]] })], context: STRANGE, ends: true },
  "a raw key with half of a surrogate pair in its names": { keyring: ofRaw({ namespace: "\ud800", name: "\udfff" }), copies: [rawCopy({ namespace: "\ufffd", name: "\ufffd" })], ends: true },
  "another raw key": { keyring: ofRaw({ key: 2 }), copies: [rawCopy({})], ends: ["DecryptionFailed", "decryption failed"] },
  "a raw key in another context": { keyring: ofRaw(), context: CONTEXT, copies: [rawCopy({})], ends: ["DecryptionFailed", "decryption failed"] },
  "a raw key's copy of a shorter data key": { keyring: ofRaw(), copies: [rawCopy({ keyValue: bytes(16, 7) })], ends: ["DecryptionFailed", "decryption failed"] },
  "a raw key's copy that is cut short": { keyring: ofRaw(), copies: [rawCopy({ damage: (each) => each.subarray(0, 15) })], ends: ["DecryptionFailed", "decryption failed"] },
  "a raw key's copy without its last byte": { keyring: ofRaw(), copies: [rawCopy({ damage: (each) => each.subarray(0, 47) })], ends: ["DecryptionFailed", "decryption failed"] },
  "a raw key's second copy, after that of a shorter data key": { keyring: ofRaw(), copies: [rawCopy({ keyValue: bytes(31, 7) }), rawCopy({})], ends: true },
  "a raw key's second copy": { keyring: ofRaw(), copies: [rawCopy({ damage: (each) => each.fill(1) }), rawCopy({})], ends: true },
  "a raw key of another name": { keyring: ofRaw(), copies: [rawCopy({ name: "raw2" }), rawCopy({ name: "ra" }), rawCopy({ namespace: "tests2" })], ends: ["InvalidInput", "not for this keyring"] },
  "provider infos that are no raw key's": {
    keyring: ofRaw(),
    copies: [utf8("raw"), bytes(0, 0), bytes(12, 3), [0, 0, 0, 120, 0, 0, 0, 12, ...bytes(12, 3)], [0, 0, 0, 128, 0, 0, 0, 11, ...bytes(11, 3)], [0, 0, 0, 128, 0, 0, 0, 12, ...bytes(13, 3)]].map((info) =>
      rawCopy({ info: Uint8Array.from([...(info.length > 12 ? utf8("raw") : []), ...info]) }),
    ),
    ends: ["InvalidInput", "not for this keyring"],
  },
  "a shorter raw key does not open": { keyring: ofRaw({ length: 24 }), copies: [rawCopy({})], ends: ["DecryptionFailed", "decryption failed"] },

  "an own keyring unwraps": { keyring: ofOwn({ unwrapDataKey: () => dataKey() }), context: CONTEXT, copies: SEVERAL, ends: true },
  "an own keyring that can not unwrap": { keyring: ofOwn({ wrapDataKey() {} }), copies: ONE, ends: ["InvalidInput", "not for this keyring"] },
  "an own keyring that has nothing to do with it": { keyring: ofOwn({ unwrapDataKey: async () => null }), copies: ONE, ends: ["InvalidInput", "not for this keyring"] },
  "an own keyring that gives text": { keyring: ofOwn({ unwrapDataKey: () => "text" }), copies: ONE, ends: ["InvalidInput", "did not answer `unwrapDataKey` as it has to: what it gave is not a Uint8Array"] },
  "an own keyring that gives a short one": { keyring: ofOwn({ unwrapDataKey: () => bytes(31, 7) }), copies: ONE, ends: ["DecryptionFailed", "decryption failed"] },
  "an own keyring that gives an empty one": { keyring: ofAll(ofOwn({ unwrapDataKey: () => new Uint8Array() }), ofOwn({ unwrapDataKey: () => dataKey() })), copies: ONE, ends: ["DecryptionFailed", "decryption failed"] },
  "an own keyring that fails to unwrap": { keyring: ofOwn({ unwrapDataKey: fail("no") }), copies: ONE, ends: ["KmsUnavailable", "the keyring failed at `unwrapDataKey`: no"] },
  "an own keyring that changes what it is asked": {
    keyring: ofAll(
      ofOwn({
        unwrapDataKey({ encryptedDataKeys, encryptionContext }) {
          for (const each of encryptedDataKeys) each.ciphertext.fill(1), each.providerInfo.fill(1);
          encryptedDataKeys.length = 0;
          encryptionContext.tenant = "43";
        },
      }),
      ofOwn({ unwrapDataKey() {} }, "second"),
      ofKms(),
    ),
    context: CONTEXT,
    copies: SEVERAL,
    ends: true,
  },

  "several of which the first unwraps": { keyring: ofAll(ofKms(), ofOwn({ unwrapDataKey: () => dataKey() })), copies: ONE, ends: true },
  "several of which the last unwraps": {
    keyring: ofAll(ofKms({ decrypt: fail(denied()) }), ofRaw({ key: 2 }), ofOwn({ unwrapDataKey: fail(new Error("locked")) }), ofAll(undefined, ofOwn({ unwrapDataKey() {} }), ofOwn({ unwrapDataKey: () => dataKey() }))),
    context: CONTEXT,
    copies: SEVERAL,
    ends: true,
  },
  "several of which all fail": {
    keyring: ofAll(ofRaw({ key: 2 }), ofOwn({ unwrapDataKey: () => "text" }), ofKms(() => ({ decrypt: inTurn(fail(new Error("gone")), fail(denied())) })), ofOwn({ unwrapDataKey: fail(new Error("locked")) })),
    context: CONTEXT,
    copies: SEVERAL,
    ends: ["KmsUnavailable", "the KMS did not answer: gone (the first of 5 failures: decryption failed"],
  },
  "several within several of which all fail": {
    keyring: ofAll(ofAll(ofRaw({ key: 2 }), ofRaw({ key: 3 }), ofOwn({ unwrapDataKey: () => 7 })), ofAll(ofKms({ decrypt: fail(denied()) }), ofRaw({ key: 2 })), ofKms({ decrypt: fail(denied()) })),
    context: CONTEXT,
    copies: SEVERAL,
    ends: ["KmsDenied", "the first of 6 failures: the keyring did not answer"],
  },
  "several of which one refuses and none else is for it": { keyring: ofAll(ofKms({ decrypt: fail(denied()) }), ofRaw()), copies: ONE, ends: ["KmsDenied", "not you"] },
  "several of which one is on an alias": { keyring: ofAll(ofRaw({ key: 2 }), ofKms({}, { keyId: "alias/x" }), ofRaw({ key: 2 })), context: CONTEXT, copies: SEVERAL, ends: ["InvalidInput", "a keyring on `alias/x`"] },
  "several, of which the last that is as useful counts": { keyring: ofAll(ofOwn({ unwrapDataKey: () => 7 }), ofKms({}, { keyId: "alias/x" })), copies: ONE, ends: ["InvalidInput", "a keyring on `alias/x`"] },
  "several, of a message that is none": { keyring: ofAll(ofKms(), ofRaw({ key: 2 })), copies: [copy("aws-kms", "x"), rawCopy({})], ends: ["InvalidMessage", "does not name a key ARN"] },
  "several, of a message that is none and with an answer that is none": {
    keyring: ofAll(ofOwn({ unwrapDataKey: () => 7 }), ofKms()),
    copies: [copy("aws-kms", "x")],
    ends: ["InvalidInput", "did not answer `unwrapDataKey`"],
  },
  "several, of which one gave a wrong answer before it was aborted": {
    keyring: ofAll(ofOwn({ unwrapDataKey: () => 7 }), ofOwn((world) => ({ unwrapDataKey: () => world.abort() })), ofKms()),
    copies: ONE,
    ends: ["Aborted", "aborted"],
  },
  "a message that is overwritten while a keyring is asked": {
    keyring: ofAll(ofOwn((world) => ({ unwrapDataKey: () => void world.message.fill(0) })), ofKms(), ofRaw()),
    copies: [copy("aws-kms", KEY), rawCopy({})],
    ends: true,
  },
  "several that have nothing to do with it": { keyring: ofAll(ofKms({}, { keyId: OTHER }), ofRaw({ name: "x" })), copies: [...ONE, rawCopy({})], ends: ["InvalidInput", "not for this keyring"] },
  "several, aborted in the midst": {
    keyring: ofAll(ofOwn((world) => ({ unwrapDataKey: () => world.abort() })), ofKms()),
    copies: ONE,
    ends: ["Aborted", "aborted"],
  },
  "a keyring that is disposed of while it is waited for": {
    keyring(world, given) {
      const raw = ofRaw()(world, given);
      const dispose = () => raw[Symbol.dispose ?? Symbol.for("Symbol.dispose")]();
      return given.multiKeyring({ generator: world.actor("own", { unwrapDataKey: later(dispose) }), children: [raw] });
    },
    copies: [rawCopy({})],
    ends: true,
  },
  "an RSA key's copy of something else": { keyring: (_, { rawRsaKeyring, rsa }) => rawRsaKeyring({ namespace: "tests", name: "rsa", privateKey: rsa.privateKey }), copies: [copy("tests", "rsa")], ends: ["DecryptionFailed", "decryption failed"] },
  "an RSA key that fails and a raw one": {
    keyring: (world, given) => given.multiKeyring({ children: [given.rawRsaKeyring({ namespace: "tests", name: "rsa", privateKey: given.rsa.privateKey }), ofRaw()(world, given)] }),
    copies: [copy("tests", "rsa"), rawCopy({})],
    ends: true,
  },
};

export const cases = { making, opening };
