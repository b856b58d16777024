// Light, dark, or as the system is.

function startTheme() {
  const button = document.getElementById("theme");
  const themes = { system: "as the system’s", light: "light", dark: "dark" };
  const apply = (theme) => {
    if (theme === "system") delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = theme;
    button.textContent = `Theme: ${themes[theme]}`;
    button.dataset.theme = theme;
  };
  // A file on a disk may have no storage; then the choice lasts as long as the page.
  const storage = (use) => { try { return use(window.localStorage); } catch { return null; } };
  const stored = storage((it) => it.getItem("callperf-theme"));
  apply(stored in themes ? stored : "system");
  button.hidden = false;
  button.addEventListener("click", () => {
    const names = Object.keys(themes);
    const next = names[(names.indexOf(button.dataset.theme) + 1) % names.length];
    apply(next);
    storage((it) => it.setItem("callperf-theme", next));
  });
}
