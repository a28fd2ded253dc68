import assert from "node:assert/strict";
import { basicCard } from "./cards.js";
import { ask, has, newest, parts, say, tab, until } from "./chat.js";
import { suite } from "./suite.js";
import { json, serve } from "./world.js";

const MOST_BYTES = 150_000;
const LONG = 300;

const atEnd = (page) => until(page, () => {
  const log = document.getElementById("log");
  return log.scrollHeight - log.scrollTop - log.clientHeight < 2;
});

suite("size", (test) => {
  test("the page with all its files stays light, and nothing is loaded later", {}, async ({ page, agent, dari }) => {
    agent.says("카드", basicCard(agent));
    await ask(page, "카드");
    for (const name of ["switches", "faults", "inspector", "host"]) await tab(page, name);
    const addresses = await page.evaluate(() => [location.href, ...performance.getEntriesByType("resource").map(({ name }) => name)]);
    const files = [...new Set(addresses)].filter((address) => address.startsWith(dari.url) && !/\/(api|events)\b|\/operator\/events$/.test(new URL(address).pathname));
    assert.ok(files.some((file) => file.endsWith("/operator/panel.js")) && files.length > 20, files.join("\n"));
    const bodies = await Promise.all(files.map(async (file) => (await (await fetch(file)).arrayBuffer()).byteLength));
    const bytes = bodies.reduce((sum, one) => sum + one, 0);
    assert.ok(bytes <= MOST_BYTES, `${bytes} bytes in ${files.length} files`);
  });

  test("a conversation of 300 messages stays usable", {}, async ({ page, dari }) => {
    const skill = await serve((_, body, response) => {
      const { utterance } = JSON.parse(body).userRequest;
      json(response, { version: "2.0", template: { outputs: [{ simpleText: { text: `${utterance.trim()}에 대한 답이에요.` } }] } });
    });
    try {
      const id = "0123456789abcdef01234567";
      await dari.api("PUT", `bots/${id}`, { name: "수다쟁이", skillUrl: skill.url, blocks: [{ name: "폴백 블록", kind: "fallback" }] });
      await page.locator("#bot").selectOption({ label: "수다쟁이" });
      const post = (text) => dari.api("POST", `bots/${id}/messages`, { user: "me", text });
      await post("1번째 말");
      const others = Array.from({ length: LONG - 2 }, (_, n) => `${n + 2}번째 말`);
      while (others.length > 0) await Promise.all(others.splice(0, 20).map(post));
      await post(`${LONG}번째 말`);
      await has(newest(page, "answer"), `${LONG}번째 말에 대한 답이에요.`);
      await atEnd(page);
      assert.equal(await parts(page, "said").count(), 200);

      await page.reload();
      await has(newest(page, "answer"), `${LONG}번째 말에 대한 답이에요.`);
      await atEnd(page);
      await say(page, "아직 되나요?");
      await has(newest(page, "answer"), "아직 되나요?에 대한 답이에요.");
      await atEnd(page);

      await page.getByRole("button", { name: "이전 메시지" }).click();
      await until(page, (all) => document.querySelectorAll("#log [data-part=said]").length === all, LONG + 1);
      await has(parts(page, "said").first(), "1번째 말");
      assert.equal(await page.getByRole("button", { name: "이전 메시지" }).count(), 0);
      // Somebody who has scrolled up stays there when a message comes.
      await page.locator("#log").evaluate((log) => { log.scrollTop = 0; });
      await post("새 소식");
      await has(newest(page, "answer"), "새 소식에 대한 답이에요.");
      assert.ok(await page.locator("#log").evaluate((log) => log.scrollTop) < 50);
    } finally {
      await skill.stop();
    }
  });
});
