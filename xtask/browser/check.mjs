// Opens a dashboard in Chromium and tries what its readers do. Prints what is wrong and exits with 1.
//
//   node check.mjs PAGE.html FOLDER CHROMIUM
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { accessible, end, expect, launch, watch } from "./support.mjs";

const [page, folder, executablePath] = process.argv.slice(2);
const address = pathToFileURL(page).href;
const browser = await launch(executablePath);

/** A tab that notes errors and requests. */
async function open(name, { width = 1280, scheme = "light", javaScriptEnabled = true, fragment = "" } = {}) {
  const viewport = { width, height: 900 };
  const tab = await browser.newPage({ viewport, colorScheme: scheme, javaScriptEnabled });
  watch(tab, name, (url) => url.split("#")[0] === address || url.startsWith("data:") || url.startsWith("blob:"));
  await tab.goto(address + fragment);
  if (javaScriptEnabled) await tab.locator("#live").waitFor();
  return tab;
}

const heading = (tab) => tab.locator("#period").textContent();
const tile = (tab, name) => tab.locator("#live .tiles li", { hasText: name }).first().locator("strong").textContent();

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
      await tab.locator("#queues tbody a").first().click();
      await tab.locator(".crumbs").waitFor();
      await accessible(tab, `${name}, a queue`);
      await tab.screenshot({ path: join(folder, `${name}-queue.png`), fullPage: true });
      await tab.close();
    }
  }
}

/** What was computed before the page was made is what the page computes. */
async function sameNumbers() {
  const still = await open("still", { javaScriptEnabled: false });
  const live = await open("live");
  const texts = (tab, within) => tab.locator(`${within} .tiles li`).evaluateAll((tiles) => tiles.map((each) =>
    `${each.querySelector(".what").firstChild.textContent} ${each.querySelector("strong").textContent} ${each.querySelector(".change").textContent.replace(/\s+/g, " ").trim()}`));
  const [before, after] = [await texts(still, "#still"), await texts(live, "#live")];
  expect(before.length === 8 && before.join() === after.join(), `numbers: ${before} became ${after}`);
  for (const [from, to] of [["queues", "queues"], ["agents", "users"]]) {
    const cells = (tab, id) => tab.locator(`#${id} tbody tr`).evaluateAll((rows) => rows.filter((row) => row.cells.length > 1)
      .map((row) => [...row.cells].slice(0, 6).map((cell) => cell.textContent.replace(/[✓✗].*/, "").trim()).join(" ")).sort());
    if (to === "users") await live.getByRole("button", { name: /^Show all/ }).click();
    const [one, two] = [await cells(still, from), await cells(live, to)];
    const others = one.filter((row) => !two.includes(row));
    expect(one.length > 3 && one.join() === two.join(), `numbers: ${from}: ${one.length} rows became ${two.length}; ${others} aren’t there`);
  }
  await still.close();
  await live.close();
}

