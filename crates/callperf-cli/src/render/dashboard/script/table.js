// Tables that are sorted, filtered, paged and saved as CSV.

const PAGE = 100;

/** A cell for CSV. A name must not become a formula of a spreadsheet. */
function csvCell(value) {
  if (value === null || value === undefined) return "";
  if (typeof value === "number") return String(value);
  const text = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

// Spreadsheets take a text that begins with this mark for UTF-8.
const MARK = "\ufeff";

const csv = (rows) => MARK + rows.map((row) => `${row.map(csvCell).join(",")}\r\n`).join("");

/**
 * `columns` have an id, a name, a unit and, where one is better, a direction. `rows` have a key, a name, a fragment
 * to go to or null, and functions that give the number of a column, what it rests on, and whether its goal is met. With `best`, so many of the best and
 * of the worst are shown at first.
 */
class Table {
  constructor({ id, caption, what, columns, rows, best, fewest, file, chart }) {
    Object.assign(this, { id, caption, what, columns, rows, best, fewest, file, chart });
    this.sorted = columns.length > 0 ? 0 : -1;
    this.isDescending = true;
    this.showsAll = best === null || rows.length <= 2 * best;
    this.page = 0;
    this.wanted = "";
    this.body = html("tbody");
    this.status = html("span", { role: "status" });
    this.element = this.build();
    this.update();
  }

  build() {
    const head = (name, at, column) => html("th", { scope: "col", class: at < 0 ? null : "number", "aria-sort": "none" },
      html("button", { type: "button", class: "sort", "@click": () => this.sort(at) }, name),
      column ? why(column.id, column.name) : null);
    this.heads = [head(this.what, -1), ...this.columns.map((column, at) => head(column.name, at, column))];
    const extra = this.chart ? [html("th", { scope: "col" }, this.chart)] : [];
    const table = html("table", { class: "grid", id: this.id },
      html("caption", { class: "hidden" }, this.caption), html("thead", {}, html("tr", {}, this.heads, extra)), this.body);
    const filter = html("input", { type: "search", autocomplete: "off", id: `${this.id}-filter`, "@input": () => {
      this.wanted = filter.value.trim().toLocaleLowerCase();
      this.page = 0;
      this.update();
    } });
    this.more = html("button", { type: "button", "@click": () => { this.showsAll = !this.showsAll; this.page = 0; this.update(); } });
    this.back = html("button", { type: "button", "@click": () => { this.page -= 1; this.update(); } }, "Previous rows");
    this.next = html("button", { type: "button", "@click": () => { this.page += 1; this.update(); } }, "Next rows");
    const isLong = this.rows.length > 5;
    return html("div", {},
      html("p", { class: "tools" },
        isLong ? [html("label", { for: `${this.id}-filter` }, "Only names with"), " ", filter, " "] : null, this.status, " ",
        this.more, " ", this.back, " ", this.next, " ",
        html("button", { type: "button", "@click": () => download(`${this.file}.csv`, this.csv()) }, "Download CSV")),
      html("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": this.caption }, table));
  }

  /** The number of a row in a column, which is computed once it is needed. */
  number(row, at) {
    row.known ??= [];
    if (row.known[at] === undefined) row.known[at] = row.number(at);
    return row.known[at];
  }

  sort(at) {
    this.isDescending = this.sorted === at ? !this.isDescending : at >= 0;
    this.sorted = at;
    this.page = 0;
    this.update();
  }

  /** All rows in order: what isn't known comes last either way. */
  inOrder() {
    const sign = this.isDescending ? -1 : 1;
    const at = this.sorted;
    const label = (row) => row.name ?? row.key;
    return this.rows.filter((row) => label(row).toLocaleLowerCase().includes(this.wanted)).sort((one, two) => {
      if (at < 0) return sign * label(one).localeCompare(label(two));
      const [a, b] = [this.number(one, at), this.number(two, at)];
      if (a === null || b === null) return (a === null) - (b === null) || label(one).localeCompare(label(two));
      return sign * (a - b) || label(one).localeCompare(label(two));
    });
  }

  /** The rows that are shown, in parts with a heading each. */
  parts(rows) {
    if (this.showsAll || this.wanted !== "" || this.sorted < 0) {
      return [{ title: null, rows: rows.slice(this.page * PAGE, (this.page + 1) * PAGE) }];
    }
    const column = this.columns[this.sorted];
    // A share of a few calls is neither good nor bad.
    const counts = rows.filter((row) => {
      const basis = row.basis(this.sorted);
      return this.number(row, this.sorted) !== null && (basis === null || basis >= this.fewest);
    });
    const isFirstGood = column.better === undefined || (column.better === "more") === this.isDescending;
    const [good, bad] = column.better === undefined
      ? (this.isDescending ? ["Highest", "Lowest"] : ["Lowest", "Highest"]) : (isFirstGood ? ["Best", "Worst"] : ["Worst", "Best"]);
    const half = Math.min(this.best, Math.ceil(counts.length / 2));
    const last = counts.slice(Math.max(counts.length - this.best, half));
    const of = counts.length < rows.length ? `, of ${counts.length} with enough calls` : "";
    return [
      { title: `${good} by ${column.name}${of}`, rows: counts.slice(0, half) },
      { title: `${bad} by ${column.name}`, rows: last },
    ].filter((part) => part.rows.length > 0);
  }

  update() {
    const rows = this.inOrder();
    const parts = this.parts(rows);
    const pages = Math.max(Math.ceil(rows.length / PAGE), 1);
    const isPaged = parts[0]?.title === null && pages > 1;
    this.heads.forEach((head, at) => head.setAttribute("aria-sort",
      at - 1 !== this.sorted ? "none" : this.isDescending ? "descending" : "ascending"));
    const span = this.columns.length + 1 + (this.chart ? 1 : 0);
    const made = [];
    for (const { title, rows: some } of parts) {
      if (title !== null) made.push(html("tr", { class: "part" }, html("th", { colspan: span, scope: "rowgroup" }, title)));
      made.push(...some.map((row) => this.row(row)));
    }
    if (rows.length === 0) made.push(html("tr", {}, html("td", { colspan: span }, "No name has this.")));
    this.body.replaceChildren(...made);
    const count = parts.reduce((sum, part) => sum + part.rows.length, 0);
    this.status.textContent = `${count} of ${this.rows.length}`;
    this.more.hidden = this.best === null || this.rows.length <= 2 * this.best || this.wanted !== "";
    this.more.textContent = this.showsAll ? "Show best and worst" : `Show all ${this.rows.length}`;
    this.back.hidden = this.next.hidden = !isPaged;
    this.back.disabled = this.page === 0;
    this.next.disabled = this.page + 1 >= pages;
  }

  row(row) {
    const label = row.name ?? row.key;
    const title = row.extension ? `${label}, extension ${row.extension}` : label;
    const name = row.link === null ? html("span", { class: "name" }, label)
      : html("a", { class: "name", href: row.link }, label);
    return html("tr", {}, html("th", { scope: "row", title }, name),
      this.columns.map((column, at) => html("td", {
        class: `number ${row.sense?.(at) ?? ""}`, "data-number": this.number(row, at),
      }, shown(this.number(row, at), column.unit), this.mark(row.sense?.(at)))),
      this.chart ? html("td", {}, row.chart()) : null);
  }

  /** Whether a goal is met, not by colour alone. */
  mark(sense) {
    if (!sense) return null;
    return [html("span", { "aria-hidden": "true" }, sense === "better" ? " ✓" : " ✗"),
      html("span", { class: "hidden" }, sense === "better" ? " goal met" : " goal missed")];
  }

  /** All rows, in their order: numbers in full. */
  csv() {
    const names = ["key", "name", "extension_number", ...this.columns.map((column) => column.id)];
    return csv([names, ...this.inOrder().map((row) => [row.key, row.name, row.extension,
      ...this.columns.map((_, at) => this.number(row, at))])]);
  }
}
