// The official AWS Encryption SDK for browsers, as `exchange.mjs` wants it. It is bundled with the `Buffer` that it needs.

import * as aws from "@aws-crypto/client-browser";

const newer = aws.buildClient({ commitmentPolicy: aws.CommitmentPolicy.REQUIRE_ENCRYPT_ALLOW_DECRYPT });
const older = aws.buildClient({ commitmentPolicy: aws.CommitmentPolicy.FORBID_ENCRYPT_ALLOW_DECRYPT });

export const clientBrowser = {
  lacks({ suite, keys }) {
    if (["0046", "0146", "0346"].includes(suite) || keys.some(({ key }) => key?.length === 24)) return "AES-192, which Chromium does not have";
    return undefined;
  },

  async encrypt({ suite, frameLength, context, keys }, plaintext) {
    const [generator, ...children] = await Promise.all(keys.map(keyringOf));
    const { encrypt } = ["0478", "0578"].includes(suite) ? newer : older;
    const keyring = new aws.MultiKeyringWebCrypto({ generator, children });
    const { result } = await encrypt(keyring, plaintext, { suiteId: parseInt(suite, 16), frameLength, encryptionContext: context });
    return result;
  },

  async decrypt(keys, message) {
    const keyring = new aws.MultiKeyringWebCrypto({ children: await Promise.all(keys.map(keyringOf)) });
    const { plaintext, messageHeader } = await older.decrypt(keyring, message);
    return { plaintext, context: messageHeader.encryptionContext };
  },
};

async function keyringOf({ kind, namespace: keyNamespace, name: keyName, key, pair }) {
  if (kind === "rsa") return new aws.RawRsaKeyringWebCrypto({ keyName, keyNamespace, ...(await rsaKeys(pair)) });
  const wrappingSuite = aws.RawAesWrappingSuiteIdentifier[`AES${8 * key.length}_GCM_IV12_TAG16_NO_PADDING`];
  const masterKey = await aws.RawAesKeyringWebCrypto.importCryptoKey(Uint8Array.from(key), wrappingSuite);
  return new aws.RawAesKeyringWebCrypto({ keyName, keyNamespace, masterKey, wrappingSuite, utf8Sorting: true });
}

async function rsaKeys({ publicKey, privateKey }) {
  const jwk = async (key) => {
    // It asks for other uses than WebCrypto's key says.
    const { key_ops, ...rest } = await crypto.subtle.exportKey("jwk", key);
    return rest;
  };
  return {
    publicKey: await aws.RawRsaKeyringWebCrypto.importPublicKey(await jwk(publicKey)),
    privateKey: await aws.RawRsaKeyringWebCrypto.importPrivateKey(await jwk(privateKey)),
  };
}
