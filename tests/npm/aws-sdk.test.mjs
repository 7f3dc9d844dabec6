// AWS's own client on the embedded KMS, in Node; in Chromium it is one of that file's tests.

import { execFile } from "node:child_process";
import assert from "node:assert/strict";
import { cp, mkdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";
import { promisify } from "node:util";

import { InvalidCiphertextException, KMS, NotFoundException } from "@aws-sdk/client-kms";

import { tour } from "../server/clients/tour.mjs";
import { checks } from "./aws-sdk.mjs";
import { operations, project } from "./package.mjs";

const run = promisify(execFile);
const folder = await project(after);
const repository = fileURLToPath(new URL("../..", import.meta.url));
const { given } = await import(pathToFileURL(join(folder, "given.mjs")).href);

for (const [name, check] of Object.entries(checks)) {
  test(name, { timeout: 60_000 }, () => check({ ...given, KMS, InvalidCiphertextException, NotFoundException, tour, operations }));
}

test("the example compiles with AWS's types and says what it promises", { timeout: 60_000 }, async () => {
  await mkdir(join(folder, "node_modules/@aws-sdk"));
  await symlink(join(repository, "tests/node_modules/@aws-sdk/client-kms"), join(folder, "node_modules/@aws-sdk/client-kms"), "junction");
  await cp(join(repository, "www/examples/aws-sdk.mjs"), join(folder, "aws-sdk.mjs"));
  // AWS's types need Node's, which are not installed; our use of them is checked all the same.
  const compilerOptions = { strict: true, noEmit: true, checkJs: true, allowJs: true, skipLibCheck: true, module: "nodenext", target: "es2022", types: [] };
  await writeFile(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions, files: ["aws-sdk.mjs"] }));
  const tsc = join(repository, "tests/node_modules/typescript/bin/tsc");
  await run(process.execPath, [tsc, "--project", folder]).catch(({ stdout, stderr }) => assert.fail(`${stdout}${stderr}`));
  const { stdout } = await run(process.execPath, ["aws-sdk.mjs"], { cwd: folder });
  assert.match(stdout, /^top secret\nAccessDeniedException: User: .*user\/bob is not authorized to perform: kms:Decrypt .*\n$/);
});
