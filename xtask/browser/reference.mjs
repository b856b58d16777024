// Opens the API reference of a sandbox in Chromium and sends a request from it. Prints what is wrong and exits with 1.
//
//   node reference.mjs http://127.0.0.1:PORT FOLDER CHROMIUM
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { accessible, end, expect, launch, watch } from "./support.mjs";

const [address, folder, executablePath] = process.argv.slice(2);
const browser = await launch(executablePath);

// What Swagger UI does by itself, and offers no option for: its colours and the order of its headings, fields and
// buttons that it gives no label, and boxes that scroll and can't be reached by keyboard.
const VIEWER = {
  within: "#viewer",
  rules: [
    "button-name", "color-contrast", "heading-order", "label", "landmark-unique", "scrollable-region-focusable",
    "select-name",
  ],
};

async function open(name, path) {
  const tab = await browser.newPage({ viewport: { width: 1280, height: 900 } });
  watch(tab, name, (url) => url.startsWith(`${address}/`) || url.startsWith("data:"));
  await tab.goto(address + path);
  await tab.locator(".opblock").first().waitFor();
  return tab;
}

/** Each operation's example, sent as it is, gets the response that the document says. */
async function tries() {
  for (const api of ["calls-v1", "beta"]) {
    const { info, paths } = await (await fetch(`${address}/openapi/${api}.json`)).json();
    const tab = await open(api, `/reference?document=${api}/${info.version}`);
    await accessible(tab, api, VIEWER);
    const blocks = tab.locator(".opblock");
    expect(await blocks.count() === Object.keys(paths).length, `${api}: not every operation is there`);
    for (let at = 0; at < await blocks.count(); at += 1) {
      const block = blocks.nth(at);
      const path = await block.locator(".opblock-summary-path").getAttribute("data-path");
      const operation = paths[path].post;
      const answered = tab.waitForResponse((response) => response.url().includes(path.split("}")[1]));
      await block.getByRole("button", { name: "Execute" }).click();
      const response = await answered;
      expect(response.status() === 200, `${api}: ${path}: status ${response.status()}`);
      const { example } = operation.responses["200"].content["application/json"];
      const isSame = isDeepStrictEqual(await response.json(), example);
      expect(isSame, `${api}: ${path}: the response isn't the example`);
      await block.locator(".live-responses-table").waitFor();
      const shown = await block.locator(".live-responses-table .response td").first().textContent();
      expect(shown.trim() === "200", `${api}: ${path}: the page shows ${shown}`);
    }
    await tab.screenshot({ path: join(folder, `reference-${api}.png`), fullPage: true });
    await accessible(tab, `${api}, with responses`, VIEWER);
    await tab.close();
  }
}

/** A revision that isn't spoken can be read, and the page says how to try it. */
async function otherRevisions() {
  const tab = await open("other", "/reference");
  const first = await tab.locator("#document").inputValue();
  await tab.getByLabel("Document").selectOption("calls-v1/2022-09-29");
  await tab.locator(".version", { hasText: "2022-09-29" }).waitFor();
  const note = await tab.getByRole("status").textContent();
  expect(note.includes("--revision calls-v1@2022-09-29"), `other: the note says ${note}`);
  expect(await tab.getByRole("button", { name: "Execute" }).count() === 0, "other: requests can be sent");
  await tab.goBack();
  await tab.locator(".opblock").first().waitFor();
  expect(await tab.locator("#document").inputValue() === first, "other: back leads elsewhere");
  await tab.close();
}

await end(browser, folder, [tries, otherRevisions]);
