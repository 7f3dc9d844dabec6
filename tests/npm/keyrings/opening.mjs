// Data keys are unwrapped, to open a message: which keyring, for which `copies`, and how it has to end.
//
// * `keyring(world, given)` makes the keyring; `world.actor` makes objects that are asked.
// * `ends` is `true` if it succeeds, or the code of the error and a part of its text.

import { CONTEXT, denied, fail, inTurn, later, ofAll, ofKms, ofOwn, ofRaw, opened, STRANGE } from "./actors.mjs";
import { ALIAS, bytes, copy, dataKey, fault, KEY, OTHER, rawCopy, utf8 } from "./world.mjs";

const PAIRS = [["purpose", "documents"], ["tenant", "42"]];
const ONE = [copy("aws-kms", KEY)];
const SEVERAL = [copy("aws-kms", KEY, 1), copy("aws-kms", OTHER, 2), copy("mine", "info", 3), copy("aws-kms", KEY, 4), rawCopy({ context: PAIRS })];

export const opening = {
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
