// The server as a user starts it: the command of the installed tarball, in a process of its own, with its state in a folder of its own.

import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { Agent, request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after } from "node:test";
import { promisify } from "node:util";

import { signedHeaders } from "./signing.mjs";

const run = promisify(execFile);

/** A folder that the test file removes at its end. */
export async function folder() {
  const path = await mkdtemp(join(tmpdir(), "waxseal-server-"));
  after(() => rm(path, { recursive: true, force: true }));
  return path;
}

/** The package's folder, installed from the tarball. */
export const packageFolder = await install();
export const bin = join(packageFolder, "server/bin.js");
const started = new Set();
// Whoever a failed test has left running.
after(() => Promise.all(Array.from(started, (server) => server.kill().catch(() => {}))));
/** A Node with SQLite. */
export const node = process.env.WAXSEAL_NODE ?? process.execPath;

async function install() {
  const tarball = process.env.WAXSEAL_TARBALL;
  if (!tarball) throw new Error("WAXSEAL_TARBALL is not set; run `cargo xtask test server`");
  const project = await folder();
  await writeFile(join(project, "package.json"), JSON.stringify({ name: "project", private: true, type: "module" }));
  const options = ["--offline", "--no-audit", "--no-fund", "--no-update-notifier", "--ignore-scripts"];
  await run("npm", ["install", ...options, tarball], { cwd: project });
  return join(project, "node_modules/waxseal");
}

/** Runs the command to its end, for what never becomes a server: `{ code, stdout, stderr }`. */
export async function command(words, { env = {}, program = [node] } = {}) {
  const [file, ...before] = program;
  const child = spawn(file, [...before, bin, ...words], { env: { ...process.env, ...env }, timeout: 20_000 });
  return { ...(await ended(child)), pid: child.pid };
}

async function ended(child) {
  const output = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"]) child[name].setEncoding("utf8").on("data", (text) => (output[name] += text));
  const [code, signal] = await once(child, "close");
  return { code, signal, ...output };
}

export class Server {
  /** A server that is ready; `before` is a program that runs it, such as strace. */
  static async start(how) {
    const server = new Server(how);
    const end = server.end.then(({ code, stderr }) => fail(`it ended with ${code}: ${stderr}`));
    server.ready = await Promise.race([firstLine(server.child.stdout), end]);
    end.catch(() => {});
    return server;
  }

  /** A server that may not be ready yet. */
  constructor({ state, options = [], env = {}, before = [] }) {
    const [file, ...words] = [...before, node, bin, "kms", "--port", "0", "--state", state, ...options];
    this.state = state;
    this.child = spawn(file, words, { env: { ...process.env, ...env } });
    this.end = ended(this.child);
    this.log = "";
    this.child.stderr.on("data", (text) => (this.log += text));
    started.add(this);
  }

  get isRunning() {
    return this.child.exitCode === null && this.child.signalCode === null;
  }

  get url() {
    return this.ready.url;
  }

  get port() {
    return this.ready.port;
  }

  /** Ends it in the way of a power cut. */
  async kill() {
    // By its own id: the child may be a program that runs it.
    if (this.isRunning) process.kill(this.ready?.pid ?? this.child.pid, "SIGKILL");
    return this.end;
  }

  async stop() {
    if (this.isRunning) process.kill(this.ready.pid, "SIGTERM");
    return this.end;
  }

  /** Who asks: by default the administrator that the server has made. */
  async client(credentials) {
    return new Client(this.port, credentials ?? (await administrator(this.state)));
  }
}

export async function administrator(state) {
  const [entry] = JSON.parse(await readFile(join(state, "admin.json"), "utf8")).identities;
  return { accessKeyId: entry.access_key_id, secretAccessKey: entry.secret_access_key };
}

async function firstLine(stream) {
  let text = "";
  for await (const chunk of on(stream)) {
    text += chunk;
    if (text.includes("\n")) return JSON.parse(text.slice(0, text.indexOf("\n")));
  }
}

/** The chunks of a stream that is read on by somebody else. */
async function* on(stream) {
  for (;;) yield (await once(stream, "data"))[0];
}

function fail(message) {
  throw new Error(message);
}

/** A client that signs, with as many connections as it needs. */
export class Client {
  #agent = new Agent({ keepAlive: true });

  constructor(port, credentials) {
    this.port = port;
    this.host = `127.0.0.1:${port}`;
    this.credentials = credentials;
  }

  /** Asks; the answer's members, or an error with AWS's name. */
  async call(operation, body = {}) {
    const { status, text } = await this.send(operation, body);
    const answer = text === "" ? {} : JSON.parse(text);
    if (status === 200) return answer;
    throw Object.assign(new Error(answer.message), { name: answer.__type, status });
  }

  /** Signs as `how` says, lets `alter` change headers and text, and sends: `{ status, headers, text }`. */
  send(operation, body, how = {}, alter = (parts) => parts) {
    const text = typeof body === "string" ? body : JSON.stringify(body);
    const headers = signedHeaders({ host: this.host, credentials: this.credentials, operation, text, ...how });
    return this.raw("POST", "/", alter({ headers, text }));
  }

  raw(method, path, { headers = {}, text = "" }) {
    return new Promise((resolve, reject) => {
      const body = Buffer.from(text);
      const options = { host: "127.0.0.1", port: this.port, method, path, agent: this.#agent, headers: { ...headers, "content-length": body.length } };
      const sent = request(options, (response) => {
        let text = "";
        response.setEncoding("utf8").on("data", (chunk) => (text += chunk));
        response.on("end", () => resolve({ status: response.statusCode, headers: response.headers, text }));
        response.on("error", reject);
      });
      sent.on("error", reject);
      sent.end(body);
    });
  }

  close() {
    this.#agent.destroy();
  }
}

/** The name of the error that a call ends with. */
export async function refusal(promise) {
  return promise.then(() => "no refusal", (error) => error.name);
}
