// One transaction for all requests that arrived in one turn of the event loop: they share one wait for the disk, and their answers go out
// when it is over. While the process waits, the next ones arrive, so the busier the server, the more of them share.

export class GroupCommit {
  #database;
  #recover;
  #waiting = [];
  #running = false;
  #end;

  /**
   * @param {{ begin(): void, commit(): void, rollback(): void, failure?: Error }} database
   * @param {(cause: Error) => Promise<void>} recover is told that nothing of a transaction has happened, before its jobs are; if it fails, there
   *   will be no other transaction
   */
  constructor(database, recover) {
    this.#database = database;
    this.#recover = recover;
  }

  /** Does a job within the next transaction; what it returned, once that is on the disk. */
  run(job) {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ job, resolve, reject });
      this.#schedule();
    });
  }

  #schedule() {
    if (this.#running || this.#waiting.length === 0) return;
    this.#running = true;
    // After everything that has arrived in this turn was read.
    setImmediate(() => this.#transact());
  }

  async #transact() {
    const jobs = this.#waiting.splice(0);
    try {
      const results = this.#attempt(jobs);
      jobs.forEach(({ resolve }, index) => resolve(results[index]));
    } catch (cause) {
      await this.#takeBack(cause);
      for (const { reject } of jobs) reject(cause);
    }
    this.#running = false;
    this.#schedule();
  }

  async #takeBack(cause) {
    if (this.#end) return;
    this.#database.rollback();
    await this.#recover(cause).catch((end) => (this.#end = end));
  }

  // A job that failed in the midst of its writes takes the others with it. Savepoints would spare them (for 0.7 µs each), and are not needed: the
  // engine writes last and at once, so what fails there is a disk that fails for all, or a bug, after which it has to start anew.
  #attempt(jobs) {
    if (this.#end) throw this.#end;
    this.#database.begin();
    const results = jobs.map(({ job }) => {
      const result = job();
      if (this.#database.failure) throw this.#database.failure;
      return result;
    });
    this.#database.commit();
    return results;
  }
}
