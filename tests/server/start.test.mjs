// How the server starts and stops, and what it says when it does not.

import assert from "node:assert/strict";
import { chmod, stat, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { test } from "node:test";

import { Server, command, folder, node, refusal } from "./server.mjs";

const ENTRY = {
  name: "alice",
  access_key_id: "AKIAIOSFODNN7EXAMPLE",
  secret_access_key: "planted secret of alice",
  principal_arn: "arn:aws:iam::111122223333:user/alice",
  account: "111122223333",
  iam_policies: [],
};
const ALLOW = { Version: "2012-10-17", Statement: [{ Effect: "Allow", Action: "kms:*", Resource: "*" }] };

async function withFile(content) {
  const state = await folder();
  const path = join(state, "identities.json");
  await writeFile(path, typeof content === "string" ? content : JSON.stringify(content));
  return { state, path };
}

async function refused(words, code, pattern, given) {
  const answer = await command(["kms", "--port", "0", ...words], given);
  assert.match(answer.stderr, pattern);
  assert.equal(answer.code, code, answer.stderr);
  assert.equal(answer.stdout, "");
  assert.doesNotMatch(answer.stderr, /planted secret/);
}

test("a new state has an administrator, whose credentials are said once and kept", async () => {
  const state = join(await folder(), "new");
  const first = await Server.start({ state });
  assert.match(first.log, /AWS_SECRET_ACCESS_KEY=/);
  for (const [name, mode] of [["", 0o700], ["root.key", 0o600], ["admin.json", 0o600], ["kms.sqlite", 0o600]]) {
    assert.equal((await stat(join(state, name))).mode & 0o777, mode, name);
  }
  const { KeyMetadata } = await (await first.client()).call("CreateKey", { Description: "kept" });
  const { code, stderr } = await first.stop();
  assert.equal(code, 0);
  assert.match(stderr, /SIGTERM/);
  const second = await Server.start({ state });
  assert.doesNotMatch(second.log, /AWS_SECRET_ACCESS_KEY/);
  const described = await (await second.client()).call("DescribeKey", { KeyId: KeyMetadata.KeyId });
  assert.equal(described.KeyMetadata.Description, "kept");
  await second.stop();
});

test("the command line says what there is and what is wrong with it", async () => {
  for (const words of [["--help"], ["kms", "--help"]]) {
    const help = await command(words);
    assert.equal(help.code, 0);
    assert.match(help.stdout, /--identities FILE/);
  }
  assert.match((await command(["--version"])).stdout, /^\d+\.\d+\.\d+\n$/);
  for (const [words, pattern] of [
    [["serve"], /one command/],
    [["kms", "--prot", "1"], /--prot/],
    [["kms", "--port", "70000"], /--port `70000` is not a whole number from 0 to 65535/],
    [["kms", "--clock", "moon"], /--clock `moon` is not one of real, virtual/],
    [["kms", "--grant-consistency", "-1"], /--grant-consistency/],
    [["kms", "--grant-consistency", "3601"], /--grant-consistency `3601` is not a whole number from 0 to 3600/],
    [["kms", "--account", "1"], /--account `1` is not 12 digits/],
    [["kms", "--host", "0.0.0.0"], /give --identities too/],
  ]) {
    const { code, stderr } = await command(words);
    assert.equal(code, 2);
    assert.match(stderr, pattern);
  }
});

test("an older Node is told which one to get", async () => {
  const older = "data:text/javascript,Object.defineProperty(process,'versions',{value:{...process.versions,node:'22.12.0'}})";
  const { code, stderr } = await command(["kms"], { program: [node, "--import", older] });
  assert.equal(code, 3);
  assert.match(stderr, /needs Node 22\.13 or newer for its database, and this is 22\.12\.0; .*npx -p node@24/);
});

test("one server has a state at a time", async () => {
  const state = await folder();
  const server = await Server.start({ state });
  await refused(["--state", state], 6, /another server is using/);
  await server.kill();
  await (await Server.start({ state })).stop();
});

test("a state that can not be used is told", async () => {
  const { state, path } = await withFile("{}");
  await refused(["--state", path], 6, /--state .* can not be used/);
  await writeFile(join(state, "kms.sqlite"), "this is no database, however long it is");
  await refused(["--state", state], 6, /kms\.sqlite` can not be opened: file is not a database/);
});

test("a root key is taken from the environment or a private file", async () => {
  const state = await folder();
  const rootKey = Buffer.alloc(32, 7);
  for (const WAXSEAL_ROOT_KEY of [rootKey.toString("hex"), rootKey.toString("base64")]) {
    await (await Server.start({ state, env: { WAXSEAL_ROOT_KEY } })).stop();
  }
  await refused(["--state", state], 5, /under another root key/);
  for (const WAXSEAL_ROOT_KEY of ["", "short", rootKey.toString("hex").slice(1), Buffer.alloc(33).toString("base64")]) {
    await refused(["--state", state], 5, /WAXSEAL_ROOT_KEY is not a root key: 32 bytes/, { env: { WAXSEAL_ROOT_KEY } });
  }
  const path = join(state, "root.key");
  await writeFile(path, rootKey.toString("base64"));
  await (await Server.start({ state })).stop();
  await chmod(path, 0o640);
  await refused(["--state", state], 5, /root\.key` can be read by others; take that away: chmod 600 '.*root\.key'/);
});

test("an address that can not be had is told", async () => {
  const other = createServer();
  await new Promise((resolve) => other.listen(0, "127.0.0.1", resolve));
  const port = String(other.address().port);
  const state = await folder();
  const answer = await command(["kms", "--state", state, "--port", port]);
  assert.equal(answer.code, 7);
  assert.match(answer.stderr, /is in use/);
  other.close();
});

test("a complaint about identities names the entry and its member", async () => {
  const entry = (changes) => ({ identities: [ENTRY, { ...ENTRY, name: "bob", access_key_id: "AKIAI44QH8DHBEXAMPLE", ...changes }] });
  for (const [content, pattern] of [
    ['{"identities": [{"secret_access_key": "planted secret",}]}', /the file is not JSON, at line 1, column 56/],
    ["planted secret", /the file is not JSON/],
    [{}, /the file is not an object with a list "identities"/],
    [{ identities: [] }, /identities has no entry/],
    [{ identities: [7] }, /identities\[0\] is not an object/],
    [entry({ name: "" }), /identities\[1\]\.name is not a string/],
    [entry({ name: "alice" }), /identities\[1\]\.name is that of identities\[0\] too/],
    [entry({ access_key_id: ENTRY.access_key_id }), /identities\[1\]\.access_key_id is that of identities\[0\] too/],
    [entry({ access_key_id: "short" }), /identities\[1\] is refused: `short` is not an access key id/],
    [entry({ account: "444455556666" }), /identities\[1\]\.account is `444455556666`, and .* is of account `111122223333`/],
    [entry({ principal_arn: "arn:aws:iam::111122223333:key/x" }), /identities\[1\] is refused: /],
    [entry({ iam_policies: undefined }), /identities\[1\]\.iam_policies is not a list/],
    [entry({ iam_policies: [ALLOW, { Statement: [{ Effect: "Maybe" }] }] }), /identities\[1\]\.iam_policies\[1\] is refused: /],
    [entry({ permissions_boundary: 7 }), /identities\[1\]\.permissions_boundary is neither/],
    [entry({ tags: { team: 7 } }), /identities\[1\]\.tags is neither/],
    [entry({ policies: [] }), /identities\[1\] has a member `policies`; there is name, /],
  ]) {
    const { state, path } = await withFile(content);
    await refused(["--state", state, "--identities", path], 4, pattern);
  }
  await refused(["--state", await folder(), "--identities", "no-such-file"], 4, /no-such-file` can not be read/);
});

test("identities are who they are in the file, at every start", async () => {
  const credentials = { accessKeyId: ENTRY.access_key_id, secretAccessKey: ENTRY.secret_access_key };
  const { state, path } = await withFile({ identities: [{ ...ENTRY, iam_policies: [ALLOW] }] });
  const first = await Server.start({ state, options: ["--identities", path] });
  const { KeyMetadata } = await (await first.client(credentials)).call("CreateKey");
  const { KeyId } = KeyMetadata;
  await first.stop();
  await writeFile(path, JSON.stringify({ identities: [ENTRY] }));
  const second = await Server.start({ state, options: ["--identities", path] });
  assert.equal(await refusal((await second.client(credentials)).call("DescribeKey", { KeyId })), "AccessDeniedException");
  await second.stop();
  const limited = { iam_policies: [ALLOW], permissions_boundary: { ...ALLOW, Statement: [{ ...ALLOW.Statement[0], Action: "kms:DescribeKey" }] } };
  const tagged = { Effect: "Allow", Action: "kms:DescribeKey", Resource: "*", Condition: { StringEquals: { "aws:PrincipalTag/team": "blue" } } };
  const entries = [
    { ...ENTRY, ...limited },
    { ...ENTRY, name: "bob", access_key_id: "AKIAI44QH8DHBEXAMPLE", principal_arn: "arn:aws:iam::111122223333:user/bob", tags: { team: "blue" } },
    { ...ENTRY, name: "eve", access_key_id: "AKIAI55QH8DHBEXAMPLE", principal_arn: "arn:aws:iam::111122223333:user/eve", tags: [{ Key: "team", Value: "red" }] },
  ];
  for (const entry of entries.slice(1)) entry.iam_policies = [JSON.stringify({ ...ALLOW, Statement: [tagged] })];
  await writeFile(path, JSON.stringify({ identities: entries }));
  const third = await Server.start({ state, options: ["--identities", path] });
  const outcomes = {};
  for (const { name, access_key_id: accessKeyId } of entries) {
    const client = await third.client({ ...credentials, accessKeyId });
    outcomes[name] = [await refusal(client.call("DescribeKey", { KeyId })), await refusal(client.call("GenerateDataKey", { KeyId, KeySpec: "AES_256" }))];
  }
  assert.deepEqual(outcomes, {
    alice: ["no refusal", "AccessDeniedException"],
    bob: ["no refusal", "AccessDeniedException"],
    eve: ["AccessDeniedException", "AccessDeniedException"],
  });
  await third.stop();
});

test("a grant takes as long to be seen as the server was told", async () => {
  const root = { ...ENTRY, name: "root", access_key_id: "AKIAI44QH8DHBEXAMPLE", principal_arn: "arn:aws:iam::111122223333:root" };
  const { state, path } = await withFile({ identities: [ENTRY, root] });
  const options = ["--identities", path, "--grant-consistency", "300", "--clock", "virtual", "--control"];
  const server = await Server.start({ state, options });
  const [alice, administrator] = await Promise.all(
    [ENTRY, root].map(({ access_key_id: accessKeyId, secret_access_key: secretAccessKey }) => server.client({ accessKeyId, secretAccessKey })),
  );
  const { KeyId } = (await administrator.call("CreateKey")).KeyMetadata;
  const { GrantToken } = await administrator.call("CreateGrant", { KeyId, GranteePrincipal: ENTRY.principal_arn, Operations: ["DescribeKey"] });
  assert.equal(await refusal(alice.call("DescribeKey", { KeyId })), "AccessDeniedException");
  assert.equal(await refusal(alice.call("DescribeKey", { KeyId, GrantTokens: [GrantToken] })), "no refusal");
  await alice.raw("POST", "/_waxseal/clock", { text: '{"advance_seconds":300}' });
  assert.equal(await refusal(alice.call("DescribeKey", { KeyId })), "no refusal");
  await server.stop();
});

test("what has arrived is answered before it stops", async () => {
  const state = await folder();
  const server = await Server.start({ state });
  const client = await server.client();
  await client.call("CreateKey");
  const answers = Array.from({ length: 20 }, () => client.call("CreateKey"));
  await client.call("ListKeys");
  const end = server.stop();
  const outcomes = await Promise.allSettled(answers);
  assert.equal((await end).code, 0);
  const acknowledged = outcomes.filter(({ status }) => status === "fulfilled").length;
  assert.equal(acknowledged, 20);
  const again = await Server.start({ state });
  assert.equal((await (await again.client()).call("ListKeys")).Keys.length, 21);
  await again.stop();
});
