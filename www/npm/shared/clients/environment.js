// The variables of the process, on runtimes that have some.

/** The variable's value, unless there is none or it is empty. */
export function variable(name) {
  return globalThis.process?.env?.[name] || undefined;
}
