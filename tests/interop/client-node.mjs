// The official AWS Encryption SDK for Node, as `exchange.mjs` wants it.

import { createPrivateKey, createPublicKey } from "node:crypto";

import aws from "@aws-crypto/client-node";

const { AlgorithmSuiteIdentifier, buildClient, CommitmentPolicy, MultiKeyringNode, RawAesKeyringNode, RawAesWrappingSuiteIdentifier } = aws;
const { encrypt } = buildClient({ commitmentPolicy: CommitmentPolicy.REQUIRE_ENCRYPT_ALLOW_DECRYPT });
const older = buildClient({ commitmentPolicy: CommitmentPolicy.FORBID_ENCRYPT_ALLOW_DECRYPT });

export const clientNode = {
  lacks: () => undefined,

  async encrypt({ suite, frameLength, context, keys }, plaintext) {
    const suiteId = parseInt(suite, 16);
    const [generator, ...children] = keys.map(keyringOf);
    const seal = [AlgorithmSuiteIdentifier.ALG_AES256_GCM_IV12_TAG16_HKDF_SHA512_COMMIT_KEY, 0x0578].includes(suiteId) ? encrypt : older.encrypt;
    const keyring = new MultiKeyringNode({ generator, children });
    const { result } = await seal(keyring, Buffer.from(plaintext), { suiteId, frameLength, encryptionContext: context });
    return new Uint8Array(result);
  },

  async decrypt(keys, message) {
    const { plaintext, messageHeader } = await older.decrypt(new MultiKeyringNode({ children: keys.map(keyringOf) }), Buffer.from(message));
    return { plaintext, context: messageHeader.encryptionContext };
  },
};

function keyringOf({ kind, namespace: keyNamespace, name: keyName, key, hash, publicKey, privateKey }) {
  if (kind === "aes") {
    const wrappingSuite = RawAesWrappingSuiteIdentifier[`AES${8 * key.length}_GCM_IV12_TAG16_NO_PADDING`];
    // Its default order of the context is not the one that is specified.
    return new RawAesKeyringNode({ keyName, keyNamespace, unencryptedMasterKey: Uint8Array.from(key), wrappingSuite, utf8Sorting: true });
  }
  const spki = createPublicKey({ key: Buffer.from(publicKey), format: "der", type: "spki" }).export({ type: "spki", format: "pem" });
  const pkcs8 = createPrivateKey({ key: Buffer.from(privateKey), format: "der", type: "pkcs8" }).export({ type: "pkcs8", format: "pem" });
  const oaepHash = hash.replace("-", "").toLowerCase();
  return new aws.RawRsaKeyringNode({ keyName, keyNamespace, rsaKey: { publicKey: spki, privateKey: pkcs8 }, oaepHash });
}
