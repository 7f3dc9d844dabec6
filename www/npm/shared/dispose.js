// `using` calls this method. WebKit does not know the symbol yet; compilers then look for one of this name.
export const DISPOSE = Symbol.dispose ?? Symbol.for("Symbol.dispose");
