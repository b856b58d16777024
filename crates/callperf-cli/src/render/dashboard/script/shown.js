// Numbers as people read them: as the reports of callperf show them.

const ABSENT = "–";

/** One decimal; halves become even, as the reports have them: 6.25 is 6.2. */
function decimal(number) {
  const text = (number % 1 === 0.25 ? number - 0.05 : number).toFixed(1);
  return text === "-0.0" ? "0.0" : text;
}

const withCommas = (whole) => String(whole).replace(/\B(?=(\d{3})+$)/g, ",");

function duration(seconds) {
  const whole = Math.round(seconds);
  const two = (number) => String(number).padStart(2, "0");
  return `${withCommas(Math.floor(whole / 3600))}:${two(Math.floor(whole / 60) % 60)}:${two(whole % 60)}`;
}

function shown(number, unit) {
  if (number === null || number === undefined) return ABSENT;
  if (Math.abs(number) >= 1e15) return number.toExponential();
  if (unit === "share") return `${decimal(number * 100)} %`;
  if (unit === "seconds") return duration(number);
  return Number.isInteger(number) ? withCommas(number) : decimal(number);
}

const signed = (number, text) => /[1-9]/.test(text) ? `${number > 0 ? "+" : "−"}${text}` : text;

/** How a figure has changed: its text, and whether that is better. `calls` are what both rest on. */
function change(figure, before, now, calls, fewest) {
  if (before === null || now === null) return null;
  const difference = now - before;
  const size = Math.abs(difference);
  const text = figure.unit === "share" ? `${decimal(size * 100)} pp` : shown(size, figure.unit);
  const absolute = signed(difference, text);
  const percent = before === 0 ? ABSENT
    : signed(difference, `${decimal(100 * size / Math.abs(before))} %`);
  const isShown = absolute !== text;
  const isJudged = isShown && figure.better !== undefined && calls.every((one) => one !== null && one >= fewest);
  const isBetter = (figure.better === "more") === (difference > 0);
  const isFew = isShown && figure.better !== undefined && !isJudged;
  return {
    text: figure.unit === "share" ? absolute : `${absolute} (${percent})`,
    arrow: !isShown ? "=" : difference > 0 ? "▲" : "▼",
    sense: isJudged ? (isBetter ? "better" : "worse") : "",
    isFew,
  };
}
