#!/usr/bin/env node
// The command `waxseal`. What it needs of Node is looked for before anything is loaded that an older one does not have.

const OLDEST = [22, 13];
const [major, minor] = process.versions.node.split(".").map(Number);

if (major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1])) {
  const { run } = await import("./command.js");
  await run(process.argv.slice(2));
} else {
  process.stderr.write(
    `waxseal kms: it needs Node ${OLDEST.join(".")} or newer for its database, and this is ${process.versions.node}; ` +
      "with npm, one is had by: npx -p node@24 -p waxseal waxseal kms\n",
  );
  process.exitCode = 3;
}
