// The official AWS Encryption SDK for JavaScript under KMS keys. Address and credentials come from the environment as AWS's tools read them.

import { AlgorithmSuiteIdentifier, buildClient, CommitmentPolicy, getClient, KMS, KmsKeyringNode } from "@aws-crypto/client-node";

const { encrypt, decrypt } = buildClient(CommitmentPolicy.REQUIRE_ENCRYPT_REQUIRE_DECRYPT);
const clientProvider = getClient(KMS, {});
const SUITES = {
  "0478": AlgorithmSuiteIdentifier.ALG_AES256_GCM_IV12_TAG16_HKDF_SHA512_COMMIT_KEY,
  "0578": AlgorithmSuiteIdentifier.ALG_AES256_GCM_IV12_TAG16_HKDF_SHA512_COMMIT_KEY_ECDSA_P384,
};

/** A message under that KMS key. */
export async function seal({ key, suite, plaintext, context }) {
  const keyring = new KmsKeyringNode({ clientProvider, generatorKeyId: key });
  const { result } = await encrypt(keyring, plaintext, { suiteId: SUITES[suite], encryptionContext: context });
  return result;
}

/** What is in a message; with `discovery` whatever KMS key it names is asked for. */
export async function open({ key, message, discovery }) {
  const keyring = new KmsKeyringNode(discovery ? { clientProvider, discovery: true } : { clientProvider, keyIds: [key] });
  const { plaintext, messageHeader } = await decrypt(keyring, message);
  return { plaintext, context: messageHeader.encryptionContext };
}
