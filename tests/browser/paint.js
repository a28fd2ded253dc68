// Prints how soon the chat page paints and how many bytes it is. Run it by hand, on a machine that
// does nothing else, after `cargo build --workspace`: `node paint.js`, or
// `DARI_BIN=… node paint.js` for another binary.

import { launch, onPage } from "./world.js";

const LOADS = 10;

const browser = await launch();
const paints = [];
let files = [];
await onPage(browser, {}, async ({ dari }) => {
  for (let load = 0; load < LOADS; load += 1) {
    const window = await browser.newContext();
    const page = await window.newPage();
    await page.goto(dari.url);
    await page.locator("#chats [aria-current]").waitFor();
    await page.locator("#panel-host h2").waitFor({ state: "attached" });
    // The browser may record the paint a little after it happened.
    const paint = await page.waitForFunction(() => performance.getEntriesByName("first-contentful-paint")[0]?.startTime);
    paints.push(await paint.jsonValue());
    files = await page.evaluate(() => performance.getEntries().filter(({ decodedBodySize }) => decodedBodySize > 0).map(({ name, decodedBodySize }) => [name, decodedBodySize]));
    await window.close();
  }
});
await browser.close();

paints.sort((a, b) => a - b);
const bytes = files.reduce((sum, [, size]) => sum + size, 0);
console.log(`first paint: median ${Math.round(paints[LOADS / 2])} ms, longest ${Math.round(paints.at(-1))} ms of ${LOADS} loads`);
console.log(`weight: ${bytes} bytes in ${files.length} files`);
