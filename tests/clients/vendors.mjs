// Each client with what a good answer and a bad one look like to it.

import { join } from "node:path";
import { pathToFileURL } from "node:url";

import { packageFolder } from "../server/server.mjs";

const load = (file) => import(pathToFileURL(join(packageFolder, file)));
export const { Client, kmsKeyring, multiKeyring } = await load("sdk/node.js");
export const { LocalKms } = await load("kms/node.js");
export const { KmsClientError, awsKms } = await load("shared/clients/aws.js");
export const { gcpKeyring, gcpKms } = await load("shared/clients/gcp.js");
export const { azureKeyring, azureKms } = await load("shared/clients/azure.js");
export const { vaultKeyring, vaultKms } = await load("shared/clients/vault.js");
export const { brokerKms } = await load("shared/clients/broker.js");
export const { brokerHandler, nodeListener, sessionTokens } = await load("shared/clients/broker-server.js");
export const { bindingOf } = await load("shared/clients/binding.js");
export const { crc32c } = await load("shared/clients/crc32c.js");

const secretAccessKey = "the-secret-access-key";
const sessionToken = "the-session-token";
const token = "the-bearer-token";
const KEY = Buffer.alloc(32, 7).toString("base64");
const SHORT = Buffer.alloc(31, 7).toString("base64");

const GCP_KEY = "projects/p/locations/global/keyRings/r/cryptoKeys/k";
const AZURE_KEY = "/keys/k/0123456789abcdef0123456789abcdef";
const AWS_KEY = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";

