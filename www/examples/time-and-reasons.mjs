// What a test can ask of the embedded KMS: to repeat itself, to let time pass, to say why, and to be copied.

import { LocalKms, VirtualClock } from "waxseal/kms";

const clock = new VirtualClock(new Date("2026-01-15T12:00:00Z"));
// With the seed, ids and keys are the same at every run.
const kms = await LocalKms.open({ storage: "memory", clock, dangerSeed: 7 });
const { KeyMetadata } = await kms.createKey({ Description: "documents" });
const KeyId = KeyMetadata.Arn;

await kms.enableKeyRotation({ KeyId, RotationPeriodInDays: 90 });
for (const { eventName, eventTime } of await kms.advance({ days: 200 })) console.log(eventTime, eventName);

const bob = "arn:aws:iam::111122223333:user/bob";
const { decision, proposals } = await kms.explain({ as: bob, operation: "GenerateDataKey", request: { KeyId, KeySpec: "AES_256" } });
console.log(decision.verdict);
for (const { edits, alsoAllows } of proposals) console.log("-", edits.map(({ description }) => description).join(", and "), alsoAllows);

await kms.createGrant({ KeyId, GranteePrincipal: bob, Operations: ["GenerateDataKey"] });
for (const { principal, because } of await kms.whoCan("kms:GenerateDataKey", KeyId)) console.log(`${principal}: ${because}`);

const rootKey = crypto.getRandomValues(new Uint8Array(32));
const copy = await LocalKms.restore(await kms.snapshot({ rootKey }), { rootKey, storage: "memory", clock });
console.log((await copy.listGrants({ KeyId })).Grants.length, "grant in the copy");
