// Any object with AWS SDK v3's three methods is a KMS: here one that counts what it is asked.
import { Client } from "waxseal";
import { LocalKms } from "waxseal/kms";

const behind = await LocalKms.open({ storage: "memory" });
const { KeyMetadata } = await behind.createKey();

let asked = 0;
/** @type {import("waxseal").Kms} */
const kms = {
  generateDataKey: (request, options) => (asked++, behind.generateDataKey(request, options)),
  encrypt: (request, options) => (asked++, behind.encrypt(request, options)),
  decrypt: (request, options) => (asked++, behind.decrypt(request, options)),
};

const client = new Client({ kms, keyId: KeyMetadata.Arn });
const message = await client.encrypt(new Uint8Array(1_000_000));
await client.decrypt(message);
console.log(`a megabyte there and back, and the KMS was asked ${asked} times`);
