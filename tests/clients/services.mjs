// What the clients are tested against, each as its vendor or its community ships it, in a process of its own on this machine.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after } from "node:test";

const python = named("WAXSEAL_CLIENTS_PYTHON");

/** moto's server, an emulator of AWS in Python: its address. */
export async function moto() {
  const port = await freePort();
  start(python, ["-m", "moto.server", "-H", "127.0.0.1", "-p", `${port}`]);
  const url = `http://127.0.0.1:${port}`;
  await answers(`${url}/moto-api/data.json`);
  return url;
}

/** LocalStack, another emulator of AWS, whose KMS is its own: its address; `undefined` where it could not be installed. */
export async function localStack() {
  if (process.env.WAXSEAL_LOCALSTACK_PYTHON === "") return undefined;
  const [port, state] = [await freePort(), await mkdtemp(join(tmpdir(), "localstack-"))];
  after(() => rm(state, { recursive: true, force: true, maxRetries: 3 }));
  start(named("WAXSEAL_LOCALSTACK_PYTHON"), ["-m", "localstack.runtime.main"], {
    GATEWAY_LISTEN: `127.0.0.1:${port}`,
    GATEWAY_SERVER: "hypercorn",
    FILESYSTEM_ROOT: state,
    SERVICES: "kms",
    // It asks nobody else anything.
    DNS_ADDRESS: "0",
    DISABLE_EVENTS: "1",
    SKIP_SSL_CERT_DOWNLOAD: "1",
  });
  const url = `http://127.0.0.1:${port}`;
  await answers(`${url}/_localstack/health`);
  return url;
}

/** OpenBao itself, unsealed and in memory: `{ url, token, call(path, body?) }`. */
export async function openBao() {
  const [port, token] = [await freePort(), "root-of-the-test"];
  const options = ["server", "-dev", "-dev-no-store-token", `-dev-root-token-id=${token}`, `-dev-listen-address=127.0.0.1:${port}`];
  start(join(dirname(python), "bao"), options);
  const url = `http://127.0.0.1:${port}`;
  await answers(`${url}/v1/sys/health`);
  return {
    url,
    token,
    async call(path, body, headers = {}) {
      const method = body ? "POST" : "GET";
      const response = await fetch(`${url}/v1/${path}`, { method, headers: { "x-vault-token": token, ...headers }, body: body && JSON.stringify(body) });
      if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
      return response.status === 204 ? undefined : response.json();
    },
  };
}

/** Runs a Python script of this folder to its end: its output. */
export async function pythonScript(name, input) {
  const child = spawn(python, [join(import.meta.dirname, name)], { stdio: ["pipe", "pipe", "inherit"] });
  child.stdin.end(input);
  let output = "";
  child.stdout.setEncoding("utf8").on("data", (text) => (output += text));
  const [code] = await once(child, "close");
  if (code !== 0) throw new Error(`${name} ended with ${code}`);
  return output;
}

async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  server.close();
  await once(server, "close");
  return port;
}

function named(variable) {
  const path = process.env[variable];
  if (!path) throw new Error(`${variable} is not set; run \`cargo xtask test clients\``);
  return path;
}

function start(program, words, variables = {}) {
  // A group of its own: a program may be a script that starts the real one.
  const child = spawn(program, words, { stdio: "ignore", detached: true, env: { ...process.env, ...variables } });
  after(() => process.kill(-child.pid, "SIGKILL"));
}

async function answers(url) {
  for (let tries = 0; tries < 300; tries++) {
    if (await fetch(url).then((response) => response.arrayBuffer(), () => false)) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`${url} does not answer`);
}
