// The command line of `waxseal kms`.

import { parseArgs } from "node:util";

import { isLoopback } from "./control.js";
import { StartFailure } from "./start-failure.js";

/**
 * @typedef {object} Options
 * @property {number} port
 * @property {string} host
 * @property {string} state
 * @property {string | undefined} identities
 * @property {string} account
 * @property {string} region
 * @property {number} grantConsistency in seconds
 * @property {"real" | "virtual"} clock
 * @property {boolean} control
 * @property {"json" | "text"} log
 * @property {{ connections: number, requests: number, seconds: number }} limits
 * @property {string} version
 */

/** @returns {Options | "help" | "version"} */
export function parseOptions(words, version) {
  const { help, version: wantsVersion, ...given } = parse(words);
  if (help) return "help";
  if (wantsVersion) return "version";
  const options = {
    port: whole(given, "port", 0, 65_535),
    host: given.host,
    state: given.state,
    identities: given.identities,
    account: matching(given, "account", /^\d{12}$/, "12 digits"),
    region: matching(given, "region", /^[a-z0-9-]{1,32}$/, "a region such as us-east-1"),
    grantConsistency: whole(given, "grant-consistency", 0, 3600),
    clock: oneOf(given, "clock", ["real", "virtual"]),
    control: given.control,
    log: oneOf(given, "log", ["text", "json"]),
    limits: {
      connections: whole(given, "max-connections", 1, 65_535),
      requests: whole(given, "max-requests", 1, 65_535),
      seconds: whole(given, "request-timeout", 1, 3600),
    },
    version,
  };
  if (!isLoopback(options.host) && options.identities === undefined) {
    throw wrong(`--host \`${options.host}\` would let other machines ask, and there are only the administrator's own credentials; give --identities too`);
  }
  return options;
}

function parse(words) {
  try {
    return { ...DEFAULTS, ...parseArgs({ args: words, options: OPTIONS, strict: true }).values };
  } catch (cause) {
    throw wrong(cause.message);
  }
}

function whole(given, name, least, most) {
  const number = /^\d{1,5}$/.test(given[name]) ? Number(given[name]) : NaN;
  if (!(number >= least && number <= most)) throw wrong(`--${name} \`${given[name]}\` is not a whole number from ${least} to ${most}`);
  return number;
}

function matching(given, name, pattern, what) {
  if (!pattern.test(given[name])) throw wrong(`--${name} \`${given[name]}\` is not ${what}`);
  return given[name];
}

function oneOf(given, name, known) {
  if (!known.includes(given[name])) throw wrong(`--${name} \`${given[name]}\` is not one of ${known.join(", ")}`);
  return given[name];
}

function wrong(message) {
  return new StartFailure("usage", `${message}; \`waxseal kms --help\` says what there is`);
}

const TEXT = { type: "string" };
const SWITCH = { type: "boolean" };
const OPTIONS = {
  port: TEXT,
  host: TEXT,
  state: TEXT,
  identities: TEXT,
  account: TEXT,
  region: TEXT,
  "grant-consistency": TEXT,
  clock: TEXT,
  control: SWITCH,
  log: TEXT,
  "max-connections": TEXT,
  "max-requests": TEXT,
  "request-timeout": TEXT,
  help: { ...SWITCH, short: "h" },
  version: { ...SWITCH, short: "V" },
};
const DEFAULTS = {
  port: "4599",
  host: "127.0.0.1",
  state: ".waxseal",
  account: "111122223333",
  region: "us-east-1",
  "grant-consistency": "0",
  clock: "real",
  control: false,
  log: "text",
  "max-connections": "1024",
  "max-requests": "256",
  "request-timeout": "30",
};

export const HELP = `Usage: waxseal kms [options]

A KMS for any AWS client: give it the endpoint http://127.0.0.1:4599 and credentials that the server knows. Key policies, IAM policies,
grants and signatures are enforced. Every answer waits until what it changed is on the disk.

  --port PORT              where to listen; 0 takes any free port             (4599)
  --host HOST              on which address; another than this machine's own
                           needs --identities. There is no TLS in it          (127.0.0.1)
  --state DIR              the folder of keys, policies and audit log         (.waxseal)
  --identities FILE        who may sign; without it, one administrator, whose
                           credentials are in DIR/admin.json
  --account ID             the administrator's account                        (111122223333)
  --region REGION          of an administrator's request that names none      (us-east-1)
  --grant-consistency SEC  until a grant, or its end, is seen everywhere; at
                           AWS usually less than 300                          (0)
  --clock real|virtual     virtual: it stands still until it is moved         (real)
  --control                answer POST /_waxseal/clock {"advance_seconds": n}
                           and POST /_waxseal/reset, for this machine only
  --log text|json          the form of the lines on standard error            (text)
  --max-connections N      more get 503 at once                               (1024)
  --max-requests N         more at the same time get 503                      (256)
  --request-timeout SEC    for a request to arrive whole                      (30)
  --version, --help

The first line on standard output is JSON: {"event":"ready","url":"http://127.0.0.1:4599",…}.

FILE is {"identities":[{"name","access_key_id","secret_access_key","session_token"?,"principal_arn","account","iam_policies":[…],
"permissions_boundary"?,"tags"?}]}. Key material is encrypted under the root key: 32 bytes in base64 or hexadecimal in WAXSEAL_ROOT_KEY, else
DIR/root.key, which is made at the first start. Whoever has it and DIR has every key; without it nobody has any.

It exits with 0 when it is stopped by SIGTERM or SIGINT, 1 when the state can not be written any more, and when it does not start with 2 (the
command line), 3 (Node is too old), 4 (identities), 5 (root key), 6 (state) or 7 (address).
`;
