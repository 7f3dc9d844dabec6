// What a server has acknowledged: workers change a KMS until it is killed and note what they were told, and what they did not get to hear.

import assert from "node:assert/strict";
import { randomBytes, randomInt } from "node:crypto";

/** Keys of one worker, each with the last value of everything that it was told, and the value that was on its way. */
export class Worker {
  keys = [];
  ciphertexts = [];
  requestIds = [];
  #name;
  #count = 0;

  constructor(name) {
    this.#name = name;
  }

  /** Changes one thing after the other until the server is gone. */
  async run(client) {
    try {
      await this.#createKey(client);
      for (;;) await this.#change(client);
    } catch (error) {
      // A connection that breaks has no name of AWS's.
      if (error.status !== undefined) throw error;
    }
  }

  #change(client) {
    const key = this.keys[randomInt(this.keys.length)];
    const ciphers = [this.#encrypt, this.#encrypt, this.#encrypt];
    const steps = [...ciphers, this.#createKey, this.#createAlias, this.#describe, this.#grant, this.#revoke, this.#replacePolicy, this.#toggle];
    return steps[randomInt(steps.length)].call(this, client, key);
  }

  async #ask(client, operation, body) {
    const { status, headers, text } = await client.send(operation, body);
    if (status !== 200) throw Object.assign(new Error(`${operation}: ${text}`), { status });
    this.requestIds.push(headers["x-amzn-requestid"]);
    return text === "" ? {} : JSON.parse(text);
  }

  #next() {
    return `${this.#name}-${++this.#count}`;
  }

  async #createKey(client) {
    const description = this.#next();
    const { KeyMetadata } = await this.#ask(client, "CreateKey", { Description: description });
    const settled = { description: [description], sid: [DEFAULT_SID], enabled: [true] };
    this.keys.push({ id: KeyMetadata.KeyId, ...settled, aliases: [], grants: new Set(), revoked: new Set() });
  }

  async #createAlias(client, key) {
    const alias = `alias/${this.#next()}`;
    await this.#ask(client, "CreateAlias", { AliasName: alias, TargetKeyId: key.id });
    key.aliases.push(alias);
  }

  #describe(client, key) {
    const description = this.#next();
    return this.#settle(key, "description", description, () => this.#ask(client, "UpdateKeyDescription", { KeyId: key.id, Description: description }));
  }

  async #encrypt(client, key) {
    if (key.enabled.includes(false)) return;
    const plaintext = randomBytes(16).toString("base64");
    const { CiphertextBlob } = await this.#ask(client, "Encrypt", { KeyId: key.id, Plaintext: plaintext });
    this.ciphertexts.push({ key, plaintext, blob: CiphertextBlob });
  }

  async #grant(client, key) {
    if (key.enabled.includes(false)) return;
    const grant = { GranteePrincipal: "arn:aws:iam::111122223333:user/bob", Operations: ["Decrypt"], Name: this.#next() };
    const { GrantId } = await this.#ask(client, "CreateGrant", { KeyId: key.id, ...grant });
    key.grants.add(GrantId);
  }

  async #revoke(client, key) {
    const [grant] = key.grants;
    if (grant === undefined) return;
    // From here on it may be gone.
    key.grants.delete(grant);
    await this.#ask(client, "RevokeGrant", { KeyId: key.id, GrantId: grant });
    key.revoked.add(grant);
  }

  #replacePolicy(client, key) {
    const sid = this.#next().replaceAll("-", "");
    const statement = { Sid: sid, Effect: "Allow", Principal: { AWS: "arn:aws:iam::111122223333:root" }, Action: "kms:*", Resource: "*" };
    const policy = { Version: "2012-10-17", Statement: [statement] };
    return this.#settle(key, "sid", sid, () => this.#ask(client, "PutKeyPolicy", { KeyId: key.id, Policy: JSON.stringify(policy) }));
  }

  #toggle(client, key) {
    const enabled = !key.enabled.at(-1);
    return this.#settle(key, "enabled", enabled, () => this.#ask(client, enabled ? "EnableKey" : "DisableKey", { KeyId: key.id }));
  }

  /** Until the answer is there, both values may be the one that counts. */
  async #settle(key, member, value, ask) {
    key[member] = [...key[member], value];
    await ask();
    key[member] = [value];
  }

  /** Everything that was acknowledged is there. */
  async verify(client) {
    for (const key of this.keys) await verifyKey(client, key);
    for (const { key, plaintext, blob } of this.ciphertexts) {
      if (key.enabled[0]) assert.equal((await client.call("Decrypt", { CiphertextBlob: blob })).Plaintext, plaintext);
    }
  }
}

async function verifyKey(client, key) {
  const KeyId = key.id;
  const { KeyMetadata } = await client.call("DescribeKey", { KeyId });
  assert.ok(key.description.includes(KeyMetadata.Description), `${KeyMetadata.Description} is none of ${key.description}`);
  assert.ok(key.enabled.includes(KeyMetadata.Enabled), `${KeyMetadata.Enabled} is none of ${key.enabled}`);
  const { Grants } = await client.call("ListGrants", { KeyId, Limit: 100 });
  const ids = new Set(Grants.map(({ GrantId }) => GrantId));
  for (const grant of key.grants) assert.ok(ids.has(grant), `the grant ${grant} is gone`);
  for (const grant of key.revoked) assert.ok(!ids.has(grant), `the grant ${grant} is there again`);
  if (key.aliases.length > 0) {
    const { Aliases } = await client.call("ListAliases", { KeyId, Limit: 100 });
    const names = Aliases.map(({ AliasName }) => AliasName);
    for (const alias of key.aliases) assert.ok(names.includes(alias), `${alias} is gone`);
  }
  const [{ Sid }] = JSON.parse((await client.call("GetKeyPolicy", { KeyId })).Policy).Statement;
  assert.ok(key.sid.includes(Sid), `${Sid} is none of ${key.sid}`);
  // What was on its way is decided now, and stays so.
  [key.description, key.enabled, key.sid] = [[KeyMetadata.Description], [KeyMetadata.Enabled], [Sid]];
  if (!KeyMetadata.Enabled) {
    await client.call("EnableKey", { KeyId });
    key.enabled = [true];
  }
}

/** Of the policy that a key has by itself. */
const DEFAULT_SID = "Enable IAM User Permissions";
