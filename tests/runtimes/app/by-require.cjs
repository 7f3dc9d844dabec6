// The essentials, with the package required by a script.

const { Client, isKmsDenied, rawAesKeyring } = require("waxseal");
const { LocalKms } = require("waxseal/kms");

Promise.all([import("./checks.mjs"), import("./scenario/essentials.mjs")])
  .then(([{ runChecks }, { essentials }]) => runChecks(essentials, { Client, LocalKms, isKmsDenied, rawAesKeyring }))
  .then((results) => console.log(JSON.stringify(results)));
