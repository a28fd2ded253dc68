import assert from "node:assert/strict";
import { ask, has, later, meet, newest, parts, say, tab, until, visit } from "./chat.js";
import { suite } from "./suite.js";

suite("conversation", (test) => {
  test("what is said reaches the agent and its answer the chat", {}, async ({ page, agent }) => {
    agent.says("내일 비 와요?", "네, **오후 3시**부터 와요. 우산을 챙기세요.");
    const answer = await ask(page, "내일 비 와요?");
    await has(answer, "네, 오후 3시부터 와요. 우산을 챙기세요.");
    assert.equal(await page.locator("#text").inputValue(), "");
    await ask(page, "고마워요\n둘째 줄");
    assert.deepEqual(agent.questions.at(-1).text, "고마워요\n둘째 줄");
    assert.deepEqual(agent.questions.at(-1).history, ["내일 비 와요?", "네, **오후 3시**부터 와요. 우산을 챙기세요."]);

    await page.reload();
    await has(parts(page, "later"), "우산을 챙기세요");
    assert.equal(await parts(page, "said").count(), 2);
  });

  test("a long answer is folded, and what has no room comes after 계속", {}, async ({ page, agent }) => {
    const line = (n) => `${n}번째 줄이에요. ${"가나다라마바사 ".repeat(5)}`;
    agent.says("길게", Array.from({ length: 100 }, (_, n) => line(n + 1)).join("\n\n"));
    const first = await ask(page, "길게");
    const bubble = first.locator("[data-kind=simpleText]").first();
    const folded = (await bubble.innerText()).length;
    assert.ok(folded < 520, `${folded} characters are shown`);
    await bubble.getByRole("button", { name: "전체 보기" }).click();
    assert.ok((await bubble.innerText()).length > 600);
    await page.getByRole("button", { name: "계속", exact: true }).click();
    await newest(page, "said").filter({ hasText: "계속" }).waitFor();
    await has(newest(page, "answer"), /\d번째 줄이에요/);
    assert.equal(agent.questions.length, 1);
  });

  test("words of the agent are never markup", {}, async ({ page, agent }) => {
    // Between code marks it is shown to the letter, so only the page stands before it.
    const hostile = "`<img src=x onerror=alert(1)> <script>alert(1)</script>` javascript:alert(1)";
    agent.says("공격", { textCard: { title: hostile, description: hostile, buttons: [{ label: "`<b>누르기</b>`", action: "message", messageText: "<u>응</u>" }] } });
    const answer = await ask(page, "공격");
    await has(answer.locator("[data-kind=textCard]"), "<img src=x onerror=alert(1)>");
    assert.equal(await page.locator("#log script, #log img, #log b, #log u").count(), 0);
    assert.equal(await answer.locator("a").count(), 0);
  });

  test("people and a room keep to themselves", {}, async ({ page, agent, dari }) => {
    await ask(page, "저예요");
    await meet(page, "지영");
    assert.equal(await parts(page, "said").count(), 0);
    const asked = await say(page, "저는 지영이에요");
    await meet(page, "가족방", { room: true });
    await has(page.locator("#room-title"), "가족방");
    await say(page, "나: 저녁 뭐 먹을까요?");
    await page.locator("#speaker").selectOption("지영");
    const dinner = await say(page, "지영: 국수 어때요?");
    await agent.asked("지영: 국수 어때요?");
    await later(page, dinner);
    const mine = await parts(page, "said").filter({ hasText: "나: 저녁" }).getAttribute("class");
    const hers = await parts(page, "said").filter({ hasText: "지영: 국수" }).getAttribute("class");
    assert.match(mine, /theirs/);
    assert.match(hers, /mine/);

    await visit(page, "지영");
    await later(page, asked);
    assert.equal(await parts(page, "said").count(), 1);
    assert.deepEqual(agent.questions.find(({ text }) => text === "저는 지영이에요").history, []);

    // Somebody else writes while this chat is open.
    const [bot] = await dari.api("GET", "bots");
    await dari.api("POST", `bots/${bot.id}/messages`, { user: "민수", text: "똑똑" });
    const row = page.locator("#chats .chat").filter({ hasText: "민수" });
    await row.locator(".dot").waitFor();
    await visit(page, "민수");
    await has(newest(page, "said"), "똑똑");
    await until(page, () => !document.querySelector("#chats [aria-current] .dot"));

    const panel = await tab(page, "host");
    for (const name of ["지영", "민수", "가족방"]) await has(panel.locator(".operator-chat h4"), name);
  });
});
