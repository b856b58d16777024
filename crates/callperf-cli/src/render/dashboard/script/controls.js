// The choice of period, comparison and subject.

function choice(id, label, options, chosen, choose) {
  const select = html("select", { id, "@change": () => choose(select.value) },
    options.map(([value, text, isOff]) => html("option", { value, disabled: isOff })));
  [...select.options].forEach((option, at) => { option.textContent = options[at][1]; });
  select.value = chosen;
  return html("span", { class: "choice" }, html("label", { for: id }, label), " ", select);
}

/** What the controls look like: as long as it stays, they are kept, and so is what is typed at one. */
function looksOf(selection) {
  return JSON.stringify([selection.period === "custom", selection.of?.group === "users" ? selection.of.key : ""]);
}

/** Puts a selection into controls that stay. */
function setControls(place, days, selection) {
  const values = {
    "period-choice": selection.period, "compare-choice": selection.compare,
    "subject-choice": selection.of === null ? "" : `${selection.of.group} ${selection.of.key}`,
    from: days.text(selection.from), to: days.text(selection.to - 1),
  };
  for (const [id, value] of Object.entries(values)) {
    const control = place.querySelector(`#${id}`);
    if (control !== null && control.value !== value) control.value = value;
  }
}

/** The controls of a selection; `change` is called with what becomes other. */
function controls(page, days, groups, selection, change) {
  const own = ownSelection(page, days);
  const months = days.months().map((month) => [month, month]);
  const presets = Object.entries(PRESETS).map(([name, count]) => [name, `The last ${count} days`, count > days.whole]);
  const pick = (name) => {
    if (name === "custom") return change({ period: "custom" });
    const [from, to] = presetPeriod(name, own, days);
    return change({ period: name, from, to });
  };
  const parts = [choice("period-choice", "Period", [["page", "The page’s own"], ...presets, ...months, ["custom", "Other days …"]],
    selection.period, pick)];
  if (selection.period === "custom") {
    const limits = { type: "date", min: days.text(0), max: days.text(days.count - 1) };
    const from = html("input", { ...limits, id: "from", value: days.text(selection.from) });
    const to = html("input", { ...limits, id: "to", value: days.text(selection.to - 1) });
    const show = () => {
      const [start, last] = [days.place(from.value), days.place(to.value)];
      if (start === null || last === null || start > last || start < 0 || last >= days.count) {
        from.setCustomValidity(`Choose days from ${days.text(0)} to ${days.text(days.count - 1)}, the first one first.`);
        from.reportValidity();
        return;
      }
      change({ from: start, to: last + 1 });
    };
    parts.push(html("span", { class: "choice" }, html("label", { for: "from" }, "From"), " ", from),
      html("span", { class: "choice" }, html("label", { for: "to" }, "to"), " ", to),
      html("button", { type: "button", id: "show-days", "@click": show }, "Show"));
    const onEnter = (event) => { if (event.key === "Enter") show(); };
    from.addEventListener("keydown", onEnter);
    to.addEventListener("keydown", onEnter);
    from.addEventListener("input", () => from.setCustomValidity(""));
    to.addEventListener("input", () => from.setCustomValidity(""));
  }
  parts.push(choice("compare-choice", "Compared with", Object.entries(COMPARISONS), selection.compare,
    (compare) => change({ compare })));
  const queues = groups.queues?.numbers.keys ?? [];
  const sites = groups.sites?.numbers.keys ?? [];
  const subjects = [["", "The company"],
    ...queues.map((one) => [`queues ${one.key}`, one.name ?? one.key]),
    ...sites.map((one) => [`sites ${one.key}`, `Site ${one.name ?? one.key}`])];
  const chosen = selection.of === null ? "" : `${selection.of.group} ${selection.of.key}`;
  // One of thousands of users is found in the table; here is the one that is chosen.
  if (selection.of?.group === "users") {
    const { numbers } = groups.users;
    const user = numbers.keys[numbers.byKey.get(selection.of.key)];
    subjects.push([chosen, `User ${user.name ?? user.key}`]);
  }
  parts.push(choice("subject-choice", "Show", subjects, chosen, (value) => {
    const at = value.indexOf(" ");
    change({ of: at < 0 ? null : { group: value.slice(0, at), key: value.slice(at + 1) } });
  }));
  return html("div", { class: "controls", role: "group", "aria-label": "What is shown" }, parts);
}
