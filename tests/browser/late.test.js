import assert from "node:assert/strict";
import { gone, has, later, newest, parts, say, tab } from "./chat.js";
import { suite } from "./suite.js";

const held = () => {
  let release;
  const promise = new Promise((resolve) => { release = resolve; });
  return { promise, release };
};

suite("late answers", (test) => {
  test("the waiting message stands first, and the answer follows through the callback", {}, async ({ page, agent }) => {
    const answer = held();
    agent.says("보고서를 요약해 주세요", answer.promise);
    const exchange = await say(page, "보고서를 요약해 주세요");
    await has(newest(page, "answer"), "생각하고 있어요. 잠시만 기다려 주세요.");
    await has(page.locator(".waiting"), /답변을 준비하고 있어요 · \d+초 남음/);
    const panel = await tab(page, "host");
    await has(panel.locator(".operator-state"), "답변 준비 중");
    await agent.asked("보고서를 요약해 주세요");
    assert.equal(await parts(page, "later").count(), 0);

    answer.release("세 줄로 요약했어요.");
    await has(await later(page, exchange), "세 줄로 요약했어요.");
    await gone(page.locator(".waiting [data-waiting]"));
    await has(panel.locator(".operator-state"), "답변함");
    const order = await page.locator(`#log [data-exchange="${exchange}"]`).evaluateAll((all) => all.map((one) => one.dataset.part));
    assert.deepEqual(order, ["said", "answer", "later"]);
  });

  test("an answer that misses its callback is held until 답변 확인", {}, async ({ page, agent }) => {
    const answer = held();
    agent.says("오래 걸리는 일", answer.promise);
    await say(page, "오래 걸리는 일");
    await newest(page, "answer").waitFor();
    await agent.asked("오래 걸리는 일");
    const faults = await tab(page, "faults");
    // The callback is open for five minutes.
    for (let minute = 1; minute <= 5; minute += 1) {
      const moved = page.waitForResponse("**/api/clock");
      await faults.getByRole("button", { name: "시계 +1분" }).click();
      await moved;
    }
    await has(newest(page, "expired"), "콜백이 오지 않은 채 시간이 지났어요");
    answer.release("드디어 다 됐어요.");
    const panel = await tab(page, "host");
    await has(panel.locator(".operator-state"), "보관 중");
    assert.equal(await parts(page, "later").count(), 0);

    await say(page, "답변 확인");
    await has(newest(page, "answer"), "드디어 다 됐어요.");
    await has(panel.locator(".operator-state"), "답변함");
  });
});
