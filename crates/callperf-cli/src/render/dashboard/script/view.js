// What the page shows of a selection.

const MOST_DAYS = 62;
const MOST_MULTIPLES = 24;
// The first and the last hour of the heat map have more than this share of the busiest hour's calls.
const BUSY = 0.05;
const BESIDE = {
  users: [
    { id: "by_direction.inbound", name: "inbound", unit: "calls", place: ["all", "calls", "by_direction", "inbound"] },
    { id: "by_direction.outbound", name: "outbound", unit: "calls", place: ["all", "calls", "by_direction", "outbound"] },
    { id: "time_spent", name: "time spent", unit: "seconds", place: ["all", "time_spent", "total", null] },
  ],
};
const MET = { better: ": met", worse: ": missed", "": "" };
const SAME = { queues: "queue", sites: "site", users: "user", agents: "agent" };

class View {
  constructor(page, days, groups) {
    Object.assign(this, { page, days, groups });
    this.figure = new Map(page.table.figures.map((figure) => [figure.name, figure]));
  }

  name(figure) { return this.page.names[figure] ?? figure; }

  /** The figures of a group that are shown, as far as it has them. */
  figures(name, group = this.groups[name]) {
    const own = group.figures;
    return (this.page.shown[name] ?? own).filter((figure) => own.includes(figure));
  }

  /** The company, or what the selection names. */
  subject(selection) {
    const group = selection.of?.group ?? "company";
    const numbers = this.groups[group]?.numbers;
    if (!numbers) return null;
    const key = selection.of === null ? 0 : numbers.byKey.get(selection.of.key);
    return key === undefined || numbers.keys.length === 0 ? null : { group, numbers, key };
  }

  goal(group, key, figure) {
    return this.page.targets.find((one) => one.group === group && one.figure === figure
      && (one.key === null || one.key === key)) ?? null;
  }

  /** A period cut into days or weeks. */
  units([from, to], group) {
    const { days } = this;
    if (group.columns !== "days") return null;
    const isByDay = to - from <= MOST_DAYS;
    const units = [];
    const format = new Intl.DateTimeFormat("en", { month: "short", day: "numeric", timeZone: "UTC" });
    const short = (place) => format.format(new Date(days.start + place * DAY));
    const gaps = (a, b) => [...group.numbers.gaps.keys()].some((scope) => group.numbers.gapsOf(scope, a, b) > 0);
    const hasPartial = (a, b) => [...days.partial].some((place) => place >= a && place < b);
    for (let place = from; place < to;) {
      const end = isByDay ? place + 1 : Math.min(days.firstOfWeek(days.weekOf(place) + 1), to);
      units.push({
        from: place, to: end, short: short(place),
        label: isByDay ? days.text(place) : `${days.text(place)} to ${days.text(end - 1)}`,
        isPartial: hasPartial(place, end) || (!isByDay && end - place < 7),
        isGap: gaps(place, end),
      });
      place = end;
    }
    return { units, isByDay };
  }

  show(selection) {
    const period = [selection.from, selection.to];
    const before = comparedWith(selection, this.page, this.days);
    const subject = this.subject(selection);
    if (subject === null) return [this.empty("There are no numbers for this.")];
    this.period = period;
    const columns = this.days.columns(this.groups[subject.group], period);
    if (columns === null) {
      return [this.crumbs(selection, subject), this.empty("Users have numbers of the page’s own period alone: choose that period.")];
    }
    const parts = [this.crumbs(selection, subject), this.snapped(columns, period)];
    if (!subject.numbers.isAnywhere(subject.key, columns.from, columns.to)) {
      parts.push(this.empty(this.reason(subject, columns)));
      return parts.filter(Boolean);
    }
    const isOwnPeriod = selection.from === this.own.from && selection.to === this.own.to;
    const isWritten = isOwnPeriod && selection.of === null && selection.compare === "previous" && this.days.hasPartial(period);
    parts.push(this.tiles(subject, columns, before, isWritten ? this.changes : []), this.trends(subject, period, before, columns));
    if (selection.of === null) {
      parts.push(this.multiples(period), this.tableOf("queues", period));
    }
    parts.push(this.heat(subject, period));
    if (selection.of === null) {
      parts.push(this.tableOf("users", period), this.tableOf("sites", period));
    }
    if (subject.group === "queues") parts.push(this.agents(subject.numbers.keys[subject.key].key, period));
    parts.push(this.endings(subject, columns));
    // The API says who ended calls of the page's own period alone.
    if (isOwnPeriod && selection.of === null && this.parties) parts.push(this.parties);
    return parts.filter(Boolean);
  }

