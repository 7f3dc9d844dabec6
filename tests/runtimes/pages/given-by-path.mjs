// The package by the addresses of its files, where there is no import map: in workers.

import * as inspect from "./node_modules/waxseal/inspect/web.js";
import * as kms from "./node_modules/waxseal/kms/web.js";
import * as sdk from "./node_modules/waxseal/sdk/web.js";
import { initSync as sdkExports } from "./node_modules/waxseal/dist/sdk.js";
import { initSync as fastExports } from "./node_modules/waxseal/dist/sdk-fast.js";
import { initSync as fullExports } from "./node_modules/waxseal/dist/sdk-full.js";
import { initSync as kmsExports } from "./node_modules/waxseal/dist/kms.js";
import { TABLE as table } from "./node_modules/waxseal/shared/engines/table.js";
import { memoriesOf } from "./checks.mjs";

const memories = () => memoriesOf({ sdk: sdkExports, fast: fastExports, full: fullExports, kms: kmsExports });
export const given = { ...inspect, ...kms, ...sdk, memories, table, hasNodeCrypto: false };
