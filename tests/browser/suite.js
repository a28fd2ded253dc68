// A file of tests: one browser, and several pages at a time, because most of the time is spent waiting for Kakao.

import { after, before, describe, test } from "node:test";
import { launch, onPage } from "./world.js";

const PAGES = 4;

/** `tests(onPage)` declares them; each runs on a `dari dev` of its own. */
export function suite(name, tests) {
  describe(name, { concurrency: PAGES }, () => {
    let browser;
    before(async () => { browser = await launch(); });
    after(() => browser.close());
    const declare = (title, options, run) => test(title, () => onPage(browser, options, run));
    tests(declare);
  });
}
