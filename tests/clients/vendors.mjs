// Each client with what a good answer and a bad one look like to it.

import { join } from "node:path";
import { pathToFileURL } from "node:url";

import { packageFolder } from "../server/server.mjs";

const load = (file) => import(pathToFileURL(join(packageFolder, file)));
export const { Client } = await load("sdk/node.js");
export const { KmsClientError, awsKms } = await load("shared/clients/aws.js");

const secretAccessKey = "the-secret-access-key";
const sessionToken = "the-session-token";
const KEY = Buffer.alloc(32, 7).toString("base64");
const SHORT = Buffer.alloc(31, 7).toString("base64");

const AWS_KEY = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";

export const vendors = [
  {
    name: "AWS KMS",
    keyId: AWS_KEY,
    /** What must never be told to anybody. */
    secrets: [secretAccessKey, sessionToken],
    make(endpoint, options) {
      const kms = awsKms({ endpoint, credentials: { accessKeyId: "AKID", secretAccessKey, sessionToken }, ...options });
      return { kms, generate: (how) => kms.generateDataKey({ KeyId: AWS_KEY, NumberOfBytes: 32, EncryptionContext: { a: "b" } }, how) };
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
  },
];
