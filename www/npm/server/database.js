// SQLite in a file, through node:sqlite: a write-ahead log that is synced at every commit, and a lock that ends with the process.

import { StartFailure } from "./start-failure.js";

export class Database {
  /** What went wrong since the transaction began: what it wrote may be half of something. */
  failure;
  #sqlite;
  #statements = new Map();

  /** @param {string} path */
  static async open(path) {
    const { DatabaseSync } = await quietly(() => import("node:sqlite"));
    const database = new Database();
    try {
      database.#sqlite = new DatabaseSync(path);
      for (const pragma of PRAGMAS) database.#sqlite.exec(pragma);
      // The lock is taken with the first write, and kept.
      database.#sqlite.exec("BEGIN IMMEDIATE; COMMIT");
    } catch (cause) {
      if (cause.errcode === SQLITE_BUSY) throw new StartFailure("state", `another server is using \`${path}\`; stop it, or give --state another folder`);
      throw new StartFailure("state", `\`${path}\` can not be opened: ${cause.message}`);
    }
    return database;
  }

  /** Runs a statement, prepared once; its rows. */
  exec = (sql, ...parameters) => {
    try {
      let statement = this.#statements.get(sql);
      if (!statement) this.#statements.set(sql, (statement = this.#sqlite.prepare(sql)));
      return statement.all(...parameters);
    } catch (cause) {
      this.failure ??= cause;
      throw cause;
    }
  };

  begin() {
    this.failure = undefined;
    this.exec("BEGIN IMMEDIATE");
  }

  /** Returns when everything since `begin` is on the disk. */
  commit() {
    this.exec("COMMIT");
  }

  rollback() {
    // After some failures SQLite has done so by itself.
    if (this.#sqlite.isTransaction ?? true) {
      try {
        this.#sqlite.exec("ROLLBACK");
      } catch (cause) {
        this.failure ??= cause;
      }
    }
  }

  close() {
    this.#statements.clear();
    this.#sqlite.close();
  }
}

/** Whether a failure is a full disk, which another request may find no longer full. After any other one what is on the disk is uncertain. */
export const isDiskFull = (failure) => failure?.errcode === SQLITE_FULL;

/** Node's note that its SQLite is experimental is for those who develop on it. */
async function quietly(load) {
  const { emitWarning } = process;
  process.emitWarning = () => {};
  try {
    return await load();
  } finally {
    process.emitWarning = emitWarning;
  }
}

const SQLITE_BUSY = 5;
const SQLITE_FULL = 13;
const PRAGMAS = [
  // First: the log's index is then in this process's memory, and nobody else can open the file.
  "PRAGMA locking_mode = EXCLUSIVE",
  "PRAGMA journal_mode = WAL",
  // Every commit waits for the disk.
  "PRAGMA synchronous = FULL",
  // What is deleted is overwritten.
  "PRAGMA secure_delete = ON",
];
