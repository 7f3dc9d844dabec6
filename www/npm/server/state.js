// The folder of a server's state: `kms.sqlite`, `root.key` and `admin.json`, for nobody but the server's own user.

import { randomBytes } from "node:crypto";
import { closeSync, fstatSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, statSync, writeSync } from "node:fs";
import { join } from "node:path";

import { StartFailure } from "./start-failure.js";

export class State {
  /** @param {string} folder */
  constructor(folder) {
    this.folder = folder;
    try {
      const made = mkdirSync(folder, { recursive: true, mode: 0o700 });
      // Whoever keeps it in a checkout does not mean to publish it.
      if (made) writeDurably(join(folder, ".gitignore"), "*\n");
      if (!statSync(folder).isDirectory()) throw new Error("it is not a folder");
    } catch (cause) {
      throw new StartFailure("state", `--state \`${folder}\` can not be used: ${cause.message}`);
    }
  }

  get database() {
    return join(this.folder, "kms.sqlite");
  }

  /** 32 bytes: from the environment, which then forgets them, else from the folder, where they are made at the first start. */
  rootKey(environment) {
    const given = environment.WAXSEAL_ROOT_KEY;
    delete environment.WAXSEAL_ROOT_KEY;
    if (given !== undefined) return rootKeyOf(given, "WAXSEAL_ROOT_KEY");
    const path = join(this.folder, "root.key");
    const found = this.#readPrivately(path, "root-key");
    if (found !== undefined) return rootKeyOf(found, `\`${path}\``);
    const made = randomBytes(32);
    this.#write(path, `${made.toString("base64")}\n`);
    return made;
  }

  /** The text of the administrator's identities file, and whether it was made just now. */
  administrator(account) {
    const path = join(this.folder, "admin.json");
    const found = this.#readPrivately(path, "identities");
    if (found !== undefined) return { path, text: found, isNew: false };
    const made = {
      name: "admin",
      access_key_id: `AKIA${Array.from(randomBytes(16), (byte) => ALPHABET[byte % 32]).join("")}`,
      secret_access_key: randomBytes(30).toString("base64"),
      principal_arn: `arn:aws:iam::${account}:root`,
      account,
      iam_policies: [],
    };
    const text = `${JSON.stringify({ identities: [made] }, undefined, 2)}\n`;
    this.#write(path, text);
    return { path, text, isNew: true };
  }

  #readPrivately(path, kind) {
    try {
      const file = openSync(path, "r");
      try {
        if (process.platform !== "win32" && (fstatSync(file).mode & 0o077) !== 0) {
          throw new StartFailure(kind, `\`${path}\` can be read by others; take that away: chmod 600 '${path}'`);
        }
        return readFileSync(file, "utf8");
      } finally {
        closeSync(file);
      }
    } catch (cause) {
      if (cause.code === "ENOENT") return undefined;
      if (cause instanceof StartFailure) throw cause;
      throw new StartFailure(kind, `\`${path}\` can not be read: ${cause.message}`);
    }
  }

  #write(path, text) {
    try {
      writeDurably(path, text);
    } catch (cause) {
      throw new StartFailure("state", `\`${path}\` can not be written: ${cause.message}`);
    }
  }
}

/** A whole file or none, whenever the power goes. */
function writeDurably(path, text) {
  const unfinished = `${path}.new`;
  rmSync(unfinished, { force: true });
  const file = openSync(unfinished, "wx", 0o600);
  try {
    writeSync(file, text);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(unfinished, path);
  syncFolder(join(path, ".."));
}

function syncFolder(path) {
  // Windows does not open folders.
  if (process.platform === "win32") return;
  const folder = openSync(path, "r");
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}

function rootKeyOf(text, where) {
  const trimmed = text.trim();
  const bytes = Buffer.from(trimmed, /^[0-9a-f]{64}$/i.test(trimmed) ? "hex" : "base64");
  const isBase64 = /^[A-Za-z0-9+/]{43}=?$/.test(trimmed);
  if (bytes.length === 32 && (isBase64 || trimmed.length === 64)) return bytes;
  throw new StartFailure("root-key", `${where} is not a root key: 32 bytes, in base64 (44 characters) or hexadecimal (64); make one with: openssl rand -base64 32`);
}

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
