// A hundred power cuts, as far as a process can tell: SIGKILL at random moments while clients change things.

import assert from "node:assert/strict";
import { randomInt } from "node:crypto";
import { test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";

import { Worker } from "./model.mjs";
import { Server, folder, packageFolder } from "./server.mjs";

const KILLS = 100;
const WORKERS = 8;

test(`what was acknowledged survives ${KILLS} kills`, { timeout: 300_000 }, async (context) => {
  const state = await folder();
  const all = [];
  let latest = [];
  for (let round = 0; round < KILLS; round++) {
    const server = await Server.start({ state });
    const client = await server.client();
    await Promise.all(latest.map((worker) => worker.verify(client)));
    latest = Array.from({ length: WORKERS }, (_, index) => new Worker(`r${round}w${index}`));
    all.push(...latest);
    const work = latest.map((worker) => worker.run(client));
    // After so many answers, and then at any moment.
    const enough = randomInt(40);
    while (count(latest, "requestIds") < enough) await pause(1);
    await pause(20 * Math.random());
    await server.kill();
    await Promise.all(work);
    client.close();
    // Now and then also while it starts.
    if (round % 10 === 0) await killWhileStarting(state);
  }
  const server = await Server.start({ state });
  const client = await server.client();
  for (let index = 0; index < all.length; index += WORKERS) {
    await Promise.all(all.slice(index, index + WORKERS).map((worker) => worker.verify(client)));
  }
  assert.equal((await server.stop()).code, 0);

  const requestIds = await auditedRequests(state);
  const told = all.flatMap((worker) => worker.requestIds);
  assert.equal(told.filter((id) => !requestIds.has(id)).length, 0, "an acknowledged change is not in the audit log");
  context.diagnostic(`${told.length} acknowledged requests: ${count(all, "keys")} keys, ${count(all, "ciphertexts")} ciphertexts`);
});

function count(workers, member) {
  return workers.reduce((sum, worker) => sum + worker[member].length, 0);
}

async function killWhileStarting(state) {
  const server = new Server({ state });
  await pause(randomInt(200));
  await server.kill();
}

/** The ids of all requests in the audit log, read from the state as SQLite has it. */
async function auditedRequests(state) {
  const { Database } = await import(`${packageFolder}/server/database.js`);
  const { SqliteStore } = await import(`${packageFolder}/shared/kms/sqlite-store.js`);
  const database = await Database.open(`${state}/kms.sqlite`);
  const lines = new SqliteStore(database.exec).audit(0, 2 ** 31);
  database.close();
  return new Set(lines.map((line) => JSON.parse(line).requestID));
}
