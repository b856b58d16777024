// Computes figures as the page's own script does. Reads the parts of the script from a folder, the
// page from a file, and selections from standard input; prints the figures of each as JSON.
//
//   node evaluate.mjs SCRIPTS PAGE.html
import { readFileSync } from "node:fs";

const [scripts, page] = process.argv.slice(2);
const parts = ["evaluate.js", "days.js", "link.js", "unpack.js"].map((name) => readFileSync(`${scripts}/${name}`, "utf8"));
const html = readFileSync(page, "utf8");
for (const part of parts) {
  if (!html.includes(part)) throw new Error("the page has another script");
}
const { Numbers, Days, comparedWith, ownSelection, readLink, unpacked } = new Function(`${parts.join("\n")}\nreturn { Numbers, Days, comparedWith, ownSelection, readLink, unpacked };`)();
const block = (id) => html.match(new RegExp(`<script type="application/json" id="${id}">([^<]*)</script>`))?.[1];

const data = await unpacked(block("block"));
const users = block("users-block");
const groups = { ...data.groups, ...(users === undefined ? {} : { users: await unpacked(users) }) };
const days = new Days(data.first, data.days, data.partial, data.parts);
const numbers = Object.fromEntries(Object.entries(groups)
  .map(([name, group]) => [name, new Numbers(data.table, group, days, data.missing_is_zero)]));
const selections = JSON.parse(readFileSync(0, "utf8"));
const agents = Object.fromEntries(Object.entries(data.agents)
  .map(([queue, group]) => [queue, new Numbers(data.table, group, days, data.missing_is_zero)]));
const answers = selections.map(({ group, queue, from, to, link }) => {
  if (link !== undefined) {
    const { selection, unknown } = readLink(link, ownSelection(data, days), days, {});
    if (unknown.length > 0) throw new Error(unknown.join());
    const before = comparedWith(selection, data, days);
    return before === null ? null : [days.text(before[0]), days.text(before[1] - 1)];
  }
  const of = queue === undefined ? numbers[group] : agents[queue];
  const [start, end] = [days.place(from), days.place(to) + 1];
  const answer = {};
  of.keys.forEach(({ key }, at) => {
    if (!of.isAnywhere(at, start, end)) return;
    answer[key] = Object.fromEntries((queue === undefined ? groups[group] : data.agents[queue]).figures.map((name) => [name, of.figure(at, name, start, end)]));
  });
  return answer;
});
console.log(JSON.stringify(answers));
