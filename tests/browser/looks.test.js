import assert from "node:assert/strict";
import { ask, has, later, say, tab } from "./chat.js";
import { suite } from "./suite.js";

/** How light the background is, from 0 to 255. */
const lightness = (page, selector) => page.locator(selector).evaluate((element) => {
  const [red, green, blue] = getComputedStyle(element).backgroundColor.match(/\d+/g).map(Number);
  return (red + green + blue) / 3;
});

suite("looks", (test) => {
  test("it follows the system into the dark, unless told otherwise", { context: { colorScheme: "dark" } }, async ({ page }) => {
    for (const part of ["body", "main", "#side"]) assert.ok(await lightness(page, part) < 60, part);
    await page.locator("#theme").selectOption({ label: "밝게" });
    for (const part of ["body", "main", "#side"]) assert.ok(await lightness(page, part) > 180, part);
    await page.emulateMedia({ colorScheme: "light" });
    await page.locator("#theme").selectOption({ label: "어둡게" });
    assert.ok(await lightness(page, "body") < 60);
    await page.reload();
    await page.locator("#chats [aria-current]").waitFor();
    assert.ok(await lightness(page, "body") < 60);
    await page.locator("#theme").selectOption({ label: "시스템" });
    assert.ok(await lightness(page, "body") > 180);
  });

  test("it speaks English when asked, and remembers", {}, async ({ page }) => {
    const lang = () => page.evaluate(() => document.documentElement.lang);
    assert.equal(await lang(), "ko");
    await ask(page, "Hello");
    await page.locator("#language").selectOption({ label: "English" });
    assert.equal(await lang(), "en");
    const words = async () => {
      const shown = [];
      for (const name of ["switches", "faults", "inspector", "host"]) shown.push(await (await tab(page, name)).innerText());
      for (const part of ["nav", ".composer", ".room .bar"]) shown.push(await page.locator(part).innerText());
      return shown.join("\n");
    };
    const korean = (text) => text.replaceAll(/하늘비서|한국어|(폴백|웰컴|콜백 없는|이벤트) 블록/g, "").replace("생각하고 있어요. 잠시만 기다려 주세요.", "").match(/.*[가-힣].*/g) ?? [];
    assert.deepEqual(korean(await words()), []);
    await has(page.locator("#panel-host"), "Waiting to be let in");
    await has(page.locator("#panel-host .operator-state"), "answered");

    await page.reload();
    await later(page, await say(page, "Again"));
    assert.equal(await lang(), "en");
    assert.deepEqual(korean(await words()), []);
    await page.locator("#language").selectOption({ label: "한국어" });
    assert.equal(await lang(), "ko");
    await has(page.locator("#list-title"), "채팅");
    await has(page.locator("#panel-host"), "승인 대기");
  });

  test("an address may name the language", { path: "/emulator/chat?lang=en" }, async ({ page }) => {
    assert.equal(await page.evaluate(() => document.documentElement.lang), "en");
    await has(page.locator("#list-title"), "Chats");
  });
});
