// The selection in the address's fragment, so that a link can be shared and "back" works.

const PRESETS = { "7d": 7, "28d": 28, "90d": 90 };
const COMPARISONS = {
  previous: "the days before", weekdays: "the same weekdays before", month: "a month before", year: "a year before",
  none: "nothing",
};

/** What the page is made for. */
function ownSelection(page, days) {
  const [from, to] = [days.place(page.selected[0]), days.place(page.selected[1]) + 1];
  return { period: "page", from, to, compare: "previous", of: null };
}

/** The period of a preset; null if it isn't one, or there aren't as many days. */
function presetPeriod(name, own, days) {
  if (name === "page") return [own.from, own.to];
  if (!Object.hasOwn(PRESETS, name)) return days.month(name);
  const count = PRESETS[name];
  return count > days.whole ? null : [days.whole - count, days.whole];
}

/** What a selection is compared with: the page's own period with what its report is. */
function comparedWith(selection, page, days) {
  const { period, from, to, compare } = selection;
  if (period === "page" && compare === "previous" && page.selected_before !== null && !days.hasPartial([from, to])) {
    const [first, last] = page.selected_before.map((day) => days.place(day));
    return first < 0 ? null : [first, last + 1];
  }
  return days.before([from, to], compare, /^\d{4}-\d{2}$/.test(period));
}

/** Reads a fragment; what it names and isn't there is in `unknown`. */
function readLink(fragment, own, days, groups) {
  const selection = { ...own };
  const unknown = [];
  for (const [name, value] of new URLSearchParams(fragment.replace(/^#/, ""))) {
    if (name === "period") {
      const period = presetPeriod(value, own, days);
      if (period === null) unknown.push(`the period ${value}`);
      else [selection.period, selection.from, selection.to] = [value, ...period];
    } else if (name === "from" || name === "to") {
      const place = days.place(value);
      const end = name === "to" ? place + 1 : place;
      if (place === null || place < 0 || place >= days.count) unknown.push(`the day ${value}`);
      else { selection[name] = end; selection.period = "custom"; }
    } else if (name === "compare") {
      if (Object.hasOwn(COMPARISONS, value)) selection.compare = value;
      else unknown.push(`the comparison ${value}`);
    } else if (Object.hasOwn(groups, name) && name !== "company") {
      if (groups[name].has(value)) selection.of = { group: name, key: value };
      else unknown.push(`${name} ${value}`);
    } else unknown.push(name);
  }
  if (selection.from >= selection.to) {
    unknown.push("a period that ends before it begins");
    [selection.period, selection.from, selection.to] = ["page", own.from, own.to];
  }
  return { selection, unknown };
}

function writeLink(selection, days) {
  const words = new URLSearchParams();
  if (selection.period === "custom") {
    words.set("from", days.text(selection.from));
    words.set("to", days.text(selection.to - 1));
  } else words.set("period", selection.period);
  if (selection.compare !== "previous") words.set("compare", selection.compare);
  if (selection.of !== null) words.set(selection.of.group, selection.of.key);
  return `#${words}`;
}
