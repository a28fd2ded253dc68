import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { launch, onPage, screenshot } from "./world.js";
import { ask, say, later, meet, newest, tab } from "./chat.js";
let browser;
before(async () => { browser = await launch(); });
after(() => browser.close());
test("x", () => onPage(browser, {}, async ({ page, agent }) => {
  const t0 = Date.now(); const l = (m) => console.log(Date.now() - t0, m);
  await tab(page, "host"); 
  agent.says("카드", { basicCard: { title: "t", description: "d", thumbnail: { imageUrl: agent.picture }, buttons: [{ label: "예", action: "message", messageText: "예", extra: { a: 1 } }, { label: "웹", action: "webLink", webLinkUrl: agent.page }, { label: "전화", action: "phone", phoneNumber: "02-123-4567" }] }, quickReplies: [{ label: "더", action: "message", messageText: "더 보기", extra: { p: 2 } }] });
  await ask(page, "안녕하세요"); l("hi");
  await ask(page, "카드"); l("card"); await screenshot(page, "x1");
  console.log(await newest(page, "later").innerText());
  await page.getByRole("button", { name: "더", exact: true }).click(); console.log(await agent.asked("더 보기")); l("tap");
  await meet(page, "가족방", { room: true }); await say(page, "방에서 안녕"); await newest(page, "answer").waitFor(); l("room"); await screenshot(page, "x2");
}));
