// waxseal beside the official AWS Encryption SDK for Node. `cargo xtask bench` runs it with WAXSEAL_TARBALL set to the packed npm package.

import aws from "@aws-crypto/client-node";

import { installed } from "./installed.mjs";
import { compare, KEY } from "./messages/cells.mjs";

const client = aws.buildClient(aws.CommitmentPolicy.REQUIRE_ENCRYPT_REQUIRE_DECRYPT);
const keyring = new aws.RawAesKeyringNode({
  keyNamespace: "bench",
  keyName: "key",
  unencryptedMasterKey: KEY,
  wrappingSuite: aws.RawAesWrappingSuiteIdentifier.AES256_GCM_IV12_TAG16_NO_PADDING,
});
const SUITES = {
  committing: aws.AlgorithmSuiteIdentifier.ALG_AES256_GCM_IV12_TAG16_HKDF_SHA512_COMMIT_KEY,
  "committing-signed": aws.AlgorithmSuiteIdentifier.ALG_AES256_GCM_IV12_TAG16_HKDF_SHA512_COMMIT_KEY_ECDSA_P384,
};
const cache = aws.getLocalCryptographicMaterialsCache(100);
const manager = new aws.NodeCachingMaterialsManager({ backingMaterials: keyring, cache, maxAge: 3_600_000 });
const official = {
  async encrypt(plaintext, { suite, frameLength, context, cached }) {
    return (await client.encrypt(cached ? manager : keyring, plaintext, { suiteId: SUITES[suite], frameLength, encryptionContext: context })).result;
  },
  async decrypt(message, { cached }) {
    return (await client.decrypt(cached ? manager : keyring, message)).plaintext;
  },
};

await compare({ waxseal: await installed("sdk/node.js"), official, say: console.log });
