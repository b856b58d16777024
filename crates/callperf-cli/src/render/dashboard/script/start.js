// Puts the live page in the place of the still one, once its numbers are there.

function withNumbers(page, groups, days) {
  for (const group of Object.values(groups)) {
    group.numbers ??= new Numbers(page.table, group, days, page.missing_is_zero);
    group.has ??= (key) => group.numbers.byKey.has(key);
  }
  return groups;
}

async function startLive(block) {
  const page = await unpacked(block.textContent);
  const days = new Days(page.first, page.days, page.partial, page.parts);
  const groups = withNumbers(page, page.groups, days);
  withNumbers(page, page.agents ?? {}, days);
  const view = new View(page, days, groups);
  const users = document.getElementById("users-block");
  const readUsers = async () => {
    groups.users = await unpacked(users.textContent);
    withNumbers(page, groups, days);
    view.awaitsUsers = false;
  };
  // The numbers of thousands of users take longer to read than all else to be shown.
  const asksUsers = new URLSearchParams(location.hash.slice(1)).has("users");
  view.awaitsUsers = users !== null;
  if (users !== null && asksUsers) await readUsers();
  const own = ownSelection(page, days);
  view.own = own;
  view.parties = document.querySelector("#still .parties");
  // Those of the page's own period, as its report has them.
  view.changes = [...document.querySelectorAll("#still .tiles .change")];
  const live = document.getElementById("live");
  const place = document.getElementById("controls");
  const period = document.getElementById("period");
  const comparison = document.getElementById("comparison")
    ?? period.parentElement.appendChild(html("p", { id: "comparison" }));
  const written = { period: period.textContent, comparison: comparison.textContent };
  const zone = period.textContent.match(/\(([^)]*)\)\s*$/)?.[0] ?? "";

  // A part of a day is compared with the same part, which the page has of its own period alone.
  const compared = (selection, isOwn, span) => {
    const before = comparedWith(selection, page, days);
    if (selection.compare === "none") return "Not compared";
    if (before !== null) return `Compared with ${span(before)}`;
    const isWritten = isOwn && selection.compare === "previous" && selection.of === null && written.comparison !== "";
    if (isWritten) return written.comparison;
    return days.hasPartial([selection.from, selection.to])
      ? "No comparison: the period has a day that isn’t whole"
      : `No comparison: the page has no numbers of ${COMPARISONS[selection.compare]}`;
  };

  const show = (fragment, focus) => {
    const { selection, unknown } = readLink(fragment, own, days, groups);
    view.selection = selection;
    const span = ([from, to]) => `${days.text(from)} to ${days.text(to - 1)} (${to - from} ${to - from === 1 ? "day" : "days"})`;
    const isOwn = selection.from === own.from && selection.to === own.to;
    period.textContent = isOwn && days.hasPartial([selection.from, selection.to]) ? written.period : `${span([selection.from, selection.to])} ${zone}${days.parts(selection)}`;
    comparison.textContent = compared(selection, isOwn, span);
    const go = (next) => {
      const link = writeLink(next, days);
      if (link === location.hash) show(link, document.activeElement?.id);
      else { wanted = document.activeElement?.id ?? null; location.hash = link; }
    };
    // Controls that stay keep the keyboard's place, and the letters that a choice is searched by.
    const looks = looksOf(selection);
    if (looks === place.dataset.looks) setControls(place, days, selection);
    else {
      place.dataset.looks = looks;
      place.replaceChildren(controls(page, days, groups, selection, (changed) => go({ ...view.selection, ...changed })));
    }
    const notes = unknown.length === 0 ? []
      : [html("p", { class: "empty", role: "status" }, `The link names what isn’t here: ${unknown.join(", ")}.`)];
    live.replaceChildren(...notes, ...view.show(selection));
    // A control that was made anew stays the place of the keyboard.
    if (focus && document.activeElement?.id !== focus) document.getElementById(focus)?.focus({ preventScroll: true });
  };
  let wanted = null;
  const isSelection = (fragment) => fragment === "" || fragment === "#" || fragment.includes("=");
  const shownNow = () => {
    // A definition's place is no selection.
    if (!isSelection(location.hash)) return;
    show(location.hash, wanted);
    wanted = null;
  };
  addEventListener("hashchange", shownNow);
  const query = matchMedia("(max-width: 40rem)");
  query.addEventListener("change", () => show(isSelection(location.hash) ? location.hash : "", null));
  show(isSelection(location.hash) ? location.hash : "", null);
  document.getElementById("still").remove();
  place.hidden = live.hidden = false;
  if (!view.awaitsUsers) return;
  await new Promise((resolve) => { requestAnimationFrame(() => setTimeout(resolve)); });
  await readUsers();
  document.getElementById("users-later")?.replaceWith(...[view.tableOf("users", view.period)].filter(Boolean));
}

startTheme();
const block = document.getElementById("block");
if (block === null || typeof DecompressionStream === "undefined") startStill();
else startLive(block).catch((error) => { console.error(error); startStill(); });
