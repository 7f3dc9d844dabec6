// Everything that happens, as it happens, from both modules, without a secret in it.
import { Client } from "waxseal";
import { LocalKms } from "waxseal/kms";

/** @param {import("waxseal").TraceEvent} event */
const onEvent = (event) => {
  const what = event.kind === "secret-wiped" ? ` ${event.secret} ${event.identity.fingerprint}` : "";
  console.log(`${String(event.seq).padStart(3)} ${event.by.padEnd(6)} ${event.kind}${what}`);
};

const kms = await LocalKms.open({ storage: "memory", onEvent });
const { KeyMetadata } = await kms.createKey();
const client = new Client({ kms, keyId: KeyMetadata.Arn, onEvent });
await client.decrypt(await client.encrypt("top secret"));
