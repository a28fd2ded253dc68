// What a person does and sees on the chat page: the verbs of the browser tests. Nothing here
// sleeps; everything waits for a condition.

import assert from "node:assert/strict";

/** All parts of one kind in the chat: `said`, `answer`, `later` or `expired`. */
export const parts = (page, part) => page.locator(`#log [data-part=${part}]`);

/** The newest part of this kind. */
export const newest = (page, part) => parts(page, part).last();

/** Types a text and sends it; returns the id of its exchange once the text is in the chat. */
export async function say(page, text) {
  await page.locator("#text").fill(text);
  await page.locator("#text").press("Enter");
  return sent(page, text);
}

/** The id of the exchange in which this text was said, once the text is in the chat. */
export async function sent(page, text) {
  const said = parts(page, "said").filter({ hasText: text }).last();
  return said.getAttribute("data-exchange");
}

/** The answer that came through the callback of this exchange, once it is there. */
export async function later(page, exchange) {
  const answer = page.locator(`#log [data-exchange="${exchange}"][data-part=later]`);
  await answer.waitFor();
  return answer;
}

/** Sends a text and waits for the agent's answer. */
export async function ask(page, text) {
  return later(page, await say(page, text));
}

/** Waits until the locator's text contains this. */
export const has = (locator, hasText) => locator.filter({ hasText }).first().waitFor();

/** Waits until nothing that the locator finds is visible. */
export async function gone(locator) {
  await locator.first().waitFor({ state: "hidden" });
}

/** Waits until `look`, run in the page with `argument`, returns something truthy. */
export const until = (page, look, argument) => page.waitForFunction(look, argument);

/** Opens a tab of the side area. */
export async function tab(page, name) {
  await page.locator(`#tab-${name}`).click();
  return page.locator(`#panel-${name}`);
}

/** Adds a person, or with `room` a group room, and opens that chat. */
export async function meet(page, name, { room = false } = {}) {
  await page.locator(room ? "#new-room" : "#new-person").click();
  await page.getByRole("dialog").getByRole("textbox").fill(name);
  await page.keyboard.press("Enter");
  await page.locator("#chats [aria-current]").filter({ hasText: name }).waitFor();
}

/** Opens a chat from the list. */
export async function visit(page, name) {
  await page.locator("#chats .chat").filter({ has: page.locator(".name").getByText(name, { exact: true }) }).click();
  await page.locator("#chats [aria-current]").filter({ hasText: name }).waitFor();
}

/** Asserts that nothing is wider than the screen. */
export async function fits(page) {
  const [inner, outer] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
  assert.ok(inner <= outer, `the page is ${inner} px wide on a screen of ${outer} px`);
}