  empty(text) { return html("p", { class: "empty", role: "status" }, text); }

  /** Why there are no numbers. */
  reason({ numbers }, columns) {
    const days = columns.to - columns.from;
    const missing = Math.max(0, ...[...numbers.gaps.keys()].map((scope) => numbers.gapsOf(scope, columns.from, columns.to)));
    if (missing === 0) return "No calls in this period.";
    return missing === days ? "The history has none of the days of this period."
      : `The history lacks ${missing} of the ${days} days of this period, and has no calls on the others.`;
  }

  snapped(columns, [from, to]) {
    const notes = [];
    if (columns.days[0] !== from || columns.days[1] !== to) {
      notes.push(`Numbers are of whole weeks here: from ${this.days.text(columns.days[0])} to ${this.days.text(columns.days[1] - 1)}.`);
    }
    return notes.length === 0 ? null : html("p", { class: "note" }, notes.join(" "));
  }

  crumbs(selection, { group, numbers, key }) {
    const company = writeLink({ ...selection, of: null }, this.days);
    if (selection.of === null) return null;
    const { name, key: id } = numbers.keys[key];
    return html("nav", { class: "crumbs", "aria-label": "Where you are" }, html("a", { href: company }, "The company"),
      " › ", html("strong", {}, `${SAME[group]} ${name ?? id}`));
  }

  /** How a figure has changed, and what both numbers rest on. */
  changeOf(numbers, key, name, columns, earlier) {
    if (earlier === null) return null;
    const now = numbers.figure(key, name, columns.from, columns.to);
    const old = numbers.figure(key, name, earlier.from, earlier.to);
    const calls = [columns, earlier].map((one) => numbers.basis(key, name, one.from, one.to));
    return change(this.figure.get(name), old, now, calls, this.page.fewest_calls);
  }

  earlier(group, before) { return before === null ? null : this.days.columns(this.groups[group], before); }

  /** `written` has the changes of the report, where the page has no days to compare. */
  tiles({ group, numbers, key }, columns, before, written) {
    const earlier = this.earlier(group, before);
    const tile = (name, at) => {
      const figure = this.figure.get(name);
      const now = numbers.figure(key, name, columns.from, columns.to);
      const moved = this.changeOf(numbers, key, name, columns, earlier);
      const goal = this.goal(group, numbers.keys[key].key, name);
      const sense = this.sense(group, numbers, key, name, columns);
      return html("li", {}, html("span", { class: "what" }, this.name(name), why(name, this.name(name))), " ",
        html("strong", {}, shown(now, figure.unit)),
        moved === null ? written[at]?.cloneNode(true) ?? html("span", { class: "change" }, "no comparison")
          : html("span", { class: `change ${moved.sense}` }, html("span", { "aria-hidden": "true" }, moved.arrow), ` ${moved.text} `,
            moved.sense ? html("span", { class: "sense" }, moved.sense) : null,
            moved.isFew ? html("span", { class: "sense" }, `(fewer than ${this.page.fewest_calls} calls)`) : null),
        goal === null ? null : html("span", { class: `change ${sense}` }, `goal ${shown(goal.goal, figure.unit)}${MET[sense]}`));
    };
    const title = group === "company" ? "The company at a glance" : "At a glance";
    return section("figures", title, group === "company"
      ? "Inbound calls; a call between two extensions has no direction here and isn’t among them." : null,
    html("ul", { class: "tiles" }, this.figures(group).map(tile)));
  }

