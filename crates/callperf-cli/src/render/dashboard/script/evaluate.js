// The evaluator of the formula table. It has no formula of its own: callperf's documentation of
// `kpi::FormulaTable` says how a figure is computed from the table.

/** A series as it is written in the page: sums and unknown numbers before each column. */
function readSeries(text, columns) {
  const sums = new Float64Array(columns + 1);
  const unknown = new Uint32Array(columns + 1);
  const parts = text === "" ? [] : text.split(",");
  for (let at = 0; at < columns; at += 1) {
    const part = at < parts.length ? parts[at] : "";
    sums[at + 1] = sums[at] + (part === "" || part === "?" ? 0 : Number(part));
    unknown[at + 1] = unknown[at] + (part === "?" ? 1 : 0);
  }
  return { sums, unknown };
}

const placeName = (scope, metric, breakdown, word) => JSON.stringify([scope, metric, breakdown, word ?? null]);

/** The numbers of a grouping over columns. */
class Numbers {
  constructor(table, group, days, missingIsZero) {
    this.table = table;
    this.missingIsZero = missingIsZero;
    this.columns = group.columns === "days" ? days.count
      : group.columns === "weeks" ? days.weekOf(days.count - 1) + 1 : group.columns.length;
    this.places = new Map(group.places.map((place, at) => [placeName(...place), at]));
    this.placesOf = new Map();
    group.places.forEach(([scope], at) => {
      if (!this.placesOf.has(scope)) this.placesOf.set(scope, []);
      this.placesOf.get(scope).push(at);
    });
    this.figures = new Map(table.figures.map((figure) => [figure.name, figure]));
    this.gaps = new Map();
    for (const [scope, columns] of Object.entries(group.gaps)) {
      const before = new Uint32Array(this.columns + 1);
      const missing = new Set(columns);
      for (let at = 0; at < this.columns; at += 1) before[at + 1] = before[at] + (missing.has(at) ? 1 : 0);
      this.gaps.set(scope, before);
    }
    this.keys = group.keys.map(([key, name, extension, series]) => ({ key, name, extension, series, read: [] }));
    this.byKey = new Map(this.keys.map((one, at) => [one.key, at]));
  }

  /** How many columns of a scope aren't known. */
  gapsOf(scope, from, to) {
    const before = this.gaps.get(scope);
    return before ? before[to] - before[from] : 0;
  }

  /** The sum of a place; null if it isn't known. */
  sum(key, place, from, to) {
    const one = this.keys[key];
    if (one.series[place] === null) return null;
    one.read[place] ??= readSeries(one.series[place], this.columns);
    const { sums, unknown } = one.read[place];
    return unknown[to] > unknown[from] ? null : sums[to] - sums[from];
  }

  /** Whether a response about these columns has the key: it has any number. */
  isThere(key, scope, from, to) {
    const places = this.placesOf.get(scope) ?? [];
    return places.some((place) => (this.sum(key, place, from, to) ?? 1) !== 0
      && this.keys[key].series[place] !== null);
  }

  isAnywhere(key, from, to) {
    return [...this.placesOf.keys()].some((scope) => this.isThere(key, scope, from, to));
  }

  /** The number of a source in the response that has it; null without one. */
  read(key, source, from, to) {
    const place = this.places.get(placeName(source.scope, source.metric, source.breakdown, source.word));
    if (place === undefined || this.gapsOf(source.scope, from, to) > 0) return null;
    return this.isThere(key, source.scope, from, to) ? this.sum(key, place, from, to) : null;
  }

  input(key, place, from, to) {
    const input = this.table.inputs[place];
    const source = input.sources.find((one) => this.placesOf.has(one.scope));
    if (source === undefined || this.gapsOf(source.scope, from, to) > 0) return null;
    if (this.isThere(key, source.scope, from, to)) return this.read(key, source, from, to);
    if (source.aggregation !== "Sum") return null;
    const isProven = input.parts_of.some((whole) => this.read(key, whole, from, to) === 0);
    return this.missingIsZero || isProven ? 0 : null;
  }

  terms(key, { plus, minus }, from, to) {
    let sum = 0;
    for (const [places, sign] of [[plus, 1], [minus, -1]]) {
      for (const place of places) {
        const number = this.input(key, place, from, to);
        if (number === null) return null;
        sum += sign * number;
      }
    }
    return sum;
  }

  /** A figure of a key over columns, from one up to and without another; null if it isn't known. */
  figure(key, name, from, to) {
    const figure = this.figures.get(name);
    if (figure === undefined || from >= to) return null;
    const above = this.terms(key, figure.numerator, from, to);
    if (above === null || figure.is_of_staffed_time) return null;
    if (figure.denominator === undefined) return above;
    const below = this.terms(key, figure.denominator, from, to);
    if (below === null || !(below > 0)) return null;
    const share = above / below;
    return Number.isFinite(share) ? share : null;
  }

  /** How many calls a share or an average rests on; null for a plain number. */
  basis(key, name, from, to) {
    const figure = this.figures.get(name);
    return figure?.denominator === undefined ? null : this.terms(key, figure.denominator, from, to);
  }

  /** A number that is shown beside the figures. */
  number(key, [scope, metric, breakdown, word], from, to) {
    return this.read(key, { scope, metric, breakdown, word }, from, to);
  }
}
