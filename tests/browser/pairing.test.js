import assert from "node:assert/strict";
import { ask, gone, has, meet, newest, say, tab } from "./chat.js";
import { suite } from "./suite.js";

const closed = { kakao: { dmPolicy: "pairing", allowFrom: [] } };

suite("pairing", (test) => {
  test("a stranger is let in by Approve", closed, async ({ page, agent }) => {
    await meet(page, "지영");
    await say(page, "안녕하세요?");
    await has(newest(page, "answer"), "승인 코드 ");
    const told = await newest(page, "answer").innerText();
    const [, code] = /승인 코드 ([A-Z2-9]{8})/.exec(told);

    const panel = await tab(page, "host");
    const request = panel.locator(".operator-request");
    await has(request, "지영");
    assert.equal(await request.locator("code").innerText(), code);
    await request.getByRole("button", { name: "승인: 지영" }).click();
    await has(panel.getByRole("status"), "지영의 요청을 승인했어요.");
    await gone(request);
    assert.deepEqual(agent.questions, []);

    await has(await ask(page, "이제 들리나요?"), "이제 들리나요?");
    assert.deepEqual(agent.questions.map(({ text }) => text), ["이제 들리나요?"]);
  });

  test("who waits shows on the tab and in the title, and an approval with a note is taken back", closed, async ({ page }) => {
    await meet(page, "지영");
    await say(page, "안녕하세요?");
    await has(page.locator("#tab-host .badge"), "1");
    await page.waitForFunction(() => document.title.startsWith("(1) "));
    const panel = await tab(page, "host");
    await panel.getByLabel("지영의 메모").fill("민수 소개");
    await panel.getByRole("button", { name: "승인: 지영" }).click();
    await has(panel.locator(".operator-person"), "민수 소개");
    await gone(page.locator("#tab-host .badge"));
    await panel.getByRole("button", { name: "이용 중지: 민수 소개" }).click();
    await gone(panel.locator(".operator-person"));
    await say(page, "아직 되나요?");
    await has(newest(page, "answer"), "승인 코드 ");
  });

  test("Dismiss forgets the request, and the stranger may ask again", closed, async ({ page, agent }) => {
    const code = async () => /승인 코드 ([A-Z2-9]{8})/.exec(await newest(page, "answer").innerText())?.[1];
    await say(page, "들여보내 주세요");
    await has(newest(page, "answer"), "승인 코드 ");
    const first = await code();
    const panel = await tab(page, "host");
    await panel.getByRole("button", { name: /^거절/ }).click();
    await has(panel.getByRole("status"), "요청을 지웠어요");
    await gone(panel.locator(".operator-request"));

    await say(page, "다시 부탁드려요");
    await has(panel.locator(".operator-request"), "코드");
    await page.locator("#log [data-part=answer]").nth(1).waitFor();
    const second = await code();
    assert.notEqual(second, first);
    assert.equal(await panel.locator(".operator-request code").innerText(), second);
    assert.deepEqual(agent.questions, []);
  });
});