  values(numbers, key, name, units) {
    return units.map((unit) => unit.isGap ? null : numbers.figure(key, name, unit.from, unit.to));
  }

  /** The same units of an earlier period; those beyond its end are unknown. */
  valuesBefore(numbers, key, name, units, period, before) {
    if (before === null) return null;
    const shift = period[0] - before[0];
    return units.map(({ from, to }) => {
      const [a, b] = [from - shift, Math.min(to - shift, before[1])];
      return a < 0 || a >= b || to - from !== b - a ? null : numbers.figure(key, name, a, b);
    });
  }

  trends({ group, numbers, key }, period, before, columns) {
    const cut = this.units(period, this.groups[group]);
    if (cut === null) return null;
    const { units, isByDay } = cut;
    const unit = isByDay ? "day" : "week";
    const wanted = group === "queues" ? ["service_level_of_answered", "abandonment_rate", "average_speed_of_answer"]
      : group === "users" ? ["answer_rate", "missed_rate", "average_handle_time"]
        : ["answer_rate", "abandonment_rate", "average_speed_of_answer"];
    const figures = wanted.filter((name) => this.groups[group].figures.includes(name));
    const lines = figures.map((name) => {
      const figure = this.figure.get(name);
      const values = this.values(numbers, key, name, units);
      const goal = this.goal(group, numbers.keys[key].key, name)?.goal ?? null;
      const old = this.valuesBefore(numbers, key, name, units, period, before);
      const title = `${this.name(name)} by ${unit}; the numbers are in the table below`;
      return { name, figure, values, old, chart: html("figure", {},
        html("figcaption", {}, html("strong", {}, this.name(name)), why(name, this.name(name)),
          ` ${shown(numbers.figure(key, name, columns.from, columns.to), figure.unit)} in all`),
        lineChart({ title, figure, values, before: old, columns: units, goal })) };
    });
    const stack = this.stack(group, numbers, key, units);
    const rows = units.map((one, at) => ({
      key: one.label, name: one.label, extension: null, link: null,
      number: (column) => column < stack.length ? stack[column].values[at] : lines[column - stack.length].values[at],
    }));
    const named = [...stack.map((part) => ({ id: part.id, name: part.name, unit: "calls" })),
      ...lines.map(({ name, figure }) => ({ id: name, name: this.name(name), unit: figure.unit }))];
    const table = new Table({ id: "over-time-table", caption: `Numbers by ${unit}`, what: unit, columns: named, rows,
      best: null, fewest: 0, file: `calls-by-${unit}` });
    table.sorted = -1;
    table.isDescending = false;
    table.update();
    const notes = [`One bar or point for each ${unit}.`];
    if (before !== null) notes.push("The thin line is the period that is compared with.");
    if (units.some((one) => one.isPartial)) notes.push(`Hatched: a ${unit} that isn’t whole.`);
    if (units.some((one) => one.isGap)) notes.push("Grey: days that the history lacks.");
    return section("over-time", "Calls over time", notes.join(" "),
      html("ul", { class: "legend" }, stack.map((part) => html("li", {},
        svg("svg", { class: "key", viewBox: "0 0 10 10", "aria-hidden": "true", focusable: "false" },
          svg("rect", { class: part.class, width: 10, height: 10 })), ` ${part.name}`, why(part.id, part.name)))),
      html("figure", {}, stackChart({ title: `Inbound calls by ${unit}; the numbers are in the table below`, parts: stack, columns: units })),
      html("div", { class: "lines" }, lines.map((line) => line.chart)),
      html("details", {}, html("summary", {}, "The numbers of these charts"), table.element));
  }

