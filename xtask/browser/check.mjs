// Opens a dashboard in Chromium and tries what its readers do. Prints what is wrong and exits with 1.
//
//   node check.mjs PAGE.html FOLDER CHROMIUM
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { accessible, end, expect, launch, watch, wrong } from "./support.mjs";

const [page, folder, executablePath] = process.argv.slice(2);
const address = pathToFileURL(page).href;
const browser = await launch(executablePath);

/** A tab that notes errors and requests. */
async function open(name, { width, scheme, javaScriptEnabled = true }) {
  const viewport = { width, height: 900 };
  const tab = await browser.newPage({ viewport, colorScheme: scheme, javaScriptEnabled });
  watch(tab, name, (url) => url.split("#")[0] === address || url.startsWith("data:"));
  await tab.goto(address);
  return tab;
}

async function looks() {
  for (const width of [1280, 390]) {
    for (const scheme of ["light", "dark"]) {
      const name = `${width}-${scheme}`;
      const tab = await open(name, { width, scheme });
      await accessible(tab, name);
      const wide = await tab.evaluate(() => document.documentElement.scrollWidth);
      expect(wide <= width, `${name}: the page is ${wide} wide and scrolls sideways`);
      await tab.screenshot({ path: join(folder, `${name}.png`), fullPage: true });
      await tab.locator("details summary").first().click();
      await accessible(tab, `${name}, with the numbers open`);
      await tab.close();
    }
  }
}

const numbers = (tab, column) => tab.locator("#agents tbody tr").evaluateAll((rows, at) => rows.map((row) => {
  const cell = row.cells[at];
  return "number" in cell.dataset ? Number(cell.dataset.number) : null;
}), column);
const names = (tab) => tab.locator("#agents tbody tr:visible th").allTextContents();

async function sorting() {
  const tab = await open("sorting", { width: 1280, scheme: "light" });
  const heads = tab.locator("#agents thead th");
  const count = await heads.count();
  expect(count > 5, `sorting: there are ${count} columns`);
  const before = (await names(tab)).toSorted();
  for (let column = 1; column < count; column += 1) {
    const button = heads.nth(column).locator("button");
    for (const [order, sign] of [["descending", -1], ["ascending", 1]]) {
      // The keyboard does what the mouse does.
      if (order === "descending") await button.click();
      else { await button.focus(); await tab.keyboard.press("Enter"); }
      const said = await heads.nth(column).getAttribute("aria-sort");
      expect(said === order, `sorting: column ${column} says ${said} after ${order}`);
      const found = await numbers(tab, column);
      const present = found.filter((number) => number !== null);
      expect(found.slice(0, present.length).every((number) => number !== null),
        `sorting: column ${column} ${order}: what is absent isn't last`);
      expect(present.every((number, at) => at === 0 || sign * (number - present[at - 1]) >= 0),
        `sorting: column ${column} isn't ${order}: ${present}`);
      const others = await tab.locator('#agents thead th[aria-sort]:not([aria-sort="none"])').count();
      expect(others === 1, `sorting: ${others} columns say that they are sorted`);
    }
  }
  await heads.nth(0).locator("button").click();
  const sorted = await names(tab);
  expect(sorted.join() === sorted.toSorted((one, two) => one.localeCompare(two)).join(), "sorting: names");
  expect(sorted.toSorted().join() === before.join(), "sorting: a row was lost");
  await tab.close();
}

async function filtering() {
  const tab = await open("filtering", { width: 1280, scheme: "light" });
  const all = await names(tab);
  const part = all[0].slice(0, 3).toUpperCase();
  await tab.getByLabel("Only names with").fill(part);
  const shown = await names(tab);
  const expected = all.filter((name) => name.toUpperCase().includes(part));
  expect(shown.join() === expected.join() && shown.length < all.length, `filtering: ${part} shows ${shown}`);
  const said = await tab.getByRole("status").textContent();
  expect(said === `${shown.length} of ${all.length}`, `filtering: it says ${said}`);
  await tab.getByLabel("Only names with").fill("nobody of this name");
  expect((await names(tab)).length === 0, "filtering: somebody is shown for a name that nobody has");
  await tab.getByLabel("Only names with").fill("");
  expect((await names(tab)).length === all.length, "filtering: not all come back");
  await tab.close();
}

async function themes() {
  const tab = await open("theme", { width: 1280, scheme: "light" });
  const paper = () => tab.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const button = tab.getByRole("button", { name: /^Theme/ });
  const system = await paper();
  await button.click();
  expect(await paper() === system, "theme: light differs from the system's light");
  await button.click();
  const dark = await paper();
  expect(dark !== system, "theme: dark is as light");
  expect((await button.textContent()).includes("dark"), "theme: the button doesn't say dark");
  await accessible(tab, "theme: dark by choice");
  await tab.reload();
  expect(await paper() === dark, "theme: the choice is forgotten");
  await tab.close();
}

/** Each "?" leads to a definition, and the page can be walked through by keyboard. */
async function definitions() {
  const tab = await open("definitions", { width: 1280, scheme: "light" });
  const dangling = await tab.locator("a.why").evaluateAll((links) => links
    .filter((link) => document.getElementById(decodeURIComponent(link.hash.slice(1))) === null)
    .map((link) => link.hash));
  expect(dangling.length === 0, `definitions: nothing is at ${dangling}`);
  const link = tab.getByRole("link", { name: "What “answer rate” means" }).first();
  await link.focus();
  await tab.keyboard.press("Enter");
  const target = tab.locator("dl > div:target");
  expect(await target.isVisible(), "definitions: the target can't be seen");
  expect((await target.textContent()).includes("answered / offered"), "definitions: no formula");
  await tab.goto(address);
  await tab.keyboard.press("Tab");
  const skip = await tab.evaluate(() => document.activeElement.textContent);
  expect(skip === "To the numbers", `keyboard: the first stop is ${skip}`);
  await tab.close();
}

async function paper() {
  const tab = await open("print", { width: 1280, scheme: "dark" });
  await tab.emulateMedia({ media: "print", colorScheme: "dark" });
  const background = await tab.evaluate(() => getComputedStyle(document.body).backgroundColor);
  expect(background === "rgb(255, 255, 255)", `print: on ${background}`);
  for (const gone of ["#theme", "#filter", "a.why >> nth=0"]) {
    expect(!(await tab.locator(gone).isVisible()), `print: ${gone} is on paper`);
  }
  await tab.pdf({ path: join(folder, "print.pdf"), format: "A4", printBackground: true,
    margin: { top: "12mm", bottom: "12mm", left: "12mm", right: "12mm" } });
  await tab.close();
}

async function withoutScript() {
  const tab = await open("no script", { width: 1280, scheme: "light", javaScriptEnabled: false });
  expect(await tab.locator("#queues tbody tr").first().isVisible(), "no script: the queues are gone");
  for (const idle of ["#theme", "#filter"]) {
    expect(!(await tab.locator(idle).isVisible()), `no script: ${idle} is shown and does nothing`);
  }
  await tab.close();
}

await end(browser, folder, [looks, sorting, filtering, themes, definitions, paper, withoutScript]);
