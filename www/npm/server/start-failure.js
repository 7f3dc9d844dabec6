// Why a server does not start: a sentence for the person who started it, and an exit code for the script that did.

export class StartFailure extends Error {
  /** @param {keyof typeof EXIT_CODES} kind */
  constructor(kind, message) {
    super(message);
    this.exitCode = EXIT_CODES[kind];
  }
}

/** In the order of `--help`. */
export const EXIT_CODES = { stopped: 1, usage: 2, node: 3, identities: 4, "root-key": 5, state: 6, listen: 7 };
