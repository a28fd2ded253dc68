import assert from "node:assert/strict";
import { basicCard, carousel, replies } from "./cards.js";
import { ask, fits, gone, has, newest, say, until } from "./chat.js";
import { suite } from "./suite.js";
import { phone } from "./world.js";

const TARGET = 40;

/**
 * Controls that are smaller than `least` pixels across, measured from their middle. The area of a
 * label counts as the control's. Links within text may be small.
 */
function small([least, within]) {
  const reach = least / 2 - 1;
  const own = (element, x, y) => {
    const hit = document.elementFromPoint(x, y);
    return hit !== null && (element.contains(hit) || hit.closest("label")?.control === element);
  };
  const controls = [...document.querySelector(within).querySelectorAll("button, a[href], select, input, textarea, summary, [role=tab]")];
  return controls
    .filter((element) => element.checkVisibility({ visibilityProperty: true }) && !element.closest("[inert]") && !element.matches(".text a, .description a, .skip"))
    .map((element) => {
      element.scrollIntoView({ block: "center", inline: "center", behavior: "instant" });
      const { left, top, width, height } = element.getBoundingClientRect();
      const [x, y] = [left + width / 2, top + height / 2];
      const misses = [[-reach, 0], [reach, 0], [0, -reach], [0, reach]].filter(([dx, dy]) => !own(element, x + dx, y + dy));
      return misses.length > 0 && `${element.outerHTML.slice(0, 120)} (${Math.round(width)} × ${Math.round(height)})`;
    })
    .filter(Boolean);
}

async function fine(page, within) {
  await fits(page);
  assert.deepEqual(await page.evaluate(small, [TARGET, within]), []);
}

suite("phone", (test) => {
  test("everything has room on 360 px", phone, async ({ page, agent }) => {
    agent.says("추천", { outputs: [{ simpleText: { text: `https://example.com/${"아주-긴-주소-".repeat(12)}` } }, basicCard(agent), carousel(agent)], quickReplies: replies });
    await ask(page, "추천");
    await fine(page, "main");
    await page.locator("#plus").click();
    await fine(page, "#plus-menu");
    await page.keyboard.press("Escape");
    await newest(page, "later").getByRole("button", { name: "살펴보기" }).first().click();
    await page.locator("#panel-inspector .outcome").waitFor();
    await fine(page, "#side");
    for (const tab of ["switches", "faults"]) {
      await page.locator(`#tab-${tab}`).click();
      await fine(page, "#side");
    }
    await page.keyboard.press("Escape");
    await page.locator("[data-open=list]").click();
    await page.locator("#new-person").waitFor();
    await fine(page, "#list");
    await page.locator("#new-room").click();
    await fine(page, "dialog");
  });

  test("a stranger is let in on 360 px", { ...phone, kakao: { dmPolicy: "pairing", allowFrom: [] } }, async ({ page }) => {
    await say(page, "안녕하세요");
    await page.locator("[data-open=side]").click();
    await page.locator("#tab-host").click();
    const approve = page.getByRole("button", { name: /^승인/ });
    await approve.waitFor();
    await fine(page, "#side");
    await approve.click();
    await gone(approve);
  });

  test("the drawers open and close by keyboard and keep the focus in reach", phone, async ({ page }) => {
    const focused = () => page.evaluate(() => document.activeElement.dataset.open ?? document.activeElement.closest(".drawer")?.id);
    for (const id of ["list", "side"]) {
      const drawer = page.locator(`#${id}`);
      const opener = page.locator(`[data-open=${id}]`);
      assert.equal(await drawer.isVisible(), false);
      await opener.focus();
      await page.keyboard.press("Enter");
      await drawer.waitFor();
      assert.equal(await focused(), id);
      assert.equal(await page.locator("main").evaluate((main) => main.inert), true);
      await page.keyboard.press("Escape");
      await drawer.waitFor({ state: "hidden" });
      assert.equal(await focused(), id);
      assert.equal(await page.locator("main").evaluate((main) => main.inert), false);
    }
    await page.locator("[data-open=list]").click();
    await page.locator("#shade").click({ position: { x: 350, y: 400 } });
    await page.locator("#list").waitFor({ state: "hidden" });
    await page.locator("[data-open=side]").click();
    await page.locator("[data-close=side]").click();
    await page.locator("#side").waitFor({ state: "hidden" });
  });

  test("choosing a chat closes the list", phone, async ({ page }) => {
    await page.locator("[data-open=list]").click();
    await page.locator("#new-person").click();
    await page.getByRole("dialog").getByRole("textbox").fill("지영");
    await page.keyboard.press("Enter");
    await page.locator("#list").waitFor({ state: "hidden" });
    await has(page.locator("#room-subtitle"), "지영의 채팅방");
    await say(page, "안녕하세요");
    await until(page, () => {
      const log = document.getElementById("log");
      return log.scrollHeight - log.scrollTop - log.clientHeight < 2;
    });
  });
});
