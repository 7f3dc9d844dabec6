// Who may sign, from a file such as {"identities":[{"name","access_key_id","secret_access_key","principal_arn","account","iam_policies":[…]}]}.
// Shapes are checked here; what ARNs, access keys and policies mean is the engine's to say. Every complaint names the entry and its member.

import { StartFailure } from "./start-failure.js";

export class Identities {
  #entries;
  #path;

  /** @param {string} text of the file at `path` */
  static parse(text, path) {
    const identities = new Identities(path);
    identities.#entries = identities.#read(text);
    return identities;
  }

  constructor(path) {
    this.#path = path;
  }

  get first() {
    return this.#entries[0];
  }

  /** Tells an engine who has which access key. */
  admit(engine) {
    for (const { where, principal, accessKeyId, secretAccessKey, sessionToken } of this.#entries) {
      this.#blame(where, () => engine.putIdentity(principal, accessKeyId, secretAccessKey, sessionToken));
    }
  }

  /** Attaches policies, boundaries and tags to their principals. */
  attach(engine) {
    for (const { where, name, principal, policies, boundary, tags } of this.#entries) {
      policies.forEach((text, index) => {
        this.#blame(`${where}.iam_policies[${index}]`, () => engine.putPolicy(principal, `${name} ${index + 1}`, text));
      });
      if (boundary !== undefined) this.#blame(`${where}.permissions_boundary`, () => engine.putBoundary(principal, boundary));
      for (const [key, value] of tags) this.#blame(`${where}.tags`, () => engine.putTag(principal, key, value));
    }
  }

  #blame(where, call) {
    try {
      call();
    } catch (cause) {
      throw cause.code === "InvalidInput" ? this.#refuse(where, `is refused: ${cause.message}`) : cause;
    }
  }

  #refuse(where, problem) {
    return new StartFailure("identities", `\`${this.#path}\`: ${where} ${problem}`);
  }

  #read(text) {
    const file = this.#parseJson(text);
    if (!isObject(file) || !Array.isArray(file.identities)) throw this.#refuse("the file", 'is not an object with a list "identities"');
    this.#rejectUnknown(file, ["identities"], "the file");
    if (file.identities.length === 0) throw this.#refuse("identities", "has no entry, so nobody could ask");
    const entries = file.identities.map((entry, index) => this.#readEntry(entry, `identities[${index}]`));
    this.#rejectRepeated(entries, "name", "name");
    this.#rejectRepeated(entries, "accessKeyId", "access_key_id");
    return entries;
  }

  #readEntry(entry, where) {
    if (!isObject(entry)) throw this.#refuse(where, "is not an object");
    this.#rejectUnknown(entry, MEMBERS, where);
    const text = (member) => {
      if (typeof entry[member] !== "string" || entry[member] === "") throw this.#refuse(`${where}.${member}`, "is not a string with something in it");
      return entry[member];
    };
    const [principal, account] = [text("principal_arn"), text("account")];
    if (principal.split(":")[4] !== account) {
      throw this.#refuse(`${where}.account`, `is \`${account}\`, and \`${principal}\` is of account \`${principal.split(":")[4] ?? ""}\``);
    }
    if (!Array.isArray(entry.iam_policies)) throw this.#refuse(`${where}.iam_policies`, "is not a list of policies; an empty one is []");
    const boundary = entry.permissions_boundary;
    return {
      where,
      name: text("name"),
      principal,
      accessKeyId: text("access_key_id"),
      secretAccessKey: text("secret_access_key"),
      sessionToken: entry.session_token === undefined ? undefined : text("session_token"),
      policies: entry.iam_policies.map((policy, index) => this.#document(policy, `${where}.iam_policies[${index}]`)),
      boundary: boundary === undefined ? undefined : this.#document(boundary, `${where}.permissions_boundary`),
      tags: this.#tags(entry.tags ?? {}, `${where}.tags`),
    };
  }

  /** A policy may be given as an object or as its text. */
  #document(policy, where) {
    if (typeof policy === "string") return policy;
    if (!isObject(policy)) throw this.#refuse(where, "is neither a policy document nor the text of one");
    return JSON.stringify(policy);
  }

  /** `{"team": "blue"}`, or as AWS lists them, `[{"Key": "team", "Value": "blue"}]`. */
  #tags(tags, where) {
    const pairs = Array.isArray(tags) ? tags.map((tag) => [tag?.Key, tag?.Value]) : isObject(tags) ? Object.entries(tags) : undefined;
    if (!pairs?.every((pair) => pair.every((word) => typeof word === "string"))) {
      throw this.#refuse(where, 'is neither an object of strings nor a list of {"Key", "Value"}');
    }
    return pairs;
  }

  /** What JSON.parse says quotes the file, where a secret may stand: only the place is told. */
  #parseJson(text) {
    try {
      return JSON.parse(text);
    } catch (cause) {
      const at = /position (\d+)/.exec(cause.message)?.[1];
      const lines = text.slice(0, Number(at ?? text.length)).split("\n");
      throw this.#refuse("the file", at === undefined ? "is not JSON" : `is not JSON, at line ${lines.length}, column ${lines.at(-1).length + 1}`);
    }
  }

  #rejectUnknown(object, known, where) {
    const unknown = Object.keys(object).find((name) => !known.includes(name));
    if (unknown !== undefined) throw this.#refuse(where, `has a member \`${unknown}\`; there is ${known.join(", ")}`);
  }

  #rejectRepeated(entries, property, member) {
    const seen = new Map();
    for (const { where, [property]: value } of entries) {
      if (seen.has(value)) throw this.#refuse(`${where}.${member}`, `is that of ${seen.get(value)} too`);
      seen.set(value, where);
    }
  }
}

const isObject = (value) => typeof value === "object" && value !== null && !Array.isArray(value);
const MEMBERS = [
  "name",
  "access_key_id",
  "secret_access_key",
  "session_token",
  "principal_arn",
  "account",
  "iam_policies",
  "permissions_boundary",
  "tags",
];
