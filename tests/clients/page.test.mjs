// Pages in Chromium: one that has nothing but a session with a broker, and one that asks AWS's protocol and OpenBao itself.

import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import { dirname } from "node:path";
import { after, test } from "node:test";

import { KMS } from "@aws-sdk/client-kms";
import { build } from "esbuild";
import playwright from "playwright-core";

import { Server, administrator, folder, packageFolder } from "../server/server.mjs";
import { openBao } from "./services.mjs";
import { awsKms, brokerHandler, nodeListener, sessionTokens } from "./vendors.mjs";

const TIMEOUT = { timeout: 120_000 };
const PAGE_SCRIPT = `
import { Client, kmsKeyring } from "waxseal";
import { awsKms } from "waxseal/aws";
import { brokerKms } from "waxseal/broker";
import { vaultKeyring, vaultKms } from "waxseal/vault";

const makers = {
  broker: ({ url, token, keyId }) => kmsKeyring({ kms: brokerKms({ url, token }), keyId }),
  aws: ({ keyId, ...options }) => kmsKeyring({ kms: awsKms(options), keyId }),
  vault: ({ keyId, ...options }) => vaultKeyring({ kms: vaultKms(options), keyId }),
};
globalThis.there = async (which, options, encryptionContext) => {
  const client = new Client({ keyring: makers[which](options) });
  try {
    const message = await client.encrypt("top secret", { encryptionContext });
    return (await client.decrypt(message, { encryptionContext })).text();
  } catch (error) {
    return [error.code, error.kmsCode, error.cause?.kind].join(" ");
  }
};
`;

const server = await Server.start({ state: await folder() });
after(() => server.stop());
const settings = { endpoint: server.url, region: "us-east-1", credentials: await administrator(server.state) };
const { KeyMetadata: { Arn: keyId } } = await new KMS(settings).createKey({});
const { page, origin } = await openPage();

test("a page with a session encrypts and decrypts for its tenant, and for no other", TIMEOUT, async () => {
  const tokens = sessionTokens({ key: randomBytes(32) });
  const handler = brokerHandler({ kms: awsKms(settings), keyIds: [keyId], authenticate: tokens.authenticate, origins: [origin] });
  const url = await listen(nodeListener(handler));
  const there = async (tenant, session) => {
    const token = await tokens.issue({ subject: "u", encryptionContext: { tenant: session } });
    return page.evaluate(([options, context]) => there("broker", options, context), [{ url, token, keyId }, { tenant }]);
  };
  assert.equal(await there("42", "42"), "top secret");
  assert.equal(await there("43", "42"), "KmsDenied EncryptionContextNotAllowed denied");
});

test("a page asks a KMS of AWS's protocol", TIMEOUT, async () => {
  assert.equal(await page.evaluate((options) => there("aws", options, { a: "b" }), { ...settings, keyId }), "top secret");
  const wrong = { ...settings, keyId, credentials: { ...settings.credentials, secretAccessKey: "wrong" } };
  assert.equal(await page.evaluate((options) => there("aws", options, {}), wrong), "KmsDenied InvalidSignatureException denied");
});

test("a page asks OpenBao, once that allows its origin", TIMEOUT, async () => {
  const bao = await openBao();
  await bao.call("sys/mounts/transit", { type: "transit" });
  await bao.call("transit/keys/documents", {});
  const options = { url: bao.url, token: bao.token, keyId: "documents" };
  const ask = () => page.evaluate((options) => there("vault", { ...options, attempts: 1 }, { a: "b" }), options);
  assert.equal(await ask(), "KmsUnavailable  unavailable");
  await bao.call("sys/config/cors", { enabled: true, allowed_origins: [origin] });
  assert.equal(await ask(), "top secret");
});

async function openPage() {
  const stdin = { contents: PAGE_SCRIPT, resolveDir: dirname(dirname(packageFolder)) };
  const { outputFiles } = await build({ stdin, bundle: true, format: "esm", platform: "browser", target: "es2022", write: false });
  const origin = await listen((request, response) => {
    const isScript = request.url === "/page.js";
    response.setHeader("content-type", isScript ? "text/javascript" : "text/html");
    response.end(isScript ? outputFiles[0].text : '<!doctype html><link rel="icon" href="data:,"><script type="module" src="/page.js"></script>');
  });
  const browser = await playwright.chromium.launch({ executablePath: process.env.CHROMIUM });
  after(() => browser.close());
  const page = await browser.newPage();
  await page.goto(origin);
  await page.waitForFunction(() => typeof globalThis.there === "function");
  return { page, origin };
}

async function listen(listener) {
  const http = createServer(listener).listen(0, "127.0.0.1");
  await once(http, "listening");
  after(() => {
    http.closeAllConnections();
    http.close();
  });
  return `http://127.0.0.1:${http.address().port}`;
}
