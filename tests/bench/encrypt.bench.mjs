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
const official = {
  async encrypt(plaintext, { suite, frameLength, context }) {
    return (await client.encrypt(keyring, plaintext, { suiteId: SUITES[suite], frameLength, encryptionContext: context })).result;
  },
  async decrypt(message) {
    return (await client.decrypt(keyring, message)).plaintext;
  },
};

await compare({ waxseal: await installed("sdk/node.js"), official, say: console.log });