  /** Inbound calls by result, as far as they are known; all of them otherwise. */
  stack(group, numbers, key, units) {
    const results = Object.entries(this.page.results).map(([word, name], at) => ({
      id: `by_result.${word}`, name, class: `r${at}`,
      values: units.map((unit) => unit.isGap ? null : numbers.number(key, ["inbound", "calls", "by_result", word], unit.from, unit.to)),
    }));
    const known = results.filter((part) => part.values.some((value) => value !== null && value > 0));
    if (group !== "users" && group !== "sites" && known.length > 0) return known;
    return [{ id: "offered", name: this.name("offered"), class: "r0", values: this.values(numbers, key, "offered", units) }];
  }

  /** The service level of each queue, small. */
  multiples(period) {
    const group = this.groups.queues;
    const cut = group ? this.units(period, group) : null;
    if (cut === null || period[1] - period[0] < 3) return null;
    const { numbers } = group;
    const name = "service_level_of_answered";
    const shownKeys = numbers.keys.map((one, key) => ({ one, key, calls: numbers.figure(key, "offered", period[0], period[1]) ?? 0 }))
      .filter(({ calls }) => calls > 0).sort((a, b) => b.calls - a.calls).slice(0, MOST_MULTIPLES);
    if (shownKeys.length < 2) return null;
    const card = ({ one, key }) => {
      const values = this.values(numbers, key, name, cut.units);
      const now = numbers.figure(key, name, period[0], period[1]);
      const goal = this.goal("queues", one.key, name);
      const met = this.sense("queues", numbers, key, name, { from: period[0], to: period[1] });
      return html("li", {}, html("a", { href: this.linkTo("queues", one.key) }, one.name ?? one.key), " ",
        html("span", { class: met }, `${shown(now, "share")}${goal === null ? "" : ` (goal ${shown(goal.goal, "share")}${MET[met]})`}`),
        sparkline(values, 1, goal?.goal));
    };
    return section("multiples", "Service level of each queue",
      `Answered calls in time, from 0 to 100 %, by ${cut.isByDay ? "day" : "week"}${numbers.keys.length > MOST_MULTIPLES ? `; the ${MOST_MULTIPLES} queues with most calls` : ""}.`,
      html("ul", { class: "small" }, shownKeys.map(card)));
  }

  linkTo(group, key) { return writeLink({ ...this.selection, of: { group, key } }, this.days); }

  tableOf(name, period) {
    const group = this.groups[name];
    const title = { queues: "Queues", users: "Users", sites: "Sites" }[name];
    // Users are read once all else is shown.
    if (!group) return name === "users" && this.awaitsUsers ? html("div", { id: "users-later" }) : null;
    const notes = {
      queues: "One call can count in several queues, so that the rows don’t add up.",
      users: "Figures are of inbound calls, time spent is of both directions. One call can count with several users.",
      sites: "Figures are of inbound calls.",
    };
    const isJudged = this.page.targets.some((one) => one.group === name);
    const note = isJudged ? `${notes[name]} Goals are judged from ${this.page.fewest_calls} calls on.` : notes[name];
    return this.rows({ name, group, title, note, link: (key) => this.linkTo(name, key) }, period);
  }

  /** The queue's own calls by agent, if the page has them. */
  agents(queue, period) {
    const title = "Agents of this queue";
    if (this.page.agents === null) {
      return section("agents", title, "The numbers of the queues’ agents are too large for a page. `callperf report agents-of QUEUE --history FOLDER` has them; so has a page of fewer days or keys.");
    }
    const group = this.page.agents[queue];
    if (!group) {
      return section("agents", title, "The page has no calls of agents by queue. `callperf report agents-of QUEUE` has them, and so has a page from a history that keeps them (`callperf sync --queue-agents`).");
    }
    const link = (key) => this.groups.users?.has(key) ? this.linkTo("users", key) : null;
    return this.rows({ name: "agents", group, title, note: "Figures are of inbound calls that came through this queue.", link }, period);
  }

