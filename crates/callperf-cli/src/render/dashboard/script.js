"use strict";
(() => {
  // Rows are put in order by a column; what is absent comes last either way.
  for (const table of document.querySelectorAll("table.grid")) {
    const heads = [...table.tHead.rows[0].cells];
    const body = table.tBodies[0];
    heads.forEach((head, at) => head.querySelector("button").addEventListener("click", () => {
      const first = at === 0 ? "ascending" : "descending";
      const other = at === 0 ? "descending" : "ascending";
      const order = head.getAttribute("aria-sort") === first ? other : first;
      heads.forEach((each) => each.setAttribute("aria-sort", each === head ? order : "none"));
      const sign = order === "ascending" ? 1 : -1;
      const key = (row) => {
        const cell = row.cells[at];
        if (at === 0) return cell.textContent;
        return "number" in cell.dataset ? Number(cell.dataset.number) : null;
      };
      const rows = [...body.rows].map((row) => [key(row), row]);
      rows.sort(([one], [two]) => {
        if (one === null || two === null) return (one === null) - (two === null);
        return sign * (at === 0 ? one.localeCompare(two) : one - two);
      });
      body.append(...rows.map(([, row]) => row));
    }));
  }

  const filter = document.getElementById("filter");
  if (filter) {
    const rows = [...document.getElementById("agents").tBodies[0].rows];
    const count = document.getElementById("count");
    filter.parentElement.hidden = false;
    filter.addEventListener("input", () => {
      const wanted = filter.value.trim().toLocaleLowerCase();
      let shown = 0;
      for (const row of rows) {
        row.hidden = !row.cells[0].textContent.toLocaleLowerCase().includes(wanted);
        if (!row.hidden) shown += 1;
      }
      count.textContent = `${shown} of ${rows.length}`;
    });
  }

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
})();
