// The method that `using` calls. WebKit does not have the symbol yet; there the method has this name, which polyfills use too.
export const DISPOSE = Symbol.dispose ?? Symbol.for("Symbol.dispose");
