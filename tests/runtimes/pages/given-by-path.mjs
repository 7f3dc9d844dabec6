// The package by the addresses of its files, where there is no import map: in workers.

import * as sdk from "./node_modules/waxseal/sdk/web.js";
import * as kms from "./node_modules/waxseal/kms/web.js";
import { initSync as sdkExports } from "./node_modules/waxseal/dist/sdk.js";
import { initSync as kmsExports } from "./node_modules/waxseal/dist/kms.js";

export const given = { ...kms, ...sdk, memories: () => ({ sdk: sdkExports().memory, kms: kmsExports().memory }) };