async function periods() {
  const tab = await open("periods");
  const own = await heading(tab);
  const offered = await tile(tab, "offered");
  await tab.getByLabel("Period").focus();
  await tab.getByLabel("Period").selectOption("7d");
  expect((await heading(tab)).includes("(7 days)"), `periods: ${await heading(tab)}`);
  const ofWeek = await tile(tab, "offered");
  expect(ofWeek !== offered, "periods: a week has as many calls as all");
  expect(tab.url().endsWith("#period=7d"), `periods: the address is ${tab.url()}`);
  const focused = await tab.evaluate(() => document.activeElement.id);
  expect(focused === "period-choice", `periods: the keyboard is at ${focused}`);
  const month = await tab.getByLabel("Period").locator("option").evaluateAll((all) =>
    all.map((one) => one.value).filter((value) => /^\d{4}-\d{2}$/.test(value))[1]);
  await tab.getByLabel("Period").selectOption(month);
  expect((await heading(tab)).startsWith(`${month}-01`), `periods: ${month} is ${await heading(tab)}`);
  for (const [how, part] of [["weekdays", "Compared with"], ["month", "Compared with"], ["year", "No comparison"], ["none", "Not compared"]]) {
    await tab.getByLabel("Compared with").selectOption(how);
    const said = await tab.locator("#comparison").textContent();
    expect(said.startsWith(part), `periods: compared with ${how}: ${said}`);
  }
  await tab.getByLabel("Period").selectOption("custom");
  await tab.getByLabel("From").fill("2026-11-02");
  await tab.getByLabel("to", { exact: true }).fill("2026-11-03");
  await tab.getByRole("button", { name: "Show", exact: true }).click();
  expect((await heading(tab)).startsWith("2026-11-02 to 2026-11-03 (2 days)"), `periods: custom: ${await heading(tab)}`);
  expect(await tab.locator("section.busy").count() === 0, "periods: two days have a heat map");
  await tab.getByLabel("From").fill("2026-11-20");
  await tab.getByRole("button", { name: "Show", exact: true }).click();
  expect((await heading(tab)).startsWith("2026-11-02"), "periods: an end before the start is shown");
  for (let back = 0; back < 3; back += 1) await tab.goBack();
  await tab.goto(address);
  expect(await heading(tab) === own, "periods: the page's own period is lost");
  await tab.close();
}

/** From the company to a queue and back; a link leads to the same. */
async function drillDown() {
  const tab = await open("drill");
  const company = await tile(tab, "offered");
  const link = tab.locator("#queues tbody a").first();
  const name = await link.textContent();
  const calls = await link.locator("xpath=ancestor::tr").locator("td").first().textContent();
  await link.focus();
  await tab.keyboard.press("Enter");
  await tab.locator(".crumbs", { hasText: name }).waitFor();
  expect(await tile(tab, "offered") === calls, `drill: ${name} has ${await tile(tab, "offered")}, not ${calls}`);
  expect(await tab.locator("section.busy .heat").count() === 1, "drill: the queue has no hours");
  const shared = tab.url();
  const other = await open("shared", { fragment: new URL(shared).hash });
  expect(await tile(other, "offered") === calls, "drill: a link leads elsewhere");
  await other.close();
  await tab.goBack();
  await tab.locator("#queues").waitFor();
  expect(await tile(tab, "offered") === company, "drill: back doesn't lead to the company");
  await tab.goForward();
  expect(await tile(tab, "offered") === calls, "drill: forward doesn't lead to the queue");
  await tab.close();
}

async function badLinks() {
  for (const fragment of ["#queues=0", "#period=never", "#period=constructor", "#from=2026-11-20&to=2026-11-01", "#compare=x&y=z", "#from=1999-01-01", "#%"]) {
    const tab = await open(`link ${fragment}`, { fragment });
    expect(await tab.locator("#live .tiles").count() === 1, `link ${fragment}: no numbers`);
    const said = await tab.locator("#live .empty").allTextContents();
    expect(fragment === "#%" || said.join().includes("isn’t here"), `link ${fragment}: it says ${said}`);
    await tab.close();
  }
}

async function sorting() {
  const tab = await open("sorting");
  await tab.getByRole("button", { name: /^Show all/ }).click();
  const heads = tab.locator("#users thead th[aria-sort]");
  const count = await heads.count();
  expect(count > 8, `sorting: there are ${count} columns`);
  const numbers = (column) => tab.locator("#users tbody tr").evaluateAll((rows, at) => rows.map((row) => {
    const cell = row.cells[at];
    return "number" in cell.dataset ? Number(cell.dataset.number) : null;
  }), column);
  for (let column = 2; column < count; column += 1) {
    const button = heads.nth(column).locator("button");
    for (const [order, sign] of [["descending", -1], ["ascending", 1]]) {
      // The keyboard does what the mouse does.
      if (order === "descending") await button.click();
      else { await button.focus(); await tab.keyboard.press("Enter"); }
      const said = await heads.nth(column).getAttribute("aria-sort");
      expect(said === order, `sorting: column ${column} says ${said} after ${order}`);
      const found = await numbers(column);
      const present = found.filter((number) => number !== null);
      expect(found.slice(0, present.length).every((number) => number !== null),
        `sorting: column ${column} ${order}: what is absent isn't last`);
      expect(present.every((number, at) => at === 0 || sign * (number - present[at - 1]) >= 0),
        `sorting: column ${column} isn't ${order}: ${present}`);
    }
  }
  await tab.close();
}

