// Requests a second over HTTP, of the server with its writes on the disk and of moto's, which keeps everything in memory and verifies no
// signature. Both are asked by the same client with the same signed requests, in turn, so that a busy machine slows both.
// `cargo xtask bench` runs it with WAXSEAL_TARBALL, WAXSEAL_NODE and WAXSEAL_BENCH_PYTHON set.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";

import { folder } from "./installed.mjs";
import { ask, signedRequest, throughput } from "./kms-client.mjs";

const ROUNDS = 5;
const MILLISECONDS = 1500;

const children = [];
// However this ends; before the folder goes.
process.prependOnceListener("exit", () => {
  for (const child of children) child.kill("SIGKILL");
});
const peers = { waxseal: await waxseal(), moto: await moto() };
console.log("median requests a second; ratio = waxseal / moto, above 1 waxseal is faster\n");
console.log("operation        connections  waxseal       moto    ratio");
for (const operation of ["GenerateDataKey", "Decrypt"]) {
  for (const connections of [1, 16]) {
    const [ours, theirs] = await measure(operation, connections);
    console.log([operation.padEnd(16), String(connections).padStart(11), ours.toFixed(0).padStart(8), theirs.toFixed(0).padStart(10), (ours / theirs).toFixed(2).padStart(8)].join(" "));
  }
}
process.exit();

/** One round of each in turn; the first warms up. */
async function measure(operation, connections) {
  const counts = { waxseal: [], moto: [] };
  for (let round = 0; round <= ROUNDS; round++) {
    for (const [name, { port, requests }] of Object.entries(peers)) {
      const rate = await throughput({ port, bytes: requests[operation], connections, milliseconds: round === 0 ? 500 : MILLISECONDS });
      if (round > 0) counts[name].push(rate);
    }
  }
  return [median(counts.waxseal), median(counts.moto)];
}

async function waxseal() {
  const state = join(folder, "state");
  const words = [join(folder, "node_modules/waxseal/server/bin.js"), "kms", "--port", "0", "--state", state];
  const child = spawn(process.env.WAXSEAL_NODE, words, { stdio: ["ignore", "pipe", "ignore"] });
  children.push(child);
  const [line] = await once(child.stdout.setEncoding("utf8"), "data");
  const { port } = JSON.parse(line);
  const [own] = JSON.parse(readFileSync(join(state, "admin.json"), "utf8")).identities;
  return { port, requests: await prepare(port, { accessKeyId: own.access_key_id, secretAccessKey: own.secret_access_key }) };
}

async function moto() {
  // It does not say which port it took; the system gives those from 32,768 up to others.
  const port = 20_000 + Math.floor(Math.random() * 12_000);
  const words = ["-c", "from moto.server import main; main()", "-H", "127.0.0.1", "-p", String(port)];
  const child = spawn(process.env.WAXSEAL_BENCH_PYTHON, words, { stdio: ["ignore", "ignore", "pipe"] });
  children.push(child);
  let said = "";
  child.stderr.on("data", (text) => (said = `${said}${text}`.slice(-2000)));
  for (let attempt = 0; ; attempt++) {
    try {
      return { port, requests: await prepare(port, { accessKeyId: "AKIAIOSFODNN7EXAMPLE", secretAccessKey: "secret" }) };
    } catch (error) {
      if (error.code !== "ECONNREFUSED" || child.exitCode !== null || attempt === 300) throw new Error(`moto's server: ${said}`, { cause: error });
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }
}

/** The requests that are sent over and over. */
async function prepare(port, credentials) {
  const request = (operation, body) => signedRequest({ port, credentials, operation, body });
  const { KeyMetadata } = await ask(port, request("CreateKey", {}));
  const generate = request("GenerateDataKey", { KeyId: KeyMetadata.KeyId, KeySpec: "AES_256" });
  const { CiphertextBlob } = await ask(port, generate);
  return { GenerateDataKey: generate, Decrypt: request("Decrypt", { CiphertextBlob }) };
}

function median(values) {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
}
