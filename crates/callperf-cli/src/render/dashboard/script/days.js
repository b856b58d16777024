// Days by their places: the first day of the page's numbers is 0. Weeks begin on Mondays.

const DAY = 86_400_000;

class Days {
  constructor(first, count, partial, parts = []) {
    this.start = Date.parse(`${first}T00:00:00Z`);
    this.count = count;
    this.partial = new Set(partial);
    this.hours = new Map(partial.map((place, at) => [place, parts[at]]));
    // The end of the last whole day.
    this.whole = partial.includes(count - 1) && count > 1 ? count - 1 : count;
  }

  text(place) { return new Date(this.start + place * DAY).toISOString().slice(0, 10); }

  /** The place of a date; null for what is none. It may be outside of the page's days. */
  place(text) {
    if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return null;
    const time = Date.parse(`${text}T00:00:00Z`);
    if (Number.isNaN(time) || new Date(time).toISOString().slice(0, 10) !== text) return null;
    return Math.round((time - this.start) / DAY);
  }

  /** Monday is 0. */
  weekday(place) { return (new Date(this.start + place * DAY).getUTCDay() + 6) % 7; }

  weekOf(place) { return Math.floor((place + this.weekday(0)) / 7); }

  firstOfWeek(week) { return week * 7 - this.weekday(0); }

  /** The same date so many months later or earlier; the last day of a month that is shorter. */
  monthsFrom(place, months) {
    const date = new Date(this.start + place * DAY);
    const month = date.getUTCFullYear() * 12 + date.getUTCMonth() + months;
    const last = new Date(Date.UTC(Math.floor(month / 12), month % 12 + 1, 0)).getUTCDate();
    const time = Date.UTC(Math.floor(month / 12), month % 12, Math.min(date.getUTCDate(), last));
    return Math.round((time - this.start) / DAY);
  }

  /** The months that have a day, the latest first, as in 2026-10. */
  months() {
    const months = new Set();
    for (let place = this.count - 1; place >= 0; place -= 1) months.add(this.text(place).slice(0, 7));
    return [...months];
  }

  /** The places from and up to which a month has days here. */
  month(name) {
    const from = this.place(`${name}-01`);
    if (from === null) return null;
    const to = this.monthsFrom(from, 1);
    return to <= 0 || from >= this.count ? null : [Math.max(from, 0), Math.min(to, this.count)];
  }

  isFirstOfMonth(place) { return this.text(place).endsWith("-01"); }

  /** How many whole months a period has; 0 for one of other days. */
  wholeMonths(from, to) {
    if (!this.isFirstOfMonth(from) || !this.isFirstOfMonth(to)) return 0;
    const month = (place) => Number(this.text(place).slice(0, 4)) * 12 + Number(this.text(place).slice(5, 7));
    return month(to) - month(from);
  }

  /** What a period has of days that aren't whole, as a text that follows it. */
  parts({ from, to }) {
    const within = [...this.hours].filter(([place, hours]) => place >= from && place < to && hours);
    return within.map(([place, hours]) => `; of ${this.text(place)} ${hours}`).join("");
  }

  hasPartial([from, to]) { return [...this.partial].some((place) => place >= from && place < to); }

  /**
   * The period that another is compared with, as reports have it: months with months, and a month up to now with
   * the same days of the one before. null if it begins before the first day, and if part of a day is in either.
   */
  before([from, to], how, isMonth = false) {
    const days = to - from;
    const shift = (by) => [from - by, to - by];
    const earlier = () => {
      const whole = this.wholeMonths(from, to);
      if (whole > 0) return [this.monthsFrom(from, -whole), from];
      if (!isMonth || !this.isFirstOfMonth(from)) return shift(days);
      const start = this.monthsFrom(from, -1);
      return [start, Math.min(start + days, from)];
    };
    const months = (count) => {
      const start = this.monthsFrom(from, -count);
      // Whole months are compared with whole months.
      const isWhole = this.isFirstOfMonth(from) && this.isFirstOfMonth(to);
      return [start, isWhole ? this.monthsFrom(to, -count) : start + days];
    };
    const found = {
      previous: earlier,
      weekdays: () => shift(Math.ceil(days / 7) * 7),
      month: () => months(1),
      year: () => months(12),
    }[how]?.();
    if (found === undefined || found[0] < 0) return null;
    return this.hasPartial([from, to]) || this.hasPartial(found) ? null : found;
  }

  /** The columns of a period in a group, and the days that they are about. */
  columns(group, [from, to]) {
    if (group.columns === "days") return { from, to, days: [from, to] };
    if (group.columns === "weeks") {
      const [first, last] = [this.weekOf(from), this.weekOf(to - 1)];
      const days = [Math.max(this.firstOfWeek(first), 0), Math.min(this.firstOfWeek(last + 1), this.count)];
      return { from: first, to: last + 1, days };
    }
    const at = group.columns.findIndex(([start, end]) => this.place(start) === from && this.place(end) + 1 === to);
    return at < 0 ? null : { from: at, to: at + 1, days: [from, to] };
  }
}
