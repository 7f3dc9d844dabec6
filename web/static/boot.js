// Starts the app: the SDK, the KMS and the views are one WebAssembly module. app.js and app.wasm are made by `cargo xtask web`.
const failed = (text) => {
  const status = document.getElementById("boot-status");
  if (!status) return;
  status.textContent = text;
  status.className = "boot-problem";
  status.setAttribute("role", "alert");
};

if (typeof WebAssembly !== "object") {
  failed("This browser has WebAssembly switched off, and the KMS of this page is made of it. Allow WebAssembly, or use another browser.");
} else {
  try {
    const { default: init } = await import("./app.js");
    await init({ module_or_path: new URL("./app.wasm", import.meta.url) });
  } catch (error) {
    failed(`The playground could not start: ${error.message}. Reload the page; if that does not help, the browser may be too old.`);
  }
}
