// Signatures and addresses of AWS KMS, compared with AWS's published examples and with botocore.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";

import { packageFolder } from "../server/server.mjs";
import { bless, isBlessing, rowsOf } from "./cases.mjs";
import { pythonScript } from "./services.mjs";

const load = (file) => import(pathToFileURL(join(packageFolder, "shared/clients", file)));
const { canonicalRequest, signed } = await load("sigv4.js");
const { endpointOf } = await load("aws-place.js");
const { awsKms } = await load("aws.js");

const examples = JSON.parse(await readFile(new URL("../../crates/kms-api/tests/sigv4/aws.json", import.meta.url), "utf8"));

for (const example of examples) {
  test(`AWS's example ${example.name}`, async () => {
    const { headers, claim } = given(example);
    const [, accessKeyId, day, region, service] = /Credential=([^/]+)\/(\d+)\/([^/]+)\/([^/]+)\//.exec(claim);
    const date = dateOf(headers["x-amz-date"]);
    assert.equal(date.toISOString().slice(0, 10).replaceAll("-", ""), day);
    const { host, "x-amz-date": _, "x-amz-security-token": sessionToken, ...more } = headers;
    const request = { method: example.method, url: urlOf(host, example.target), headers: more, body: example.body };
    // The session's token of an example may come after the signature.
    const isSigned = claim.includes("x-amz-security-token");
    const credentials = { accessKeyId, secretAccessKey: example.secret_access_key, ...(isSigned && { sessionToken }) };
    const sent = await signed(request, credentials, { region, service, date });
    assert.equal(sent.authorization, claim);
    const { canonical } = await canonicalRequest(request, { ...more, "x-amz-date": headers["x-amz-date"], ...(isSigned && { "x-amz-security-token": sessionToken }) });
    if (example.canonical_request) assert.equal(canonical, example.canonical_request);
  });
}

test("requests are signed as botocore signs them, whatever is in them", async () => {
  const sent = [];
  const record = async (url, { method, headers, body }) => {
    sent.push({ method, url, headers, body });
    return new Response("{}", { status: 400, headers: { "x-amzn-errortype": "ValidationException" } });
  };
  for (const { credentials, request, ...options } of odd()) {
    await assert.rejects(awsKms({ credentials, fetch: record, ...options }).generateDataKey(request), { name: "ValidationException" });
    Object.assign(sent.at(-1), credentials);
  }
  const questions = sent.map(({ headers: { authorization, "x-amz-date": date, "x-amz-security-token": _, ...headers }, ...rest }) => {
    return JSON.stringify({ ...rest, headers, date, region: authorization.split("/")[2], service: "kms" });
  });
  const answers = (await pythonScript("signer.py", questions.join("\n"))).trim().split("\n").map((line) => JSON.parse(line));
  assert.equal(answers.length, odd().length);
  answers.forEach((headers, n) => assert.deepEqual(sent[n].headers, headers, questions[n]));
});

test("endpoints are those of botocore, in every region, with FIPS and dual stack", async () => {
  const lines = (await pythonScript("endpoints.py", "")).trim().split("\n").map((line) => JSON.parse(line));
  assert.ok(lines.length > 150);
  // The client in Rust is tested on what is written down.
  if (isBlessing) await bless("endpoints.json", lines);
  assert.deepEqual(await rowsOf("endpoints.json"), lines);
  for (const [partition, region, fips, dualStack, url] of lines) {
    assert.equal(endpointOf(region, partition, { fips, dualStack }), url);
    // By the region's name alone.
    assert.equal(endpointOf(region, undefined, { fips, dualStack }), url);
  }
});

/** One example has a path that is not encoded, as no `URL` is and `fetch` sends none. */
function urlOf(host, target) {
  return /[^\0-\x7f]/.test(target.split("?")[0]) ? { host, pathname: target, search: "" } : new URL(`https://${host}${target}`);
}

/** Headers by their names in lower case, all values of one together. */
function given({ headers }) {
  const all = {};
  for (const [name, value] of headers) (all[name.toLowerCase()] ??= []).push(value);
  const { authorization: [claim], ...others } = all;
  return { claim: claim.trim(), headers: Object.fromEntries(Object.entries(others).map(([name, values]) => [name, values.length > 1 ? values : values[0].trim()])) };
}

function dateOf(text) {
  return new Date(text.replace(/(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z/, "$1-$2-$3T$4:$5:$6Z"));
}

/** What applications send, and what they had better not. */
function odd() {
  const credentials = { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY" };
  const session = { accessKeyId: "ASIAEXAMPLE", secretAccessKey: "+/=".repeat(13), sessionToken: `IQoJ${"+/=aZ0".repeat(150)}==` };
  const key = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";
  const contexts = [
    undefined,
    {},
    { tenant: "42" },
    { "": "" },
    { " a  b ": "\t c\n\r" },
    { "\"quoted\\\"": "</script>&amp;'" },
    { ключ: "значение", 鍵: "值", "😀": "\u{1F511}\u200d\u2028\u0000\u007f" },
    { __proto__: null, ["__proto__"]: "own", constructor: "c", toString: "t" },
    Object.fromEntries(Array.from({ length: 60 }, (_, n) => [`k${n}`, "v".repeat(n)])),
  ];
  const keys = [key, "arn:aws-cn:kms:cn-north-1:111122223333:alias/a b/ü+%", "arn:aws-us-gov:kms:us-gov-west-1:111122223333:key/mrk-1", "alias/документы", "1234abcd"];
  const endpoints = [undefined, "http://127.0.0.1:4566", "https://proxy.example:8443/aws/kms/", "http://[::1]:99/a b/%41//x~-_.!*'()/ü"];
  const rows = [
    ...contexts.map((EncryptionContext) => ({ credentials, request: { KeyId: key, NumberOfBytes: 32, EncryptionContext } })),
    ...keys.map((KeyId) => ({ credentials: session, request: { KeyId, KeySpec: "AES_256", GrantTokens: ["AQpAM2Rh+/=", "x"] } })),
    ...endpoints.map((endpoint) => ({ credentials: session, endpoint, request: { KeyId: key, NumberOfBytes: 1 } })),
    { credentials, fips: true, dualStack: true, request: { KeyId: key, NumberOfBytes: 64 } },
  ];
  return rows.map((row) => ({ region: "ap-southeast-2", ...row }));
}
