// Who may sign, from a file such as {"identities":[{"name","access_key_id","secret_access_key","principal_arn","account","iam_policies":[…]}]}.
// Shapes are checked here; what ARNs, access keys and policies mean is the engine's to say, in the words of `describe`.

import { StartFailure } from "./start-failure.js";

/**
 * @typedef {object} Identity
 * @property {string} name
 * @property {string} principal an ARN
 * @property {string} accessKeyId
 * @property {string} secretAccessKey
 * @property {string | undefined} sessionToken
 * @property {[string, string][]} policies names and JSON texts
 */

/**
 * @param {string} text of the file
 * @param {string} path to blame
 * @returns {Identity[]}
 */
export function parseIdentities(text, path) {
  const blame = (what, problem) => new StartFailure("identities", `\`${path}\`: ${what} ${problem}`);
  let file;
  try {
    file = JSON.parse(text);
  } catch (cause) {
    throw blame("the file", `is not JSON: ${withoutContent(cause, text)}`);
  }
  if (!isObject(file) || !Array.isArray(file.identities)) throw blame("the file", 'is not an object with a list "identities"');
  rejectUnknown(file, ["identities"], "the file", blame);
  if (file.identities.length === 0) throw blame("identities", "has no entry: nobody could ask");
  const identities = file.identities.map((entry, index) => parseEntry(entry, `identities[${index}]`, blame));
  for (const member of ["name", "accessKeyId"]) rejectRepeated(identities, member, blame);
  return identities;
}

function parseEntry(entry, where, blame) {
  if (!isObject(entry)) throw blame(where, "is not an object");
  rejectUnknown(entry, MEMBERS, where, blame);
  const text = (member) => {
    if (typeof entry[member] !== "string" || entry[member] === "") throw blame(`${where}.${member}`, "is not a string with something in it");
    return entry[member];
  };
  const name = text("name");
  const principal = text("principal_arn");
  const account = text("account");
  if (!/^\d{12}$/.test(account)) throw blame(`${where}.account`, "is not an account of 12 digits");
  if (principal.split(":")[4] !== account) throw blame(`${where}.account`, `is \`${account}\`, and the ARN \`${principal}\` is of another one`);
  if (!Array.isArray(entry.iam_policies)) throw blame(`${where}.iam_policies`, "is not a list of policies; an empty one is []");
  return {
    name,
    principal,
    accessKeyId: text("access_key_id"),
    secretAccessKey: text("secret_access_key"),
    sessionToken: entry.session_token === undefined ? undefined : text("session_token"),
    policies: entry.iam_policies.map((policy, index) => [`${name} ${index + 1}`, document(policy, `${where}.iam_policies[${index}]`, blame)]),
    where,
  };
}

/** A policy may be given as an object or as its text. */
function document(policy, where, blame) {
  if (typeof policy === "string") return policy;
  if (!isObject(policy)) throw blame(where, "is neither a policy document nor the text of one");
  return JSON.stringify(policy);
}

function rejectUnknown(object, known, where, blame) {
  const unknown = Object.keys(object).find((name) => !known.includes(name));
  if (unknown !== undefined) throw blame(`${where}.${unknown}`, `is not a member that there is; there is ${known.join(", ")}`);
}

function rejectRepeated(identities, member, blame) {
  const seen = new Map();
  for (const { where, [member]: value } of identities) {
    if (seen.has(value)) throw blame(where, `has the ${NAMES[member]} of ${seen.get(value)}`);
    seen.set(value, where);
  }
}

/** What JSON.parse complains about, without the piece of the file that it quotes: that may be a secret. */
function withoutContent(cause, text) {
  const at = /position (\d+)/.exec(cause.message)?.[1];
  if (at === undefined) return "it ends too early, or begins with something else";
  const before = text.slice(0, Number(at)).split("\n");
  return `line ${before.length}, column ${before.at(-1).length + 1}`;
}

const isObject = (value) => typeof value === "object" && value !== null && !Array.isArray(value);
const NAMES = { name: "name", accessKeyId: "access key id" };
const MEMBERS = ["name", "access_key_id", "secret_access_key", "session_token", "principal_arn", "account", "iam_policies"];
