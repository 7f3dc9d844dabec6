// Encrypt and decrypt under a key of an embedded KMS. Runs anywhere: `node quick-start.mjs`.
import { Client } from "waxseal";
import { LocalKms } from "waxseal/kms";

const kms = await LocalKms.open({ storage: "memory" });
const { KeyMetadata } = await kms.createKey({ Description: "documents" });

const client = new Client({ kms, keyId: KeyMetadata.Arn });
const message = await client.encrypt("top secret", { encryptionContext: { tenant: "42" } });
console.log(`${message.length} bytes, to be kept anywhere`);

const decrypted = await client.decrypt(message, { encryptionContext: { tenant: "42" } });
console.log(decrypted.text());
