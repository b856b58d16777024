// Charts as SVG. The style sheet has their colours.

const isNarrow = () => matchMedia("(max-width: 40rem)").matches;

const MOST_STEPS = 5;
/** Seconds that a clock shows without a rest. */
const CLOCK = [1, 2, 5, 10, 15, 20, 30, 60, 120, 300, 600, 900, 1_800];

/** The steps of an axis from zero to at least a number; whole ones for calls. */
function axisTo(highest, unit) {
  if (!(highest > 0)) return { step: 1, steps: 1 };
  const rough = highest / MOST_STEPS;
  const power = 10 ** Math.floor(Math.log10(rough));
  const round = [1, 2, 2.5, 5, 10].map((one) => one * power).filter((one) => unit === "share" || Number.isInteger(one));
  const step = (unit === "seconds" ? CLOCK : round).find((one) => one >= rough) ?? Math.max(Math.ceil(rough), 1);
  return { step, steps: Math.max(Math.ceil(highest / step - 1e-9), 1) };
}

/** Lines across a box: what isn't whole. */
function hatch(x, y, width, height) {
  let path = "";
  for (let c = x - height; c < x + width; c += 6) {
    const [from, to] = [Math.max(x, c), Math.min(x + width, c + height)];
    if (from < to) path += `M${from.toFixed(1)} ${(y + height - (from - c)).toFixed(1)}L${to.toFixed(1)} ${(y + height - (to - c)).toFixed(1)}`;
  }
  return svg("path", { class: "hatch", d: path });
}

/** The lines of a series; what isn't known interrupts them. */
function linePath(values, x, y) {
  let path = "";
  let isDown = false;
  values.forEach((value, at) => {
    if (value === null) { isDown = false; return; }
    path += `${isDown ? "L" : "M"}${x(at).toFixed(1)} ${y(value).toFixed(1)}`;
    isDown = true;
  });
  return path;
}

/** The points between two gaps, which would be no line. */
function dotPath(values, x, y) {
  const isKnown = (at) => values[at] !== null && values[at] !== undefined;
  const dots = values.map((value, at) => isKnown(at) && !isKnown(at - 1) && !isKnown(at + 1)
    ? `M${x(at).toFixed(1)} ${y(value).toFixed(1)}h0.1` : "");
  return dots.join("");
}

function frame(title, size, highest, unit) {
  const { width, height, left, bottom } = size;
  const { step, steps } = axisTo(highest, unit);
  const top = step * steps;
  const y = (value) => 10 + (height - 10 - bottom) * (1 - value / top);
  const picture = svg("svg", {
    class: "chart", viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": title, focusable: "false",
  });
  for (let at = 0; at <= steps; at += 1) {
    const value = step * at;
    picture.append(svg("line", { class: "grid", x1: left, x2: width, y1: y(value), y2: y(value) }),
      svg("text", { class: "tick", x: left - 6, y: y(value) + 4, "text-anchor": "end" },
        unit === "share" ? `${Number((value * 100).toFixed(1))} %` : shown(value, unit)));
  }
  return { picture, y };
}

function dayTicks(picture, columns, x, size) {
  const longest = Math.max(...columns.map((one) => one.short.length), 1) * 7.4 + 14;
  const slot = (size.width - size.left) / columns.length;
  const every = Math.max(Math.ceil(longest / slot), 1);
  let end = -Infinity;
  columns.forEach((column, at) => {
    if (at % every !== 0) return;
    const place = Math.min(Math.max(x(at), longest / 2 - 7), size.width - longest / 2 + 7);
    // The first and the last are moved into the chart, where the next one may be.
    if (place - longest / 2 < end - 1) return;
    end = place + longest / 2;
    picture.append(svg("text", { class: "tick", x: place, y: size.height - size.bottom + 18, "text-anchor": "middle" },
      column.short));
  });
}

function marks(picture, columns, size, slot) {
  columns.forEach((column, at) => {
    const x = size.left + slot * at;
    const height = size.height - 10 - size.bottom;
    if (column.isGap) {
      picture.append(svg("rect", { class: "gap", x, y: 10, width: slot, height },
        svg("title", {}, `${column.label}: not in the history`)));
    } else if (column.isPartial) picture.append(hatch(x, 10, slot, height));
  });
}

