// Who may do what is decided by the KMS, for every request, and a refusal says why.
import { Client, isKmsDenied } from "waxseal";
import { LocalKms } from "waxseal/kms";

const kms = await LocalKms.open({ storage: "memory" });
const { KeyMetadata } = await kms.createKey({ Description: "documents" });
const keyId = KeyMetadata.Arn;
const message = await new Client({ kms, keyId }).encrypt("top secret", { encryptionContext: { tenant: "42" } });

const bob = "arn:aws:iam::111122223333:user/bob";
const client = new Client({ kms: kms.as(bob), keyId });
try {
  await client.decrypt(message);
} catch (error) {
  if (!isKmsDenied(error)) throw error;
  console.log(`${error.name}: ${error.message}`);
}

// A grant lets Bob decrypt what belongs to tenant 42, and nothing else.
await kms.createGrant({
  KeyId: keyId,
  GranteePrincipal: bob,
  Operations: ["Decrypt"],
  Constraints: { EncryptionContextSubset: { tenant: "42" } },
});
console.log((await client.decrypt(message)).text());
console.log((await kms.audit()).map(({ eventName, errorCode }) => `${eventName} ${errorCode ?? "ok"}`));
