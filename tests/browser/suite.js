// Declares a file of tests. They share one browser and run on several pages at a time, because they
// spend most of their time waiting for Kakao's deadlines.

import { after, before, describe, test } from "node:test";
import { launch, onPage } from "./world.js";

const PAGES = 4;

/** `tests` gets the function that declares one test; each test runs on a `dari dev` of its own. */
export function suite(name, tests) {
  describe(name, { concurrency: PAGES }, () => {
    let browser;
    before(async () => { browser = await launch(); });
    after(() => browser.close());
    const declare = (title, options, run) => test(title, () => onPage(browser, options, run));
    tests(declare);
  });
}
