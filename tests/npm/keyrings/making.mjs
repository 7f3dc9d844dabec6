// Data keys are made and wrapped for a message: which keyring, and how it has to end.
//
// * `keyring(world, given)` makes the keyring; `world.actor` makes objects that are asked.
// * `ends` is `true` if it succeeds, or the code of the error and a part of its text.

import { CONTEXT, denied, encrypted, fail, later, made, ofAll, ofKms, ofOwn, ofRaw, STRANGE, wrapped } from "./actors.mjs";
import { ALIAS, bytes, dataKey, fault, KEY, OTHER } from "./world.mjs";

export const making = {
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
