// What the checks of pages share: a browser, and what is wrong with a page.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { chromium } from "playwright-core";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
export const wrong = [];
export const expect = (holds, what) => { if (!holds) wrong.push(what); };
let checked = 0;

export const launch = (executablePath) => chromium.launch({
  executablePath,
  args: [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
  ],
});

/** Notes the errors of a tab, and requests that its page should not send. */
export function watch(tab, name, isExpected) {
  tab.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) wrong.push(`${name}: console: ${message.text()}`);
  });
  tab.on("pageerror", (error) => wrong.push(`${name}: script: ${error.message}`));
  tab.on("request", (request) => {
    if (!isExpected(request.url())) wrong.push(`${name}: requests ${request.url()}`);
  });
}

/** Runs axe; `others` is a part of the page that isn't ours, and the rules that it breaks. */
export async function accessible(tab, name, others = { within: null, rules: [] }) {
  const result = await tab.evaluate(`${axe}; axe.run(document, { resultTypes: ["violations"] })`);
  for (const violation of result.violations) {
    const known = others.rules.includes(violation.id);
    const nodes = [];
    for (const node of violation.nodes) {
      const isOthers = known && await tab.locator(`${others.within} ${node.target[0]}`).count() > 0;
      if (!isOthers) nodes.push(node);
    }
    if (nodes.length === 0) continue;
    const places = nodes.slice(0, 3).map((node) => `${node.target} ${node.failureSummary}`);
    wrong.push(`${name}: axe: ${violation.id}: ${violation.help}\n    ${places.join("\n    ")}`);
  }
  expect(result.passes.length > 15, `${name}: axe found little to look at`);
  checked += 1;
}

/** Runs the checks, prints what is wrong, and exits with 1 if anything is. */
export async function end(browser, folder, checks) {
  for (const check of checks) {
    await check().catch((error) => wrong.push(`${check.name}: ${error.message}`));
  }
  await browser.close();
  wrong.forEach((what) => console.error(what));
  console.log(`${checked} accessibility checks, ${wrong.length} faults; screenshots in ${folder}`);
  process.exit(wrong.length === 0 ? 0 : 1);
}
