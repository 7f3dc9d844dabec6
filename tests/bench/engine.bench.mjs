// The engine in WebAssembly, in this process: answers a second with a key that has a policy of 20 statements and 1,000 grants, alone and among 1,000
// other keys. A dry run is a decision and its line in the audit log, without ciphers; the two others encrypt and decrypt besides.
// `cargo xtask bench` runs it with WAXSEAL_TARBALL set to the packed npm package; `bench-kms` measures the same natively.
import { performance } from "node:perf_hooks";

import { installed } from "./installed.mjs";

const SECONDS = 2;
const ACCOUNT = "111122223333";
const bob = (number) => `arn:aws:iam::${ACCOUNT}:user/user-${number}`;

const { LocalKms } = await installed("kms/node.js");
const kms = await LocalKms.open({ storage: "memory" });
const KeyId = await heavyKey();
const clients = { "a grant": kms.as(bob(1700)), "the last statement": kms.as(bob(19)) };
await answers("alone");
for (let number = 0; number < 1000; number++) await kms.createKey({});
await answers("among 1,000 others");

async function heavyKey() {
  const Action = ["kms:Encrypt", "kms:Decrypt", "kms:GenerateDataKey"];
  const Statement = [{ Effect: "Allow", Principal: { AWS: `arn:aws:iam::${ACCOUNT}:root` }, Action: "kms:*", Resource: "*" }];
  for (let number = 1; number < 20; number++) Statement.push({ Effect: "Allow", Principal: { AWS: bob(number) }, Action, Resource: "*" });
  const { KeyMetadata } = await kms.createKey({ Policy: JSON.stringify({ Version: "2012-10-17", Statement }) });
  for (let number = 1000; number < 2000; number++) {
    const Operations = ["Encrypt", "Decrypt", "GenerateDataKey"];
    await kms.createGrant({ KeyId: KeyMetadata.Arn, GranteePrincipal: bob(number), Operations });
  }
  return KeyMetadata.Arn;
}

async function answers(where) {
  console.log(`a key with a policy of 20 statements and 1,000 grants, ${where}`);
  for (const [by, client] of Object.entries(clients)) {
    const { CiphertextBlob } = await client.generateDataKey({ KeyId, KeySpec: "AES_256" });
    const rates = [
      await perSecond(() => client.encrypt({ KeyId, Plaintext: new Uint8Array(1), DryRun: true }).catch(expectDryRun)),
      await perSecond(() => client.generateDataKey({ KeyId, KeySpec: "AES_256" })),
      await perSecond(() => client.decrypt({ CiphertextBlob })),
    ];
    const [dryRun, generate, decrypt] = rates.map((rate) => Math.round(rate).toLocaleString("en").padStart(8));
    console.log(`  allowed by ${by.padEnd(18)} ${dryRun} dry runs  ${generate} GenerateDataKey  ${decrypt} Decrypt a second`);
  }
}

function expectDryRun(error) {
  if (error.name !== "DryRunOperationException") throw error;
}

async function perSecond(call) {
  for (let round = 0; round < 200; round++) await call();
  const start = performance.now();
  let count = 0;
  while (performance.now() - start < SECONDS * 1000) {
    for (let round = 0; round < 50; round++) await call();
    count += 50;
  }
  return count / ((performance.now() - start) / 1000);
}