  /** A table of a group's keys over a period. */
  rows({ name, group, title, note, link }, period) {
    const columns = this.days.columns(group, period);
    if (columns === null) return section(name, title, "Users have numbers of the page’s own period alone: choose that period to see them.");
    const { numbers } = group;
    const figures = this.figures(name, group);
    const beside = BESIDE[name] ?? [];
    const cut = this.units(period, group);
    const rows = numbers.keys.map((one, key) => ({ one, key }))
      .filter(({ key }) => numbers.isAnywhere(key, columns.from, columns.to))
      .map(({ one, key }) => ({
        key: one.key, name: one.name, extension: one.extension, link: link(one.key),
        number: (at) => at < figures.length ? numbers.figure(key, figures[at], columns.from, columns.to)
          : numbers.number(key, beside[at - figures.length].place, columns.from, columns.to),
        basis: (at) => at < figures.length ? numbers.basis(key, figures[at], columns.from, columns.to) : null,
        sense: (at) => at < figures.length ? this.sense(name, numbers, key, figures[at], columns) : "",
        chart: () => sparkline(this.values(numbers, key, figures[0], cut.units)),
      }));
    if (rows.length === 0) return section(name, title, null, this.empty(`No ${SAME[name]} had calls in this period.`));
    const table = new Table({
      id: name, caption: `${title}, which can be put in order by each column`, what: SAME[name], rows,
      columns: [...figures.map((figure) => ({ id: figure, name: this.name(figure), unit: this.figure.get(figure).unit, better: this.figure.get(figure).better })),
        ...beside],
      best: name === "users" || name === "agents" ? this.page.top : null, fewest: this.page.fewest_calls,
      file: `${name}-${this.days.text(columns.days[0])}-${this.days.text(columns.days[1] - 1)}`,
      chart: cut === null || cut.units.length < 2 ? null : `${this.name(figures[0])} by ${cut.isByDay ? "day" : "week"}`,
    });
    return html("section", { class: name }, html("h2", { id: `${name}-h` }, title), html("p", { class: "note" }, note),
      this.snapped(columns, period), table.element);
  }

  /** Whether a goal is met, if there is one and the figure rests on enough calls. */
  sense(group, numbers, key, figure, { from, to }) {
    const goal = this.goal(group, numbers.keys[key].key, figure);
    const now = goal === null ? null : numbers.figure(key, figure, from, to);
    const calls = now === null ? null : numbers.basis(key, figure, from, to);
    if (now === null || (calls !== null && calls < this.page.fewest_calls)) return "";
    return (goal.direction === "at_least" ? now >= goal.goal : now <= goal.goal) ? "better" : "worse";
  }