async function bestAndWorst() {
  const tab = await open("best");
  await tab.locator("#users thead button", { hasText: "answer rate" }).click();
  const parts = await tab.locator("#users tr.part").allTextContents();
  expect(parts.length === 2 && parts[0].startsWith("Best by answer rate") && parts[1].startsWith("Worst"), `best: ${parts}`);
  const status = tab.locator("section.users [role=status]");
  expect((await status.textContent()).endsWith(" of 24"), `best: ${await status.textContent()}`);
  await tab.locator("section.users").getByLabel("Only names with").fill("a");
  const shown = await tab.locator("#users tbody th").allTextContents();
  expect(shown.length > 0 && shown.every((name) => name.toLowerCase().includes("a")), `best: filtered: ${shown}`);
  await tab.locator("section.users").getByLabel("Only names with").fill("no user of this name");
  expect((await tab.locator("#users tbody").textContent()) === "No name has this.", "best: a name that no user has");
  await tab.close();
}

async function downloads() {
  const tab = await open("download");
  const saved = tab.waitForEvent("download");
  await tab.locator("section.users").getByRole("button", { name: "Download CSV" }).click();
  const file = await saved;
  expect(/^users-2026-\d\d-\d\d-2026-\d\d-\d\d\.csv$/.test(file.suggestedFilename()), `download: ${file.suggestedFilename()}`);
  const lines = readFileSync(await file.path(), "utf8").trimEnd().split("\r\n");
  expect(lines.length === 25, `download: ${lines.length} lines`);
  expect(lines[0].startsWith("\ufeffkey,name,extension_number,answered,answer_rate"), `download: ${lines[0]}`);
  await tab.close();
}

async function themes() {
  const tab = await open("theme");
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
  const tab = await open("definitions", { fragment: "#period=7d" });
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
  expect((await heading(tab)).includes("(7 days)"), "definitions: the selection is lost");
  await tab.goto(address);
  await tab.keyboard.press("Tab");
  const skip = await tab.evaluate(() => document.activeElement.textContent);
  expect(skip === "To the numbers", `keyboard: the first stop is ${skip}`);
  await tab.close();
}

async function paper() {
  const tab = await open("print", { scheme: "dark" });
  await tab.emulateMedia({ media: "print", colorScheme: "dark" });
  const background = await tab.evaluate(() => getComputedStyle(document.body).backgroundColor);
  expect(background === "rgb(255, 255, 255)", `print: on ${background}`);
  for (const gone of ["#theme", "#controls", ".tools >> nth=0", "a.why >> nth=0"]) {
    expect(!(await tab.locator(gone).isVisible()), `print: ${gone} is on paper`);
  }
  await tab.pdf({ path: join(folder, "print.pdf"), format: "A4", printBackground: true,
    margin: { top: "12mm", bottom: "12mm", left: "12mm", right: "12mm" } });
  await tab.close();
}

async function withoutScript() {
  const tab = await open("no script", { javaScriptEnabled: false });
  for (const id of ["queues", "agents"]) {
    expect(await tab.locator(`#${id} tbody tr`).first().isVisible(), `no script: ${id} are gone`);
  }
  for (const idle of ["#theme", "#filter", "#controls"]) {
    expect(!(await tab.locator(idle).isVisible()), `no script: ${idle} is shown and does nothing`);
  }
  await tab.close();
}

await end(browser, folder, [
  looks, sameNumbers, periods, drillDown, badLinks, sorting, bestAndWorst, downloads, themes, definitions, paper, withoutScript,
]);
