// A page without days has tables alone: they can be sorted and filtered.

function startStill() {
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
      let found = 0;
      for (const row of rows) {
        row.hidden = !row.cells[0].textContent.toLocaleLowerCase().includes(wanted);
        if (!row.hidden) found += 1;
      }
      count.textContent = `${found} of ${rows.length}`;
    });
  }
}
