// What the package promises, as one list of named checks that runs in every runtime: web APIs only, and the package handed in.

import { client } from "./scenario/client.mjs";
import { keyrings } from "./scenario/keyrings.mjs";
import { kms } from "./scenario/kms.mjs";
import { ownKeyrings } from "./scenario/own-keyrings.mjs";
import { reasons } from "./scenario/reasons.mjs";
import { refusals } from "./scenario/refusals.mjs";
import { rsa } from "./scenario/rsa.mjs";
import { secrets } from "./scenario/secrets.mjs";
import { worlds } from "./scenario/worlds.mjs";

export const scenario = { ...client, ...keyrings, ...kms, ...ownKeyrings, ...reasons, ...refusals, ...rsa, ...secrets, ...worlds };

/** Runs all checks; for each its name and, if it failed, why. */
export async function runAll(given) {
  const results = [];
  for (const [name, check] of Object.entries(scenario)) {
    try {
      await check(given);
      results.push({ name });
    } catch (error) {
      results.push({ name, error: `${error?.stack ?? error}` });
    }
  }
  return results;
}