export const vendors = [
  {
    name: "AWS KMS",
    keyId: AWS_KEY,
    /** What must never be told to anybody. */
    secrets: [secretAccessKey, sessionToken],
    make(endpoint, options) {
      const kms = awsKms({ endpoint, credentials: { accessKeyId: "AKID", secretAccessKey, sessionToken }, ...options });
      const open = () => kms.decrypt({ KeyId: AWS_KEY, CiphertextBlob: new Uint8Array(3) });
      return { kms, open, generate: (how) => kms.generateDataKey({ KeyId: AWS_KEY, NumberOfBytes: 32, EncryptionContext: { a: "b" } }, how) };
    },
    good: { KeyId: AWS_KEY, Plaintext: KEY, CiphertextBlob: "AAAA" },
    refused: [
      ["AccessDeniedException", 400, { __type: "AccessDeniedException", Message: "no" }, "denied"],
      ["an error type in the older form", 400, { __type: "com.amazonaws.kms#NotFoundException" }, "not-found"],
      ["an error type with an address", 400, {}, "disabled", { "x-amzn-errortype": "KMSInvalidStateException:http://internal.amazon.com/" }],
      ["an expired token", 400, { __type: "ExpiredTokenException" }, "denied"],
      ["ValidationException", 400, { __type: "ValidationException" }, "invalid"],
      ["something new", 400, { __type: "SomethingNewException" }, "invalid"],
    ],
    wrong: [
      ["another key", { KeyId: AWS_KEY.replace("1234abcd", "9999abcd") }, /the key `arn:.*9999abcd.*` where/],
      ["the same key of another region", { KeyId: AWS_KEY.replace("eu-west-1", "us-east-1") }, /where/],
      ["an alias", { KeyId: AWS_KEY.replace("key/", "alias/") }, /not a key's ARN/],
      ["no key", { KeyId: undefined }, /no `KeyId`/],
      ["a number for a key", { KeyId: 5 }, /no `KeyId`/],
      ["a short data key", { Plaintext: SHORT }, /31 bytes where 32/],
      ["no data key", { Plaintext: undefined }, /no `Plaintext`/],
      ["a data key of nothing", { Plaintext: "" }, /no `Plaintext`/],
      ["a data key that is no base64", { Plaintext: "%%%" }, /not base64/],
      ["an array for a ciphertext", { CiphertextBlob: [1, 2, 3] }, /no `CiphertextBlob`/],
    ],
    opened: { KeyId: AWS_KEY, Plaintext: KEY },
    wrongOpened: [
      ["another key", { KeyId: AWS_KEY.replace("1234abcd", "9999abcd") }, /where/],
      ["no plaintext", { Plaintext: undefined }, /no `Plaintext`/],
    ],
  },
  {
    name: "Google Cloud KMS",
    secrets: [token],
    make(endpoint, options) {
      const kms = gcpKms({ endpoint, token, ...options });
      const open = () => kms.decrypt({ KeyId: GCP_KEY, CiphertextBlob: new Uint8Array(3) });
      return { kms, open, generate: (how) => kms.generateDataKey({ KeyId: GCP_KEY, NumberOfBytes: 32, EncryptionContext: {} }, how) };
    },
    good: { name: `${GCP_KEY}/cryptoKeyVersions/1`, ciphertext: "AAAA", ciphertextCrc32c: `${crc32c(new Uint8Array(3))}`, verifiedPlaintextCrc32c: true },
    refused: [
      ["PERMISSION_DENIED", 403, { error: { code: 403, message: "no", status: "PERMISSION_DENIED" } }, "denied"],
      ["UNAUTHENTICATED", 401, { error: { code: 401, status: "UNAUTHENTICATED" } }, "denied"],
      ["NOT_FOUND", 404, { error: { code: 404, status: "NOT_FOUND" } }, "not-found"],
      ["a version that is destroyed", 400, { error: { code: 400, status: "FAILED_PRECONDITION" } }, "disabled"],
      ["INVALID_ARGUMENT", 400, { error: { code: 400, status: "INVALID_ARGUMENT" } }, "invalid"],
      ["something new", 418, { error: { status: "__proto__", details: [null, 5, {}] } }, "invalid"],
    ],
    wrong: [
      ["another key", { name: GCP_KEY.replace("/k", "/other") }, /the key `.*` where/],
      ["a key that begins the same", { name: `${GCP_KEY}2/cryptoKeyVersions/1` }, /where/],
      ["no key", { name: undefined }, /no `name`/],
      ["a ciphertext that is no base64", { ciphertext: "%%%" }, /not base64/],
      ["no ciphertext", { ciphertext: undefined }, /no `ciphertext`/],
    ],
    opened: { plaintext: KEY, plaintextCrc32c: `${crc32c(Buffer.alloc(32, 7))}` },
    wrongOpened: [["no plaintext", { plaintext: undefined }, /no `plaintext`/]],
  },
  {
    name: "Azure Key Vault",
    secrets: [token],
    make(url, options) {
      const kms = azureKms({ token, ...options });
      const open = () => kms.decrypt({ KeyId: `${url}${AZURE_KEY}`, CiphertextBlob: new Uint8Array(3) });
      return { kms, open, generate: (how) => kms.generateDataKey({ KeyId: `${url}${AZURE_KEY}`, NumberOfBytes: 32, EncryptionContext: {} }, how) };
    },
    good: (url) => ({ kid: `${url}${AZURE_KEY}`, value: "AAAA" }),
    refused: [
      ["Forbidden", 403, { error: { code: "Forbidden", message: "no", innererror: { code: "AccessDenied" } } }, "denied"],
      ["KeyNotFound", 404, { error: { code: "KeyNotFound" } }, "not-found"],
      ["KeyDisabled", 403, { error: { code: "Forbidden", innererror: { code: "KeyDisabled" } } }, "disabled"],
      ["BadParameter", 400, { error: { code: "BadParameter" } }, "invalid"],
      ["wrong types", 400, { error: { code: 5, message: {}, innererror: 7 } }, "invalid"],
    ],
    wrong: [
      ["another key", { kid: `https://vault${AZURE_KEY}` }, /the key `https:.*` where/],
      ["another version", { kid: "https://v/keys/k/1" }, /the key `.*` where/],
      ["no key", { kid: undefined }, /no `kid`/],
      ["a wrapped key that is no base64", { value: "%%%" }, /not base64/],
      ["a number", { value: 7 }, /no `value`/],
    ],
    opened: (url) => ({ kid: `${url}${AZURE_KEY}`, value: KEY }),
    wrongOpened: [
      ["another key", { kid: `https://vault${AZURE_KEY}` }, /where/],
      ["another version", { kid: "https://v/keys/k/1" }, /where/],
      ["no plaintext", { value: undefined }, /no `value`/],
    ],
  },
  {
    name: "Vault",
    secrets: [token],
    make(url, options) {
      const kms = vaultKms({ url, token, ...options });
      const open = () => kms.decrypt({ KeyId: "k", CiphertextBlob: Buffer.from("vault:v1:AAAA") });
      return { kms, open, generate: (how) => kms.generateDataKey({ KeyId: "k", NumberOfBytes: 32, EncryptionContext: {} }, how) };
    },
    good: { request_id: "r", data: { plaintext: KEY, ciphertext: "vault:v1:AAAA" } },
    refused: [
      ["permission denied", 403, { errors: ["permission denied"] }, "denied"],
      ["no such key", 400, { errors: ["encryption key not found"] }, "not-found"],
      ["no such mount", 404, { errors: [] }, "not-found"],
      ["a version that is too old", 400, { errors: ["ciphertext or signature version is disallowed by policy (too old)"] }, "disabled"],
      ["anything else", 400, { errors: "wrong type" }, "invalid"],
    ],
    wrong: [
      ["no data", { data: null }, /no `data`/],
      ["a short data key", { data: { plaintext: SHORT, ciphertext: "vault:v1:AAAA" } }, /31 bytes where 32/],
      ["no data key", { data: { ciphertext: "vault:v1:AAAA" } }, /no `plaintext`/],
      ["another's ciphertext", { data: { plaintext: KEY, ciphertext: "AAAA" } }, /not one of Vault's/],
    ],
    opened: { data: { plaintext: KEY } },
    wrongOpened: [["no plaintext", { data: {} }, /no `plaintext`/]],
  },
  {
    name: "the broker",
    secrets: [token],
    make(url, options) {
      const kms = brokerKms({ url, token, ...options });
      const open = () => kms.decrypt({ KeyId: "k", CiphertextBlob: new Uint8Array(3) });
      return { kms, open, generate: (how) => kms.generateDataKey({ KeyId: "k", NumberOfBytes: 32, EncryptionContext: {} }, how) };
    },
    good: { KeyId: "k", Plaintext: KEY, CiphertextBlob: "AAAA" },
    refused: [
      ["a forged token", 401, { error: { kind: "denied", code: "Unauthenticated", message: "log in" } }, "denied"],
      ["a disabled key", 409, { error: { kind: "disabled", code: "KmsRefused" } }, "disabled"],
      ["no such key", 404, { error: { kind: "not-found", code: "KmsRefused" } }, "not-found"],
      ["wrong types", 400, { error: { kind: 7, code: {}, message: [] } }, "invalid"],
      ["no kind of ours", 400, { error: { kind: "toString", code: "x" } }, "invalid"],
    ],
    wrong: [
      ["no key", { KeyId: undefined }, /no `KeyId`/],
      ["a short data key", { Plaintext: SHORT }, /31 bytes where 32/],
      ["no data key", { Plaintext: undefined }, /no `Plaintext`/],
      ["a number for a ciphertext", { CiphertextBlob: 7 }, /no `CiphertextBlob`/],
    ],
    opened: { KeyId: "k", Plaintext: KEY },
    wrongOpened: [["no plaintext", { Plaintext: undefined }, /no `Plaintext`/]],
  },
];
