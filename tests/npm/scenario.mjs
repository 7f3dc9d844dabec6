// What the package promises, as one list of named checks that runs in every runtime: web APIs only, and the package handed in.

import { runChecks } from "./checks.mjs";
import { cache } from "./scenario/cache.mjs";
import { client } from "./scenario/client.mjs";
import { engines } from "./scenario/engines.mjs";
import { essentials } from "./scenario/essentials.mjs";
import { inspect } from "./scenario/inspect.mjs";
import { keyrings } from "./scenario/keyrings.mjs";
import { kms } from "./scenario/kms.mjs";
import { ownKeyrings } from "./scenario/own-keyrings.mjs";
import { randomAccess } from "./scenario/random-access.mjs";
import { reasons } from "./scenario/reasons.mjs";
import { refusals } from "./scenario/refusals.mjs";
import { rsa } from "./scenario/rsa.mjs";
import { rsaKeyrings } from "./scenario/rsa-keyrings.mjs";
import { secrets } from "./scenario/secrets.mjs";
import { streams } from "./scenario/streams.mjs";
import { worlds } from "./scenario/worlds.mjs";

export const scenario = { ...essentials, ...cache, ...client, ...engines, ...inspect, ...keyrings, ...kms, ...ownKeyrings, ...randomAccess, ...reasons, ...refusals, ...rsa, ...rsaKeyrings, ...secrets, ...streams, ...worlds };

/** Runs all checks; see `runChecks`. */
export const runAll = (given) => runChecks(scenario, given);
