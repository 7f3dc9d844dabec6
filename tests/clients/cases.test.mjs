// The clients on the cases that those in Rust run too (`tests/tests/kms_clients.rs`), and messages that both write alike and open. `BLESS=1` writes down what
// the clients in JavaScript do.

import assert from "node:assert/strict";
import { mock, test } from "node:test";

import { answering, bless, clientOf, errorToFile, filesOfCalls, fromFile, isBlessing, rowsOf, toFile } from "./cases.mjs";
import { Client, azureKeyring, gcpKeyring, kmsKeyring, vaultKeyring } from "./vendors.mjs";

/** The time of all cases, and their randomness: data keys of sevens. */
const NOW = Date.parse("2026-01-15T12:00:00Z");
const sevens = (bytes) => bytes.fill(7);

for (const file of await filesOfCalls()) {
  const rows = await rowsOf(file);
  for (const row of rows) {
    test(`${file}: ${row.name}`, async () => {
      const { fetch, sent } = answering(row.answer ?? {});
      const outcome = await atThatTime(async () => clientOf(row.client, fetch)[row.call](fromFile(row.request))).then(toFile, errorToFile);
      const happened = JSON.parse(JSON.stringify({ sent: sent[0] ?? null, outcome }));
      if (isBlessing) Object.assign(row, happened);
      else assert.deepEqual(happened, { sent: row.sent, outcome: row.outcome });
      assert.ok(sent.length <= 1);
    });
  }
  test(`${file}: is not empty`, async () => {
    assert.ok(rows.length > 5);
    if (isBlessing) await bless(file, rows);
  });
}

const KEYRINGS = { aws: kmsKeyring, azure: azureKeyring, gcp: gcpKeyring, vault: vaultKeyring };
const messages = await rowsOf("messages.json");

for (const row of messages) {
  const keyring = (answer) => {
    const { fetch, sent } = answering(answer);
    return { sent, client: new Client({ keyring: KEYRINGS[row.keyring]({ kms: clientOf(row.client, fetch), keyId: row.keyId }) }) };
  };

  test(`a message under ${row.name} is written, byte for byte, and opened`, async () => {
    const [writer, reader] = [keyring(row.wrapped), keyring(row.unwrapped)];
    const message = await atThatTime(() => writer.client.encrypt(row.plaintext, { encryptionContext: row.encryptionContext }));
    const opened = await atThatTime(() => reader.client.decrypt(message, { encryptionContext: row.encryptionContext }));
    assert.equal(opened.text(), row.plaintext);
    const happened = { message: Buffer.from(message).toString("base64"), written: writer.sent[0], opened: reader.sent[0] };
    if (isBlessing) Object.assign(row, happened);
    else assert.deepEqual(happened, { message: row.message, written: row.written, opened: row.opened });
  });
}

test("messages are written down", async () => {
  assert.equal(messages.length, 5);
  if (isBlessing) await bless("messages.json", messages);
});

async function atThatTime(act) {
  mock.timers.enable({ apis: ["Date"], now: NOW });
  const random = mock.method(crypto, "getRandomValues", sevens);
  try {
    return await act();
  } finally {
    random.mock.restore();
    mock.timers.reset();
  }
}
