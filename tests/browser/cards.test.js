import assert from "node:assert/strict";
import { basicCard, carousel, commerceCard, image, itemCard, listCard, replies, textCard } from "./cards.js";
import { ask, gone, has, later, newest, sent, until } from "./chat.js";
import { suite } from "./suite.js";

/** The agent was asked this text, and got the data that the button carries. */
async function comesBack(agent, text, extra) {
  assert.deepEqual((await agent.asked(text)).tap, extra);
}

suite("cards", (test) => {
  test("text, a picture and a text card", {}, async ({ page, agent }) => {
    agent.says("셋", { outputs: [{ simpleText: { text: "이런 곳이 있어요." } }, image(agent), textCard(agent)] });
    const answer = await ask(page, "셋");
    await has(answer.locator("[data-kind=simpleText]"), "이런 곳이 있어요.");
    const picture = answer.locator("[data-kind=simpleImage]").getByAltText("산 위에 뜬 달");
    await until(page, (image) => image.naturalWidth === 800, await picture.elementHandle());
    const card = answer.locator("[data-kind=textCard]");
    await has(card.locator(".title"), "북촌 찻집");
    await has(card.locator(".description"), "한옥 마당이 보이는 자리가 있어요.");
    assert.deepEqual(await card.locator(".button").allInnerTexts(), ["예약할게요", "길찾기", "전화하기"]);
  });

  test("basic, commerce and list card", {}, async ({ page, agent }) => {
    agent.says("셋", { outputs: [basicCard(agent), commerceCard(agent), listCard(agent)] });
    const answer = await ask(page, "셋");
    const basic = answer.locator("[data-kind=basicCard]");
    await basic.getByAltText("달이 뜬 산").waitFor();
    await has(basic.locator(".title"), "인왕산 야간 산책");
    const goods = answer.locator("[data-kind=commerceCard]");
    assert.equal(await goods.locator(".price").innerText().then((text) => text.replace(/\s+/g, " ")), "20% 12,000원 15,000원");
    await has(goods, "하늘상점");
    await has(goods.locator(".title"), "손난로 두 개 묶음");
    const list = answer.locator("[data-kind=listCard]");
    await has(list.locator(".heading"), "가까운 찻집");
    assert.deepEqual(await list.locator(".item .title").allInnerTexts(), ["느린 오후", "볕 드는 방"]);
    assert.equal(await list.getByRole("link", { name: "볕 드는 방" }).getAttribute("href"), agent.page);
    assert.equal(await list.locator("img").count(), 2);
  });

  test("item card and carousel with its header", {}, async ({ page, agent }) => {
    agent.says("둘", { outputs: [itemCard(agent), carousel(agent)] });
    const answer = await ask(page, "둘");
    const item = answer.locator("[data-kind=itemCard]");
    assert.deepEqual(await item.locator(".rows:not(.sum) dt").allInnerTexts(), ["출발", "좌석"]);
    assert.deepEqual(await item.locator(".rows:not(.sum) dd").allInnerTexts(), ["11월 28일 09:01", "5호차 7A"]);
    await has(item.locator(".sum"), "27,600원");
    await has(item.locator(".image-title"), "서울 → 강릉");

    const cards = answer.locator("[data-kind=carousel]");
    await has(cards.locator(".lead"), "이번 주말에는");
    assert.deepEqual(await cards.locator(".basicCard .title").allInnerTexts(), ["인왕산", "북악산", "남산"]);
    const track = cards.locator(".track");
    await cards.getByRole("button", { name: "다음 카드" }).click();
    await until(page, (track) => track.scrollLeft > 100, await track.elementHandle());
    await track.focus();
    await page.keyboard.press("ArrowLeft");
    await until(page, (track) => track.scrollLeft < 8, await track.elementHandle());
    await gone(cards.getByRole("button", { name: "이전 카드" }));
    await cards.getByRole("button", { name: "여기로 할게요" }).last().click();
    await comesBack(agent, "남산으로 갈게요", { name: "남산" });
  });

  test("a button talks, runs a block, opens a page or dials", {}, async ({ page, agent, dari, window }) => {
    const [bot] = await dari.api("GET", "bots");
    const block = bot.blocks.find(({ name }) => name === "콜백 없는 블록");
    agent.says("카드", { outputs: [textCard(agent, block.id), basicCard(agent)] });
    const answer = await ask(page, "카드");
    const card = answer.locator("[data-kind=textCard]");

    const link = card.getByRole("link", { name: "길찾기" });
    assert.equal(await link.getAttribute("rel"), "noopener noreferrer");
    const [opened] = await Promise.all([window.waitForEvent("page"), link.click()]);
    await opened.waitForURL(agent.page);
    await opened.close();
    await answer.locator("[data-kind=basicCard]").getByRole("button", { name: "전화하기" }).click();
    await has(page.locator("#toasts"), "전화 걸기: 02-123-4567");
    assert.equal(agent.questions.length, 1);

    await card.getByRole("button", { name: "예약할게요" }).click();
    await comesBack(agent, "2시로 예약해 주세요", { place: "북촌", hour: 14 });
    await later(page, await sent(page, "2시로 예약해 주세요"));

    await card.getByRole("button", { name: "처음으로" }).click();
    await comesBack(agent, "처음으로", { from: "card" });
    const run = await dari.api("GET", `exchanges/${await sent(page, "처음으로")}`);
    assert.equal(run.block, "콜백 없는 블록");
    assert.equal(run.request.userRequest.block.id, block.id);
  });

  test("a list's row and a quick reply bring their data back", {}, async ({ page, agent }) => {
    agent.says("목록", { outputs: [listCard(agent)], quickReplies: replies });
    const answer = await ask(page, "목록");
    const row = page.locator(".replies");
    assert.deepEqual(await row.getByRole("button").allInnerTexts(), ["내일은요?", "주말 추천"]);
    await row.getByRole("button", { name: "내일은요?" }).click();
    await comesBack(agent, "내일 날씨는 어때요?", { day: 1 });
    await gone(row);
    await later(page, await sent(page, "내일 날씨는 어때요?"));

    await answer.getByRole("button", { name: /느린 오후/ }).click();
    await comesBack(agent, "느린 오후 알려 주세요", { placeId: 7 });
    await has(newest(page, "said"), "느린 오후 알려 주세요");
  });

  test("a picture from outside is loaded only where that is wanted", { outside: "img.example.com" }, async ({ page, agent, outside }) => {
    agent.says("사진", "찾았어요.\n\n![한라산](https://img.example.com/hallasan.png)");
    const image = (await ask(page, "사진")).locator("[data-kind=simpleImage]");
    await has(image, "img.example.com");
    await image.getByRole("img", { name: "한라산" }).waitFor();
    assert.equal(await image.locator("img").count(), 0);
    assert.deepEqual(outside, []);

    await page.getByRole("switch", { name: "외부 이미지 불러오기" }).click();
    await until(page, () => document.querySelector("#log [data-kind=simpleImage] img")?.naturalWidth > 0);
    assert.deepEqual(outside, ["https://img.example.com/hallasan.png"]);
  });

  test("a picture from outside is loaded alone when it is tapped", { outside: "img.example.com" }, async ({ page, agent, outside }) => {
    agent.says("사진", "찾았어요.\n\n![한라산](https://img.example.com/hallasan.png)\n\n![백록담](https://img.example.com/lake.png)");
    const answer = await ask(page, "사진");
    await answer.getByRole("button", { name: "한라산" }).click();
    await until(page, () => document.querySelector("#log [data-kind=simpleImage] img")?.naturalWidth > 0);
    assert.deepEqual(outside, ["https://img.example.com/hallasan.png"]);
  });
});
