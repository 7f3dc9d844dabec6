// An application of both entries, for bundlers to bundle.

import { Client, isKmsDenied, rawAesKeyring } from "waxseal";
import { LocalKms } from "waxseal/kms";

import { runChecks } from "./checks.mjs";
import { essentials } from "./scenario/essentials.mjs";

export const results = runChecks(essentials, { Client, LocalKms, isKmsDenied, rawAesKeyring });
globalThis.results = results;
