// A KMS behind HTTP: the state's folder, the engine, its clock and its front, put together in the order in which they need each other.

import { createHmac, timingSafeEqual } from "node:crypto";
import { readFileSync } from "node:fs";

import { RealClock, VirtualClock } from "./clock.js";
import { Control } from "./control.js";
import { Database, isDiskFull } from "./database.js";
import { Engine } from "./engine.js";
import { Front } from "./front.js";
import { GroupCommit } from "./group-commit.js";
import { Identities } from "./identities.js";
import { SqliteStore } from "./sqlite-store.js";
import { StartFailure } from "./start-failure.js";
import { State } from "./state.js";

export class Server {
  #database;
  #store;
  #identities;
  #engine;
  #clock;
  #commits;
  #front;
  #timer;
  #hasFailed = false;
  #stopped;

  /**
   * @param {import("./options.js").Options} options
   * @param {import("./log.js").Log} log
   * @param {(server: Server) => void} stopped is told when the server can not go on
   */
  static async start(options, log, stopped, openDatabase = Database.open) {
    const server = new Server(log, stopped);
    try {
      await server.#start(options, openDatabase);
      return server;
    } catch (cause) {
      server.#database?.close();
      throw cause;
    }
  }

  constructor(log, stopped) {
    this.log = log;
    this.#stopped = stopped;
  }

  async #start(options, openDatabase) {
    const state = new State(options.state);
    // Before anything else in the folder: it has the lock.
    this.#database = await openDatabase(state.database);
    const rootKey = state.rootKey(process.env);
    this.#identities = this.#identitiesOf(options, state);
    this.#commits = new GroupCommit(this.#database, (cause) => this.#recover(cause));
    await this.#transaction(() => {
      this.#store = openStore(this.#database.exec);
      checkRootKey(this.#store, rootKey);
      // Policies come from the identities' file, so those that are there no more go.
      this.#store.clearAccounts();
      this.#clock = (options.clock === "virtual" ? VirtualClock : RealClock).of(this.#store);
    });
    const { account, region, grantConsistency } = options;
    this.#engine = new Engine({ store: this.#store, rootKey, account, region, grantConsistency }, this.#identities, this.#clock);
    await this.#engine.start();
    await this.#transaction(() => this.#identities.attach(this.#engine));
    await this.#listen(options);
  }

  #identitiesOf({ identities: path, account }, state) {
    if (path !== undefined) return Identities.parse(readIdentities(path), path);
    const { path: own, text, isNew } = state.administrator(account);
    const identities = Identities.parse(text, own);
    this.admin = { path: own, isNew, identity: identities.first };
    return identities;
  }

  /** A transaction while nothing listens: its failure is the caller's. */
  async #transaction(job) {
    this.#database.begin();
    try {
      job();
      this.#database.commit();
    } catch (cause) {
      this.#database.rollback();
      throw cause.errcode === undefined ? cause : new StartFailure("state", `the state can not be used: ${cause.message}`);
    }
  }

  async #listen(options) {
    const control = new Control(options.control, {
      version: options.version,
      advance: options.clock === "virtual" ? (seconds) => this.#advance(seconds) : undefined,
      reset: () => this.#reset(),
    });
    const answer = (request) => this.#commits.run(() => this.#engine.handle(request));
    this.#front = new Front({ answer, control, log: this.log, limits: options.limits });
    try {
      this.address = await this.#front.listen(options.port, options.host);
    } catch (cause) {
      throw new StartFailure("listen", `${options.host}, port ${options.port}: ${LISTEN_FAILURES[cause.code] ?? cause.message}`);
    }
    // Keys are destroyed and rotated in time, also while nobody asks.
    const advance = () => this.#commits.run(() => this.#engine.advanceTo(this.#clock.now())).catch(() => {});
    this.#timer = setInterval(advance, DUE_INTERVAL).unref();
  }

  async #advance(seconds) {
    const events = await this.#commits.run(() => {
      this.#clock.set(this.#clock.now() + Math.round(seconds * 1000));
      return this.#engine.advanceTo(this.#clock.now());
    });
    return { now: new Date(this.#clock.now()).toISOString(), events };
  }

  async #reset() {
    await this.#commits.run(() => {
      this.#store.clear();
      if (this.#clock instanceof VirtualClock) this.#clock.set(Date.now());
      this.#identities.attach(this.#engine);
    });
    this.log.note("info", "everything was removed: /_waxseal/reset");
    return { now: new Date(this.#clock.now()).toISOString() };
  }

  /** Nothing of a transaction has happened: what memory has of it goes too. Fails if the server can not go on. */
  async #recover(cause) {
    try {
      // What a disk has that failed to write is not known before it is read again.
      if (cause.errcode !== undefined && !isDiskFull(cause)) throw cause;
      this.log.note("error", `nothing of this was written or acknowledged: ${cause.message}`);
      if (this.#clock instanceof VirtualClock) this.#clock.restore();
      await this.#engine.start();
    } catch (end) {
      this.log.note("error", `the state can not be written and the server stops, start it again when that is mended: ${end.message}`);
      this.#hasFailed = true;
      this.#stopped(this);
      throw end;
    }
  }

  /** Answers what has arrived, then closes the state. */
  async close() {
    clearInterval(this.#timer);
    await this.#front.close(CLOSE_LIMIT);
    // After a failure the log stays as it is, for the next start to read.
    if (!this.#hasFailed) this.#database.close();
  }
}

function openStore(exec) {
  try {
    return new SqliteStore(exec);
  } catch (cause) {
    throw new StartFailure("state", `the state can not be used: ${cause.message}`);
  }
}

/** Another root key would find every record altered; better to say so now. */
function checkRootKey(store, rootKey) {
  const own = createHmac("sha256", rootKey).update("waxseal server 1 root key check").digest();
  const noted = store.setting("root-key-check");
  if (noted === undefined) store.set("root-key-check", own.toString("hex"));
  else if (!timingSafeEqual(own, Buffer.from(noted.padEnd(64, "0").slice(0, 64), "hex"))) {
    throw new StartFailure("root-key", "the state was written under another root key; give that one, in WAXSEAL_ROOT_KEY or as root.key in the folder");
  }
}

function readIdentities(path) {
  try {
    return readFileSync(path, "utf8");
  } catch (cause) {
    throw new StartFailure("identities", `--identities \`${path}\` can not be read: ${cause.message}`);
  }
}

const LISTEN_FAILURES = {
  EADDRINUSE: "it is in use; stop what listens there, or give --port another one (0 takes any)",
  EACCES: "this user may not listen there; give --port one from 1024 up",
  EADDRNOTAVAIL: "this machine has no such address",
  ENOTFOUND: "there is no such host",
};
/** Milliseconds. */
const DUE_INTERVAL = 60_000;
const CLOSE_LIMIT = 10_000;
