import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { basicCard, carousel, commerceCard, image, itemCard, listCard, replies, textCard } from "./cards.js";
import { ask, later, meet, say, sent, tab } from "./chat.js";
import { suite } from "./suite.js";
import { phone } from "./world.js";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** The accessibility faults that axe finds in the page as it is now. */
async function violations(page) {
  await page.evaluate(AXE);
  return page.evaluate(async () => {
    const { violations: found } = await globalThis.axe.run(document, { resultTypes: ["violations"] });
    return found.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.target.join(" ")} ${node.failureSummary}`));
  });
}

async function everyKind({ page, agent }) {
  agent.says("하나", { outputs: [image(agent), textCard(agent), basicCard(agent)] });
  agent.says("둘", { outputs: [commerceCard(agent), listCard(agent), itemCard(agent)] });
  agent.says("셋", { outputs: [carousel(agent), { simpleText: { text: "보세요: https://example.com/길 ".repeat(30) } }], quickReplies: replies });
  for (const text of ["하나", "둘", "셋"]) await ask(page, text);
}

const desktop = (colorScheme) => async (world) => {
  const { page } = world;
  await meet(page, "가족방", { room: true });
  await page.locator("#chats .chat").last().click();
  await everyKind(world);
  assert.deepEqual(await violations(page), [], "settings");
  await page.locator("#plus").click();
  assert.deepEqual(await violations(page), [], "menu");
  await page.keyboard.press("Escape");
  await tab(page, "faults");
  await page.locator("[data-preset=slow]").click();
  await page.locator("#alarm").waitFor();
  assert.deepEqual(await violations(page), [], "faults");
  await page.locator("#log [data-part=later]").last().getByRole("button", { name: "살펴보기" }).click();
  assert.deepEqual(await violations(page), [], "inspector");
  await page.locator("#new-person").click();
  assert.deepEqual(await violations(page), [], `dialog, ${colorScheme}`);
};

suite("access", (test) => {
  for (const colorScheme of ["light", "dark"]) {
    test(`axe finds nothing on the desktop, ${colorScheme}`, { context: { colorScheme } }, desktop(colorScheme));
  }

  for (const colorScheme of ["light", "dark"]) {
    const options = { kakao: { dmPolicy: "pairing", allowFrom: [] }, context: { colorScheme } };
    test(`axe finds nothing on the operator's panel, ${colorScheme}`, options, async ({ page }) => {
      await say(page, "안녕하세요");
      const panel = await tab(page, "host");
      await panel.locator(".operator-request").waitFor();
      assert.deepEqual(await violations(page), [], "request");
      await panel.getByRole("button", { name: /^승인/ }).click();
      await panel.locator(".operator-request").waitFor({ state: "hidden" });
      await ask(page, "고마워요");
      await panel.locator(".operator-turn").waitFor();
      assert.deepEqual(await violations(page), [], "turns");
    });
  }

  test("axe finds nothing on a phone", phone, async (world) => {
    const { page } = world;
    await everyKind(world);
    assert.deepEqual(await violations(page), [], "chat");
    await page.locator("[data-open=list]").click();
    assert.deepEqual(await violations(page), [], "list");
    await page.keyboard.press("Escape");
    await page.locator("[data-open=side]").click();
    assert.deepEqual(await violations(page), [], "side");
  });

  test("everything can be done by keyboard", {}, async ({ page, agent }) => {
    agent.says("추천해 주세요", { simpleText: { text: "어느 쪽이 좋으세요?" }, quickReplies: replies });
    const focus = (selector) => page.evaluate((wanted) => document.activeElement.matches(wanted), selector);
    await page.keyboard.press("Tab");
    assert.ok(await focus(".skip"));
    await page.keyboard.press("Enter");
    assert.ok(await focus("#text"), "the skip link leads to the message field");
    await page.keyboard.type("추천해 주세요");
    await page.keyboard.press("Enter");
    await later(page, await sent(page, "추천해 주세요"));
    assert.ok(await focus("#text"), "the focus stays where one types");

    // Backwards from the text field: first the plus button, then the quick replies from the last to
    // the first.
    for (let steps = 0; !(await focus(".reply")); steps += 1) {
      assert.ok(steps < 4, "the quick replies are far away");
      await page.keyboard.press("Shift+Tab");
    }
    await page.keyboard.press("Shift+Tab");
    await page.keyboard.press("Enter");
    assert.deepEqual((await agent.asked("내일 날씨는 어때요?")).tap, { day: 1 });

    await page.locator("#plus").focus();
    await page.keyboard.press("Enter");
    assert.ok(await focus("#plus-menu [role=menuitem]:first-child"));
    await page.keyboard.press("ArrowUp");
    assert.ok(await focus("#plus-menu [role=menuitem]:last-child"));
    await page.keyboard.press("Escape");
    await page.locator("#plus-menu").waitFor({ state: "hidden" });
    assert.ok(await focus("#plus"));

    await page.locator("#new-person").focus();
    await page.keyboard.press("Enter");
    await page.getByRole("dialog").waitFor();
    assert.ok(await focus("dialog input"));
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "hidden" });
    assert.ok(await focus("#new-person"));

    await page.locator("#tab-switches").focus();
    await page.keyboard.press("ArrowRight");
    await page.locator("#panel-faults").waitFor();
    await page.keyboard.press("End");
    await page.locator("#panel-host").waitFor();
  });
});
