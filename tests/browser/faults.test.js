import assert from "node:assert/strict";
import { ask, gone, has, newest, parts, say, tab } from "./chat.js";
import { suite } from "./suite.js";
import { json, serve } from "./world.js";

const SECOND = "0123456789abcdef01234567";

/** A second bot on the page, whose skill always answers with this template, right or wrong. */
async function withSecondBot({ page, dari }, template, run) {
  const skill = await serve((_, __, response) => json(response, { version: "2.0", template }));
  try {
    await dari.api("PUT", `bots/${SECOND}`, { name: "고집쟁이", skillUrl: skill.url });
    await page.locator("#bot").selectOption({ label: "고집쟁이" });
    await has(page.locator("#room-title"), "고집쟁이");
    await run();
  } finally {
    await skill.stop();
  }
}

suite("faults and rules", (test) => {
  test("refused callbacks are seen, explained, and over with 정상", {}, async ({ page }) => {
    const faults = await tab(page, "faults");
    const alarm = page.locator("#alarm");
    assert.equal(await alarm.isVisible(), false);
    await faults.locator("[data-preset=refusing]").click();
    await alarm.waitFor();
    await has(faults.getByRole("status"), "장애 주입 중");

    const exchange = await say(page, "들리나요?");
    await has(page.locator(".waiting"), /거절된 콜백 \d번/);
    await page.locator(`#log [data-exchange="${exchange}"][data-part=answer]`).getByRole("button", { name: "살펴보기" }).click();
    const inspector = page.locator("#panel-inspector");
    await has(inspector.locator(".facts"), /시도 1/);
    const attempt = inspector.locator(".facts").filter({ hasText: "시도 1" });
    await has(attempt, "400");
    await has(attempt, "invalid");

    await alarm.click();
    await faults.locator("[data-preset=normal]").click();
    await gone(alarm);
    await has(await ask(page, "이제는요?"), "이제는요?");
  });

  test("an answer that is lost on its way is said to have failed", {}, async ({ page }) => {
    const faults = await tab(page, "faults");
    await faults.locator("[data-preset=cutting]").click();
    await page.locator("#alarm").waitFor();
    await say(page, "여보세요");
    await has(newest(page, "answer"), "말풍선이 표시되지 않았어요 — 스킬 오류");
    await faults.locator("[data-preset=normal]").click();
    await gone(page.locator("#alarm"));
  });

  test("an answer that breaks a rule is not shown, and the page says why", {}, async (world) => {
    const { page } = world;
    const template = { outputs: [{ simpleText: { text: "이 글도 버려져요" } }, { basicCard: { title: "그림 없는 카드", description: "2461" } }] };
    await withSecondBot(world, template, async () => {
      await say(page, "카드 보여 주세요");
      const answer = newest(page, "answer");
      await has(answer, "말풍선이 표시되지 않았어요 — 규칙 위반 2461");
      await has(answer, "썸네일 없음");
      assert.equal(await page.locator("#log [data-kind]").count(), 0);
      assert.equal(await page.getByText("이 글도 버려져요").count(), 0);

      await answer.getByRole("button", { name: "살펴보기" }).click();
      const inspector = page.locator("#panel-inspector");
      await has(inspector.locator(".rules .refused code"), "template.outputs[1].basicCard.thumbnail");
      await has(inspector.locator(".rules"), "답변 전체가 버려짐");
      await has(inspector.locator("[data-raw=response] pre"), "그림 없는 카드");
      await has(inspector.locator("[data-raw=request] pre"), "카드 보여 주세요");
      await has(inspector.locator(".facts").first(), /걸린 시간\s*\d+ ms/);
    });
  });

  test("what is too long is cut and marked", {}, async (world) => {
    const { page } = world;
    const template = { outputs: [{ textCard: { title: "아주 ".repeat(40), description: "길어요" } }] };
    await withSecondBot(world, template, async () => {
      await say(page, "길게");
      const answer = newest(page, "answer");
      await has(answer.locator("[data-kind=textCard] .title"), "…");
      await answer.getByRole("button", { name: /잘리거나 무시된 곳 1/ }).click();
      await has(page.locator("#panel-inspector .rules code"), "template.outputs[0].textCard.title");
      assert.equal(await parts(page, "answer").count(), 1);
    });
  });
});