/** A line over time, with the same of an earlier period and a goal. */
function lineChart({ title, figure, values, before, columns, goal }) {
  const size = isNarrow() ? { width: 340, height: 190, left: 58, bottom: 26 } : { width: 372, height: 200, left: 58, bottom: 26 };
  const highest = Math.max(...[...values, ...(before ?? []), goal ?? 0].filter((one) => one !== null), 0);
  const { picture, y } = frame(title, size, highest, figure.unit);
  const slot = (size.width - size.left) / Math.max(columns.length, 1);
  const x = (at) => size.left + slot * (at + 0.5);
  marks(picture, columns, size, slot);
  if (goal !== null && goal !== undefined) {
    picture.append(svg("line", { class: "goal", x1: size.left, x2: size.width, y1: y(goal), y2: y(goal) }),
      svg("text", { class: "goal-text", x: size.left + 4, y: y(goal) - 4 }, `goal ${shown(goal, figure.unit)}`));
  }
  if (before) {
    picture.append(svg("path", { class: "line before", d: linePath(before, x, y) }),
      svg("path", { class: "line before dots", d: dotPath(before, x, y) }));
  }
  picture.append(svg("path", { class: "line now", d: linePath(values, x, y) }),
    svg("path", { class: "line now dots", d: dotPath(values, x, y) }));
  columns.forEach((column, at) => {
    const texts = [`${column.label}: ${shown(values[at], figure.unit)}`];
    if (before) texts.push(`before: ${shown(before[at] ?? null, figure.unit)}`);
    picture.append(svg("rect", { class: "touch", x: size.left + slot * at, y: 10, width: slot, height: size.height - 10 - size.bottom },
      svg("title", {}, texts.join("; "))));
  });
  dayTicks(picture, columns, x, size);
  return picture;
}

/** Bars over time, stacked from parts. */
function stackChart({ title, parts, columns }) {
  const size = isNarrow() ? { width: 360, height: 260, left: 52, bottom: 30 } : { width: 1140, height: 300, left: 52, bottom: 30 };
  const heights = columns.map((_, at) => parts.reduce((sum, part) => sum + (part.values[at] ?? 0), 0));
  const { picture, y } = frame(title, size, Math.max(...heights, 0), "calls");
  const slot = (size.width - size.left) / Math.max(columns.length, 1);
  const bar = Math.min(slot * 0.76, 64);
  const x = (at) => size.left + slot * (at + 0.5);
  columns.forEach((column, at) => {
    let from = 0;
    for (const part of parts) {
      const value = part.values[at] ?? 0;
      if (value <= 0) continue;
      picture.append(svg("rect", {
        class: part.class, x: (x(at) - bar / 2).toFixed(1), y: y(from + value).toFixed(1),
        width: bar.toFixed(1), height: (y(from) - y(from + value)).toFixed(1),
      }, svg("title", {}, `${column.label}: ${shown(value, "calls")} ${part.name}`)));
      from += value;
    }
  });
  marks(picture, columns, size, slot);
  dayTicks(picture, columns, x, size);
  return picture;
}

/** A line without axes, for a cell. */
function sparkline(values, top, goal) {
  const highest = top ?? Math.max(...values.filter((one) => one !== null), 0);
  const [width, height] = [90, 20];
  const x = (at) => 2 + (width - 4) * (values.length < 2 ? 0.5 : at / (values.length - 1));
  const y = (value) => height - 2 - (height - 4) * (highest > 0 ? Math.min(value / highest, 1) : 0);
  return svg("svg", { class: "spark", viewBox: `0 0 ${width} ${height}`, preserveAspectRatio: "none", "aria-hidden": "true", focusable: "false" },
    goal === null || goal === undefined ? null : svg("line", { class: "goal", x1: 2, x2: width - 2, y1: y(goal), y2: y(goal) }),
    svg("path", { class: "line now", d: linePath(values, x, y) }),
    svg("path", { class: "line now dots", d: dotPath(values, x, y) }));
}

/** A share as a bar. */
const shareBar = (share, name) => svg("svg", {
  class: "bar", viewBox: "0 0 100 10", preserveAspectRatio: "none", "aria-hidden": "true", focusable: "false",
}, svg("rect", { class: "track", width: 100, height: 10 }),
svg("rect", { class: name, width: (100 * Math.min(Math.max(share ?? 0, 0), 1)).toFixed(1), height: 10 }));
