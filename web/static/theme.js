// Before the first paint: the theme that was chosen last time, or none, which means the system's. A classic script, so that it blocks.
try {
  const theme = localStorage.getItem("waxseal.theme");
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
} catch {
  // Storage can be forbidden; the system's theme is right then.
}
