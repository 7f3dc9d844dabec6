// No secret in the log, in the audit log, in an answer that refuses, or in a file of the state that is not there for it.

import assert from "node:assert/strict";
import { readFile, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";

import { Server, folder } from "./server.mjs";

const ROOT_KEY = Buffer.from("planted root key, 32 bytes long!");
const SECRET = "planted/secret+access+key/of+alice";
const TOKEN = "planted-session-token-of-alice";
const PLAINTEXT = Buffer.from("planted plaintext of a document");
const ALLOW = { Version: "2012-10-17", Statement: [{ Effect: "Allow", Action: "kms:*", Resource: "*" }] };

for (const form of ["text", "json"]) {
  test(`secrets stay where they are, with a log in ${form}`, async () => {
    const state = join(await folder(), "state");
    const identities = join(await folder(), "identities.json");
    const principal_arn = "arn:aws:sts::111122223333:assumed-role/App/alice";
    const alice = { name: "alice", access_key_id: "ASIAIOSFODNN7EXAMPLE", secret_access_key: SECRET, session_token: TOKEN };
    await writeFile(identities, JSON.stringify({ identities: [{ ...alice, principal_arn, account: "111122223333", iam_policies: [ALLOW] }] }));
    const options = ["--identities", identities, "--log", form];
    const server = await Server.start({ state, options, env: { WAXSEAL_ROOT_KEY: ROOT_KEY.toString("base64") } });
    const credentials = { accessKeyId: alice.access_key_id, secretAccessKey: SECRET, sessionToken: TOKEN };
    const client = await server.client(credentials);
    const { secrets, refusals } = await use(client);
    // The server ends as by a power cut, so that its log of changes is still there to be searched.
    const { stderr, stdout } = await server.kill();
    const places = { stderr, stdout, refusals: refusals.join("\n") };
    for (const name of await readdir(state)) places[name] = (await readFile(join(state, name))).toString("latin1");
    assert.ok(places["kms.sqlite-wal"].includes("GenerateDataKey"), "the audit log was searched");
    assert.ok(stderr.includes("GenerateDataKey") && stderr.includes(principal_arn), "the log was searched");
    assert.ok(!("root.key" in places) && !("admin.json" in places));
    for (const [what, secret] of Object.entries({ ...secrets, "secret access key": SECRET, "session token": TOKEN, "root key": ROOT_KEY })) {
      for (const text of formsOf(secret)) {
        for (const [place, content] of Object.entries(places)) assert.ok(!content.includes(text), `the ${what} is in ${place}`);
      }
    }
  });
}

/** Uses a KMS so that secrets pass through it. */
async function use(client) {
  const { KeyId } = (await client.call("CreateKey")).KeyMetadata;
  const sealed = await client.call("Encrypt", { KeyId, Plaintext: PLAINTEXT.toString("base64") });
  await client.call("Decrypt", { CiphertextBlob: sealed.CiphertextBlob });
  const dataKey = await client.call("GenerateDataKey", { KeyId, KeySpec: "AES_256" });
  const random = await client.call("GenerateRandom", { NumberOfBytes: 32 });
  const grant = { KeyId, GranteePrincipal: "arn:aws:iam::111122223333:user/bob", Operations: ["Decrypt"] };
  const { GrantToken } = await client.call("CreateGrant", grant);
  await client.call("Decrypt", { CiphertextBlob: sealed.CiphertextBlob, GrantTokens: [GrantToken] });
  const refused = [
    client.send("Encrypt", { KeyId: "alias/nothing", Plaintext: PLAINTEXT.toString("base64") }),
    client.send("Encrypt", { KeyId, Plaintext: PLAINTEXT.toString("base64"), EncryptionAlgorithm: "RSAES_OAEP_SHA_1" }),
    client.send("Decrypt", { CiphertextBlob: PLAINTEXT.toString("base64"), GrantTokens: [GrantToken] }),
    client.send("Encrypt", `{"KeyId":"${KeyId}","Plaintext":"${PLAINTEXT.toString("base64")}"`),
    client.send("Encrypt", { KeyId, Plaintext: PLAINTEXT.toString("base64") }, {}, ({ headers, text }) => ({ headers, text: `${text} ` })),
    client.send("Encrypt", { KeyId, Plaintext: PLAINTEXT.toString("base64") }, { credentials: { ...client.credentials, sessionToken: `${TOKEN}x` } }),
  ];
  const answers = await Promise.all(refused);
  assert.deepEqual(answers.filter(({ status }) => status < 400), []);
  const bytes = (text) => Buffer.from(text, "base64");
  const secrets = { plaintext: PLAINTEXT, "data key": bytes(dataKey.Plaintext), "random bytes": bytes(random.Plaintext), "grant token": GrantToken };
  return { secrets, refusals: answers.map(({ text }) => text) };
}

/** How a secret could be written. */
function formsOf(secret) {
  const bytes = Buffer.from(secret);
  return [bytes.toString("latin1"), bytes.toString("base64").replace(/=+$/, ""), bytes.toString("hex"), JSON.stringify([...bytes]).slice(1, -1)];
}
