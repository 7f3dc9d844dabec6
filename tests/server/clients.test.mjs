// AWS's own clients against the server, over the network, with an endpoint and credentials as its first start prints them.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { after, test } from "node:test";
import { promisify } from "node:util";

import { KMS, NotFoundException } from "@aws-sdk/client-kms";

import { Server, administrator, folder } from "./server.mjs";

const run = promisify(execFile);
const state = await folder();
const server = await Server.start({ state });
after(() => server.stop());
const credentials = await administrator(state);
/** What the lines `export NAME=value …` of the first start set. */
const environment = Object.fromEntries(Array.from(server.log.matchAll(/(AWS_\w+)=(\S+)/g), ([, name, value]) => [name, value]));

test("boto3 works with what the first start prints", { skip: !process.env.WAXSEAL_PYTHON && "there is no WAXSEAL_PYTHON" }, async () => {
  const { stdout } = await run(process.env.WAXSEAL_PYTHON, ["tests/server/tour.py"], { env: { ...process.env, ...environment } });
  assert.equal(stdout, "ok\n");
});

test("AWS's client for JavaScript works", async () => {
  const kms = new KMS({ region: "us-east-1", endpoint: server.url, credentials });
  const { KeyMetadata } = await kms.createKey({});
  const { CiphertextBlob } = await kms.encrypt({ KeyId: KeyMetadata.Arn, Plaintext: Buffer.from("top secret") });
  assert.equal(Buffer.from((await kms.decrypt({ CiphertextBlob })).Plaintext).toString(), "top secret");
  await assert.rejects(kms.describeKey({ KeyId: "1234abcd-12ab-34cd-56ef-1234567890ab" }), NotFoundException);
  const many = await Promise.all(Array.from({ length: 30 }, () => kms.generateDataKey({ KeyId: KeyMetadata.Arn, KeySpec: "AES_256" })));
  assert.equal(new Set(many.map(({ Plaintext }) => Buffer.from(Plaintext).toString("hex"))).size, 30);
  kms.destroy();
});