  /** Inbound calls by weekday and hour. */
  heat({ group, numbers, key }, [from, to]) {
    const of = this.page.hours[group];
    if (!of) return null;
    const { days } = this;
    const first = days.place(of.first);
    const [start, end] = [Math.max(from, first), Math.min(to, first + of.days)];
    const gaps = new Set(of.gaps.map((place) => place + first));
    const text = of.keys[numbers.keys[key].key];
    const title = "Busy hours";
    const counts = new Array(7).fill(0);
    for (let day = start; day < end; day += 1) if (!gaps.has(day)) counts[days.weekday(day)] += 1;
    if (counts.reduce((sum, one) => sum + one, 0) < 7) {
      if (to - from < 7) return null;
      return section("busy", title, `Hours are known from ${of.first} to ${days.text(first + of.days - 1)} alone, so fewer than seven days of this period have them.`);
    }
    const calls = readSeries(text ?? "", of.days * 24).sums;
    const sums = Array.from({ length: 7 }, () => new Array(24).fill(0));
    for (let day = start; day < end; day += 1) {
      if (gaps.has(day)) continue;
      for (let hour = 0; hour < 24; hour += 1) {
        const at = (day - first) * 24 + hour;
        sums[days.weekday(day)][hour] += calls[at + 1] - calls[at];
      }
    }
    const average = sums.map((hours, day) => hours.map((sum) => counts[day] === 0 ? null : sum / counts[day]));
    const most = Math.max(...average.flat().filter((one) => one !== null));
    const busy = [...Array(24).keys()].filter((hour) => average.some((hours) => (hours[hour] ?? 0) > most * BUSY));
    if (busy.length === 0) return null;
    const hours = [...Array(24).keys()].filter((hour) => hour >= busy[0] && hour <= busy.at(-1));
    const isLeftOut = (hour) => !hours.includes(hour);
    const others = sums.flat().reduce((sum, calls, at) => sum + (isLeftOut(at % 24) ? calls : 0), 0);
    const cell = (value) => html("td", { class: `h${value === null || most === 0 ? 0 : Math.ceil(value / most * 6)}` },
      value === null ? ABSENT : value < 9.95 && !Number.isInteger(value) ? value.toFixed(1) : String(Math.round(value)));
    const names = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
    const two = (hour) => String(hour).padStart(2, "0");
    return section("busy", title,
      `Inbound calls in an hour, on average.${others > 0 ? ` At other hours of the day there were ${shown(others, "calls")} in all.` : ""}`,
      html("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "Busy hours" },
        html("table", { class: "heat" }, html("caption", { class: "hidden" }, "Average calls by weekday and hour of the day"),
          html("thead", {}, html("tr", {}, html("td", {}), hours.map((hour) => html("th", { scope: "col" },
            html("span", { "aria-hidden": "true" }, two(hour)), html("span", { class: "hidden" }, `from ${two(hour)}:00`))))),
          html("tbody", {}, average.map((row, day) => html("tr", {}, html("th", { scope: "row" }, names[day]), hours.map((hour) => cell(row[hour]))))))));
  }

  /** How calls ended, and where their time went. */
  endings({ group, numbers, key }, { from, to }) {
    if (group !== "company" && group !== "queues") return null;
    const table = (id, title, note, words, place, unit, all, name) => {
      const rows = Object.entries(words).map(([word, label]) => ({ word, label, value: numbers.number(key, place(word), from, to) }))
        .filter((row) => row.value !== null);
      const counted = rows.reduce((total, row) => total + row.value, 0);
      const sum = all ?? counted;
      if (unit === "calls" && sum > counted) rows.push({ word: "no_result", label: "no result", value: sum - counted });
      if (rows.length === 0 || !(sum > 0)) return null;
      return section(id, title, note, html("table", { class: "bars" }, html("caption", { class: "hidden" }, title),
        html("thead", { class: "hidden" }, html("tr", {}, ["kind", unit === "calls" ? "calls" : "time", "share"].map((head) => html("th", { scope: "col" }, head)), html("td"))),
        html("tbody", {}, rows.map(({ word, label, value }, at) => html("tr", {},
          html("th", { scope: "row" }, label, why(`${place(word)[2]}.${word}`, label)),
          html("td", { class: "number" }, shown(value, unit)),
          html("td", { class: "number" }, shown(value / sum, "share")),
          html("td", { class: "long" }, shareBar(value / sum, word === "no_result" ? "none" : name(at))))))));
    };
    const offered = numbers.figure(key, "offered", from, to);
    return html("div", { class: "pair" },
      table("ended", "How calls ended", "Inbound calls, as a share of those offered.", this.page.results,
        (word) => ["inbound", "calls", "by_result", word], "calls", offered, (at) => `r${at}`),
      table("phases", "Where the time went", "Phases of inbound calls, as a share of all their time.", this.page.segments,
        (word) => ["inbound", "time_spent", "by_segment", word], "seconds", null, () => "phase"));
  }
}
