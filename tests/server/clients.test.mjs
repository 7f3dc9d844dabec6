// AWS's own tools against the server, unmodified: boto3, the AWS CLI, `@aws-sdk/client-kms` in Node and in Chromium, and the official AWS Encryption SDKs.

import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import { build } from "esbuild";
import playwright from "playwright-core";
import { KMS } from "@aws-sdk/client-kms";

import { operations } from "../npm/package.mjs";
import { tour } from "./clients/tour.mjs";
import { Server, administrator, folder, packageFolder } from "./server.mjs";

const run = promisify(execFile);
const here = dirname(fileURLToPath(import.meta.url));
const python = process.env.WAXSEAL_PYTHON ?? "python3";
const TIMEOUT = { timeout: 300_000 };
const PLAINTEXT = Buffer.from("top secret, and longer than a block or two of AES");
const CONTEXT = { tenant: "42", ключ: "значение" };

const server = await Server.start({ state: await folder(), options: ["--clock", "virtual", "--control"] });
after(() => server.stop());
const credentials = await administrator(server.state);
/** What the lines `export NAME=value …` of the first start set: all that a stranger has to do. */
const exported = Object.fromEntries(Array.from(server.log.matchAll(/(AWS_\w+)=(\S+)/g), ([, name, value]) => [name, value]));
const environment = { ...process.env, ...exported, PYTHONDONTWRITEBYTECODE: "1" };

test("the first start prints what AWS's tools need", () => {
  const { accessKeyId, secretAccessKey } = credentials;
  const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_ENDPOINT_URL_KMS, AWS_REGION } = exported;
  const given = [AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_ENDPOINT_URL_KMS, AWS_REGION];
  assert.deepEqual(given, [accessKeyId, secretAccessKey, server.url, "us-east-1"]);
});

test("boto3 calls every operation, and `cryptography` agrees with what comes out", TIMEOUT, async () => {
  const { stdout } = await run(python, [join(here, "clients/tour.py")], { env: environment });
  assert.deepEqual(stdout.trim().split("\n"), operations);
});

test("the AWS CLI creates a key, encrypts and decrypts", TIMEOUT, async () => {
  const aws = async (...words) => {
    const { stdout } = await run(join(dirname(python), "aws"), ["kms", ...words], { env: environment });
    return JSON.parse(stdout);
  };
  // Bytes come from files, as AWS's manual has it, and go out as base64.
  const files = await folder();
  const file = async (name, bytes) => {
    await writeFile(join(files, name), bytes);
    return `fileb://${join(files, name)}`;
  };
  const { KeyMetadata } = await aws("create-key", "--description", "from the command line");
  const context = ["--encryption-context", "tenant=42"];
  const sealed = await aws("encrypt", "--key-id", KeyMetadata.Arn, "--plaintext", await file("plaintext", PLAINTEXT), ...context);
  const blob = ["--ciphertext-blob", await file("ciphertext", Buffer.from(sealed.CiphertextBlob, "base64"))];
  const opened = await aws("decrypt", ...blob, ...context);
  assert.deepEqual(Buffer.from(opened.Plaintext, "base64"), PLAINTEXT);
  await assert.rejects(aws("decrypt", ...blob), /InvalidCiphertextException/);
  await assert.rejects(aws("describe-key", "--key-id", "alias/missing"), /NotFoundException.*is not found/s);
});

const settings = (region) => ({
  region,
  endpoint: server.url,
  credentials: { accessKeyId: credentials.accessKeyId, secretAccessKey: credentials.secretAccessKey },
});

test("@aws-sdk/client-kms calls every operation, in Node", TIMEOUT, async () => {
  assert.deepEqual(await tour((region) => new KMS(settings(region))), operations);
});

test("@aws-sdk/client-kms calls every operation, from a page of another origin", TIMEOUT, async () => {
  const contents = 'export { KMS } from "@aws-sdk/client-kms"; export { tour } from "./clients/tour.mjs";';
  const bundle = { bundle: true, format: "esm", platform: "browser", target: "es2022", logLevel: "silent", write: false };
  const { outputFiles } = await build({ ...bundle, stdin: { contents, resolveDir: here } });
  const site = createServer((request, response) => {
    const script = request.url === "/tour.js";
    response.setHeader("content-type", script ? "text/javascript" : "text/html");
    response.end(script ? outputFiles[0].text : '<!doctype html><link rel="icon" href="data:,"><title>tour</title>');
  });
  await new Promise((resolve) => site.listen(0, "127.0.0.1", resolve));
  const browser = await playwright.chromium.launch({ executablePath: process.env.CHROMIUM });
  after(() => Promise.all([browser.close(), site.close()]));
  const page = await browser.newPage();
  await page.goto(`http://127.0.0.1:${site.address().port}/`);
  const called = await page.evaluate(async ([europe, america]) => {
    const { KMS, tour } = await import("/tour.js");
    return tour((region) => new KMS(region === "eu-west-1" ? europe : america));
  }, [settings("eu-west-1"), settings("us-east-1")]);
  assert.deepEqual(called, operations);
});

