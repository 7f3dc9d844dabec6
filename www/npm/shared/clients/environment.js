// The variables of the process, on runtimes that have some.

/** The variable's value, unless there is none or it is empty. */
export function variable(name) {
  // Deno would ask its user for permission, or throw.
  const permission = globalThis.Deno?.permissions.querySync({ name: "env", variable: name });
  if (permission && permission.state !== "granted") return undefined;
  return globalThis.process?.env?.[name] || undefined;
}
