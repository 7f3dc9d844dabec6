// `waxseal kms`, from its command line to its exit code.

import { readFileSync } from "node:fs";
import process from "node:process";

import { Log } from "./log.js";
import { HELP, parseOptions } from "./options.js";
import { Server } from "./server.js";
import { EXIT_CODES, StartFailure } from "./start-failure.js";

export async function run(words) {
  try {
    await main(words);
  } catch (cause) {
    if (!(cause instanceof StartFailure)) throw cause;
    process.stderr.write(`waxseal kms: ${cause.message}\n`);
    process.exitCode = cause.exitCode;
  }
}

async function main([command, ...words]) {
  const { version } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));
  if (command === "--version" || command === "-V") return void process.stdout.write(`${version}\n`);
  if (command === "--help" || command === "-h") return void process.stdout.write(HELP);
  if (command !== "kms") throw new StartFailure("usage", "there is one command, `waxseal kms`; `waxseal kms --help` says how");
  const options = parseOptions(words, version);
  if (options === "help") return void process.stdout.write(HELP);
  if (options === "version") return void process.stdout.write(`${version}\n`);
  await serve(options);
}

async function serve(options) {
  // What is made in the state is for this user only.
  process.umask(0o077);
  const log = new Log(options.log, (text) => process.stderr.write(text));
  let isStopping = false;
  const stop = async (server, exitCode) => {
    if (isStopping) return;
    isStopping = true;
    process.exitCode = exitCode;
    await server.close();
    log.flush();
    process.exit();
  };
  const server = await Server.start(options, log, (server) => stop(server, EXIT_CODES.stopped));
  for (const signal of ["SIGTERM", "SIGINT"]) {
    process.on(signal, () => {
      // Somebody who asks twice does not want to wait.
      if (isStopping) process.exit(1);
      log.note("info", `${signal}: answering what has arrived, then stopping`);
      stop(server, 0);
    });
  }
  announce(server, options);
}

function announce({ address: { address, family, port }, admin, log }, options) {
  const url = `http://${family === "IPv6" ? `[${address}]` : address}:${port}`;
  if (admin?.isNew) process.stderr.write(introduction(admin, url, options));
  log.note("info", `waxseal kms ${options.version} is at ${url}, its state in ${options.state}`);
  if (admin && !admin.isNew) log.note("info", `the administrator's credentials are in ${admin.path}`);
  const ready = { event: "ready", url, host: address, port, pid: process.pid, version: options.version, state: options.state, admin: admin?.path };
  process.stdout.write(`${JSON.stringify(ready)}\n`);
}

/** Said once; the credentials stay in the file. */
function introduction({ path, identity: { principal, accessKeyId, secretAccessKey } }, url, { region }) {
  return `
This KMS is new. Its administrator is ${principal}:

  export AWS_ENDPOINT_URL_KMS=${url}
  export AWS_REGION=${region} AWS_DEFAULT_REGION=${region}
  export AWS_ACCESS_KEY_ID=${accessKeyId}
  export AWS_SECRET_ACCESS_KEY=${secretAccessKey}

They are kept in ${path} and not shown again.

`;
}
