// Takes the screenshots of the READMEs, and others to look at. They are only checked for having on
// them what they are to show.

import assert from "node:assert/strict";
import { basicCard, carousel, commerceCard, image, itemCard, listCard, replies, textCard } from "./cards.js";
import { ask, has, later, meet, newest, parts, say, tab, until } from "./chat.js";
import { suite } from "./suite.js";
import { phone, screenshot } from "./world.js";

const MOST_BYTES = 250_000;

/** A time zone in which it is early afternoon when the screenshots are taken. */
function daytime() {
  const ahead = 14 - new Date().getUTCHours();
  return ahead === 0 ? "Etc/GMT" : `Etc/GMT${ahead > 0 ? "-" : "+"}${Math.abs(ahead)}`;
}

const desktop = { timezoneId: daytime() };

/** Takes the screenshot once all pictures on the page are loaded. */
async function keep(page, name) {
  await until(page, () => [...document.images].every((image) => image.complete && image.naturalWidth > 0));
  const { byteLength } = await screenshot(page, name);
  assert.ok(byteLength <= MOST_BYTES, `${name}.png has ${byteLength} bytes`);
}

async function weekend({ page, agent, dari }) {
  agent.says("이번 주말 저녁에 걷기 좋은 곳이 있을까요?", {
    outputs: [
      { simpleText: { text: "토요일은 맑고 바람이 약해요. 해가 진 뒤에 걷기 좋은 곳을 하나 골랐어요." } },
      basicCard(agent),
    ],
    quickReplies: [...replies, { label: "다른 곳도요", action: "message", messageText: "다른 곳도 알려 주세요" }],
  });
  agent.says("엄마 생신 선물 골라 주세요", "찻잔 세트는 어떠세요? 예산에 맞는 것을 세 가지 찾아 두었어요.");
  agent.says("회의록 정리됐나요?", "네, 결정된 일 네 가지를 정리했어요.");
  const [bot] = await dari.api("GET", "bots");
  const post = (message) => dari.api("POST", `bots/${bot.id}/messages`, message);
  await post({ user: "지영", room: "가족방", text: "엄마 생신 선물 골라 주세요" });
  await post({ user: "민수", text: "회의록 정리됐나요?" });
  for (const name of ["가족방", "민수"]) {
    await page.locator("#chats .chat").filter({ hasText: name }).filter({ hasText: /찻잔|결정/ }).waitFor({ state: "attached" });
  }
  const exchange = await say(page, "이번 주말 저녁에 걷기 좋은 곳이 있을까요?");
  return later(page, exchange);
}

suite("screenshots", (test) => {
  test("page", { context: desktop }, async (world) => {
    const { page } = world;
    const answer = await weekend(world);
    await answer.getByRole("button", { name: "살펴보기" }).click();
    await has(page.locator("#panel-inspector .outcome"), "콜백 대기");
    await page.locator("#text").hover();
    await page.locator("#text").focus();
    await keep(page, "page");
  });

  test("pairing", { context: desktop, kakao: { dmPolicy: "pairing", allowFrom: [] } }, async ({ page, agent }) => {
    agent.says("내일 아침 회의가 몇 시였죠?", "아침 9시 30분이에요. 20분 전에 알려 드릴까요?");
    await say(page, "안녕하세요");
    const panel = await tab(page, "host");
    await panel.getByRole("button", { name: /^승인/ }).click();
    await ask(page, "내일 아침 회의가 몇 시였죠?");
    await page.reload();
    await has(newest(page, "later"), "아침 9시 30분이에요.");
    await tab(page, "host");
    await meet(page, "지영");
    await say(page, "안녕하세요, 민수 소개로 왔어요. 저도 하늘비서를 써 볼 수 있을까요?");
    await has(newest(page, "answer"), "승인 코드");
    await has(panel.locator(".operator-request"), "지영");
    await has(panel.locator(".operator-state"), "답변함");
    await page.locator("#text").hover();
    await keep(page, "pairing");
  });

  test("phone", { ...phone, context: { ...phone.context, ...desktop, deviceScaleFactor: 2 } }, async (world) => {
    await weekend(world);
    await keep(world.page, "phone");
  });

  test("dark", { context: { ...desktop, colorScheme: "dark" } }, async (world) => {
    const { page, agent } = world;
    agent.says("근처에 찻집이 있나요?", { outputs: [{ simpleText: { text: "걸어갈 수 있는 두 곳이에요." } }, listCard(agent)], quickReplies: replies });
    await weekend(world);
    await ask(page, "근처에 찻집이 있나요?");
    await tab(page, "faults");
    await page.locator("[data-preset=slow]").click();
    await page.locator("#alarm").waitFor();
    await keep(page, "dark");
  });

  test("cards", { context: { ...desktop, viewport: { width: 700, height: 2800 } } }, async ({ page, agent }) => {
    agent.says("하나", { outputs: [image(agent), textCard(agent), basicCard(agent)] });
    agent.says("둘", { outputs: [commerceCard(agent), listCard(agent), itemCard(agent)] });
    agent.says("셋", { outputs: [carousel(agent)], quickReplies: replies });
    for (const text of ["하나", "둘", "셋"]) await ask(page, text);
    assert.equal(await parts(page, "later").locator("> .stack [data-kind]").count(), 7);
    await keep(page, "cards");
  });
});