test("the official encryption SDKs, and ours, open each other's messages under its keys", TIMEOUT, async () => {
  const kms = new KMS(settings("us-east-1"));
  const { KeyMetadata } = await kms.createKey({});
  const theirs = { python: await startPython(), javascript: await startJavaScript() };
  const messages = [];
  for (const suite of ["0478", "0578"]) {
    const request = { key: KeyMetadata.Arn, suite, context: CONTEXT };
    for (const kind of ["master-key", "keyring"]) messages.push([`python ${kind} ${suite}`, await theirs.python.seal({ ...request, with: kind })]);
    messages.push([`javascript ${suite}`, await theirs.javascript.seal(request)]);
  }
  const { Client } = await import(join(packageFolder, "sdk/node.js"));
  const ours = new Client({ kms, keyId: KeyMetadata.Arn });
  messages.push(["waxseal 0478", await ours.encrypt(PLAINTEXT, { encryptionContext: CONTEXT })]);
  for (const [who, message] of messages) {
    const key = KeyMetadata.Arn;
    for (const kind of ["master-key", "keyring", "discovery-master-key", "discovery-keyring"]) {
      expected(await theirs.python.open({ key, message, with: kind }), `python ${kind} opens what ${who} made`);
    }
    for (const discovery of [false, true]) expected(await theirs.javascript.open({ key, message, discovery }), `javascript opens what ${who} made`);
    if (who.endsWith("0478")) {
      const { plaintext, encryptionContext } = await ours.decrypt(message);
      expected({ plaintext, context: encryptionContext }, `waxseal opens what ${who} made`);
    }
  }
});

test("a multi-Region key opens a message in either region, by the SDK's multi-Region keyrings", TIMEOUT, async () => {
  const kms = new KMS(settings("us-east-1"));
  const { KeyMetadata } = await kms.createKey({ MultiRegion: true });
  const { ReplicaKeyMetadata } = await kms.replicateKey({ KeyId: KeyMetadata.Arn, ReplicaRegion: "eu-west-1" });
  const theirs = await startPython();
  for (const [sealing, opening] of [["mrk-master-key", "mrk-keyring"], ["mrk-keyring", "mrk-master-key"]]) {
    const message = await theirs.seal({ key: KeyMetadata.Arn, suite: "0478", context: CONTEXT, with: sealing });
    expected(await theirs.open({ key: ReplicaKeyMetadata.Arn, message, with: opening }), `${opening} in the other region`);
  }
});

function expected({ plaintext, context }, what) {
  assert.deepEqual(Buffer.from(plaintext), PLAINTEXT, what);
  for (const [key, value] of Object.entries(CONTEXT)) assert.equal(context[key], value, what);
}

/** `clients/esdk.py`, which answers a line with a line. */
async function startPython() {
  const child = spawn(python, [join(here, "clients/esdk.py")], { env: environment, stdio: ["pipe", "pipe", "inherit"] });
  after(() => child.kill());
  const lines = createInterface({ input: child.stdout });
  const ask = async (request) => {
    child.stdin.write(`${JSON.stringify(request)}\n`);
    const [line] = await once(lines, "line");
    const answer = JSON.parse(line);
    assert.equal(answer.refused, undefined);
    return answer;
  };
  return {
    async seal(request) {
      const { message } = await ask({ do: "encrypt", plaintext: PLAINTEXT.toString("base64"), ...request });
      return Buffer.from(message, "base64");
    },
    async open({ message, ...request }) {
      const { plaintext, context } = await ask({ do: "decrypt", message: Buffer.from(message).toString("base64"), ...request });
      return { plaintext: Buffer.from(plaintext, "base64"), context };
    },
  };
}

/** `clients/esdk.mjs`, with the address and credentials where it looks for them. */
async function startJavaScript() {
  Object.assign(process.env, environment);
  const { seal, open } = await import("./clients/esdk.mjs");
  return { seal: (request) => seal({ plaintext: PLAINTEXT, ...request }), open };
}
