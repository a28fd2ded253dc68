// The conversations that `check` holds with a real gateway, in order. What a person sees is read
// from the emulator; what the gateway passes on is read from the model. The first thing that is not
// as it should be ends the check.

import assert from "node:assert/strict";
import { CARD, SLOW_MS } from "./model.mjs";
import { dimensions, png } from "./picture.mjs";
import { until } from "./processes.mjs";
import { HASTY_S, World } from "./world.mjs";

const [dari, node, openclaw] = process.argv.slice(2);
const began = Date.now();
const seconds = (ms) => `${(ms / 1000).toFixed(1)} s`;
let passed = 0;

async function check(what, look) {
  const start = Date.now();
  try {
    const seen = await look();
    passed += 1;
    console.log(`ok      ${seconds(Date.now() - start).padStart(7)}  ${what}\n                 ${seen}`);
  } catch (error) {
    if (!interrupted) console.log(`FAILED  ${seconds(Date.now() - start).padStart(7)}  ${what}`);
    throw error;
  }
}

const world = new World({ dari, node, openclaw });
let interrupted = false;
for (const signal of ["SIGINT", "SIGTERM"]) {
  process.once(signal, () => {
    interrupted = true;
    void world.stop().finally(() => process.exit(130));
  });
}
try {
  await world.start();
  await conversations();
  console.log(`\n${passed} checks passed in ${seconds(Date.now() - began)}`);
} catch (error) {
  if (!interrupted) {
    console.error(`\n${error.stack ?? error}`);
    world.report();
  }
  process.exitCode = 1;
} finally {
  await world.stop();
}

/** The calls of the model whose question contains these words. */
function asked(words) {
  return world.model.calls.filter((call) => call.question.includes(words));
}

function onlyCall(words) {
  const calls = asked(words);
  assert.equal(calls.length, 1, `the model was asked ${calls.length} times: ${words}`);
  return calls[0];
}

/**
 * Taps 답변 확인 until something other than "still thinking" is shown. Each tap waits about three
 * seconds for its response.
 */
async function collects(person, account) {
  const options = { account, callback: false };
  return await until(`an answer for ${person}`, 60_000, async () => {
    const shown = await world.says(person, "답변 확인", options);
    return shown.text.includes("답변을 준비하고 있어요") ? undefined : shown;
  });
}

/** A file in the form that the emulator takes. */
function file(mediaType, bytes) {
  return { mediaType, base64: bytes.toString("base64") };
}

/**
 * Lets a person send this message; returns what was shown and the one call of the model that it led
 * to.
 */
async function leadsToACall(person, message) {
  const before = world.model.calls.length;
  const shown = await world.sends(person, message);
  assert.equal(world.model.calls.length, before + 1, `the model was not asked once; the person saw: ${shown.text}`);
  return { shown, call: world.model.calls[before] };
}

async function conversations() {
  await check("the gateway is ready, and Dari finds it", async () => {
    const { code, out } = await world.cli("channels", "status", "--probe");
    assert.equal(code, 1, "two of the four accounts cannot work");
    assert.match(out, /^kakao default: .*agent main, works$/mu);
    assert.match(out, /^kakao locked: .*the agent does not accept our token/mu);
    assert.match(out, /^kakao lost: .*the agent does not list openclaw\/nobody/mu);
    return `ready ${seconds(world.gatewayTook)} after its start; channels status --probe: works`;
  });

  await check("a stranger is let in by the owner, and only then heard by the gateway", async () => {
    for (const person of ["mina", "jisu"]) {
      const shown = await world.says(person, "들여보내 주세요");
      assert.match(shown.text, /승인 코드: [A-Z2-9]{8}/u);
    }
    const pending = JSON.parse((await world.cli("pairing", "list", "--json")).out).requests;
    assert.equal(pending.length, 2);
    for (const { code } of pending) assert.equal((await world.cli("pairing", "approve", "kakao", code)).code, 0);
    assert.deepEqual(world.model.calls, []);
    return "two codes, two approvals, the model not asked";
  });

  await check("the first question", async () => {
    const first = await world.says("mina", "제 이름은 미나예요.");
    assert.ok(first.exchange.waitingMessage, "the person is told to wait at once");
    // A gateway that has just started is slow; on a busy machine its first answer may come after
    // the callback has expired.
    const late = first.labels.includes("답변 확인");
    const shown = late ? await collects("mina") : first;
    assert.equal(shown.text, "반가워요, 미나 님.");
    const { tools } = onlyCall("제 이름은 미나예요");
    assert.equal(tools.length, 0, "the agent for strangers has tools");
    const after = `${late ? "behind the button, later than" : "after"} ${seconds(first.after)}`;
    return `"${shown.text}" ${after}, acknowledged after ${first.exchange.elapsedMs} ms`;
  });

  await check("the gateway remembers within a conversation", async () => {
    const second = await world.says("mina", "비가 와요.");
    assert.equal(second.text, "들었어요: 비가 와요.");
    const third = await world.says("mina", "제 이름이 뭐죠?");
    assert.equal(third.text, "미나 님이에요.");
    const { said } = onlyCall("제 이름이 뭐죠");
    assert.equal(said.length, 3);
    assert.match(said[0], /제 이름은 미나예요/u);
    assert.match(said[1], /비가 와요/u);
    assert.equal(said.join().split("비가 와요").length, 2, "sent once, not by Dari again");
    return `"${third.text}" after ${seconds(third.after)}; the third call carried all three messages, each once`;
  });

  await check("two people at once share nothing", async () => {
    const [mina, jisu] = await Promise.all([
      world.says("mina", "저는요, 제 이름이 뭐게요?"),
      world.says("jisu", "그럼 저는 제 이름이 뭐게요?"),
    ]);
    assert.equal(mina.text, "미나 님이에요.");
    assert.equal(jisu.text, "이름을 말씀하신 적이 없어요.");
    const { said, raw } = onlyCall("그럼 저는");
    assert.equal(said.length, 1);
    assert.ok(!raw.includes("미나"), "one person's call knows the other");
    return `"${mina.text}" · "${jisu.text}"`;
  });

  await check("/새대화 starts a session that knows nothing", async () => {
    const begun = await world.says("mina", "/새대화");
    assert.equal(begun.text, "새 대화를 시작했어요. 무엇이든 물어보세요.");
    assert.deepEqual(asked("새대화"), [], "the command is Dari's");
    const shown = await world.says("mina", "이제 제 이름이 뭐죠?");
    assert.equal(shown.text, "이름을 말씀하신 적이 없어요.");
    const { said, raw } = onlyCall("이제 제 이름이 뭐죠");
    assert.equal(said.length, 1);
    assert.ok(!raw.includes("미나"), "the new session knows the old one");
    return `"${shown.text}" after ${seconds(shown.after)}`;
  });

  await check("without a callback the answer is in the response, or behind the button", async () => {
    const first = await world.says("jisu", "콜백 없이도 답해 주세요.", { callback: false });
    const promised = first.labels.includes("답변 확인");
    const shown = promised ? await collects("jisu") : first;
    assert.equal(shown.text, "들었어요: 콜백 없이도 답해 주세요.");
    assert.ok(first.after < 5000, "later than Kakao waits");
    return `"${shown.text}" ${promised ? "behind the button" : "in the response"}, ${seconds(first.after)}`;
  });

  await check("a photo without words reaches the model as it is", async () => {
    const bytes = png(64, 64);
    const { shown, call } = await leadsToACall("jisu", { photo: file("image/png", bytes) });
    assert.equal(call.question, "[사진 1장]");
    assert.deepEqual(call.pictures, [{ mediaType: "image/png", bytes }]);
    assert.equal(shown.text, "사진 1장: 64×64");
    return `"${shown.text}", an image_url part, the same ${bytes.length} bytes`;
  });

  await check("two pictures of the secure image plugin, in their order", async () => {
    const sent = [png(48, 32), png(32, 96)];
    const secureImages = sent.map((bytes) => file("image/png", bytes));
    const { shown, call } = await leadsToACall("jisu", { secureImages });
    assert.deepEqual(call.pictures, sent.map((bytes) => ({ mediaType: "image/png", bytes })));
    assert.match(call.said.at(-1), /사진을 전송했습니다\.\n\n\[사진 2장\]/u);
    assert.equal(shown.text, "사진 2장: 48×32, 32×96");
    return `"${shown.text}"`;
  });

  await check("a large photo is made smaller by the gateway", async () => {
    const bytes = png(1500, 900);
    const { shown, call } = await leadsToACall("jisu", { photo: file("image/png", bytes) });
    const [picture, ...others] = call.pictures;
    assert.deepEqual(others, []);
    assert.equal(picture.mediaType, "image/jpeg");
    const [width, height] = dimensions(picture.bytes);
    assert.ok(width <= 1200 && Math.abs(width / height - 1500 / 900) < 0.01, `${width}×${height}`);
    assert.equal(shown.text, `사진 1장: ${width}×${height}`);
    return `1500×900, ${bytes.length} bytes of PNG, came as ${width}×${height}, ${picture.bytes.length} bytes of JPEG`;
  });

  await check("a file that is no picture: the person is told, the model not asked", async () => {
    const before = world.model.calls.length;
    const document = Buffer.from("%PDF-1.7 그림이 아니에요");
    const shown = await world.sends("jisu", { photo: file("image/png", document) });
    assert.equal(shown.text, "이 파일은 사진으로 열 수 없어요. JPEG, PNG, GIF, WebP 사진으로 보내 주세요.");
    assert.equal(world.model.calls.length, before);
    return `"${shown.text}"`;
  });

  await check("a card is a card, and its button's data comes back to the agent", async () => {
    const shown = await world.says("jisu", "커피를 주문할게요.");
    assert.deepEqual(shown.kinds, ["textCard"]);
    assert.deepEqual([shown.exchange.brokenRules, shown.exchange.callback.brokenRules], [[], []]);
    const { title, description, buttons } = shown.bubbles[0].body;
    assert.deepEqual({ title, description, buttons }, CARD.textCard);
    const [{ label, messageText, extra }] = buttons;
    const tap = { label, messageText, extra, kind: "cardButton" };
    const { shown: answer, call } = await leadsToACall("jisu", { tap });
    assert.match(call.said.at(-1), /A-17 취소\n\n\[버튼 데이터\] \{"order":"A-17"\}/u);
    assert.equal(answer.text, "A-17, 취소했어요.");
    return `"${title}" with [${label}]; tapped: ${call.question}; "${answer.text}"`;
  });

  await check("a wrong token and an agent that is not there are the owner's matter, and said so", async () => {
    const wrong = "에이전트 설정에 문제가 있어서 답하지 못했어요. 주인에게 알려 주세요.";
    for (const account of ["locked", "lost"]) {
      const shown = await world.says("sua", "안녕하세요", { account });
      assert.equal(shown.text, wrong, account);
    }
    assert.deepEqual(asked("안녕하세요"), []);
    return `"${wrong}" twice`;
  });

  // The conversations that take long, at the same time.
  const slow = world.says("mina", "느리게 답해 주세요.");
  const failing = world.says("jisu", "오류를 내 주세요.");
  const hasty = world.says("hana", "조급한 오류를 내 주세요.", { account: "hasty" });
  // They are awaited one after the other below. Until then a failure must not end the process.
  void Promise.allSettled([slow, failing, hasty]);
  let hastyTries;

  await check("others are answered while one waits and two fail", async () => {
    const waiting = ["느리게", "오류를 내", "조급한 오류"];
    await until("all three at the model", 30_000, () => waiting.every((words) => asked(words).length > 0));
    const shown = await world.says("sua", "빨리 답해 주세요.", { account: "hasty" });
    assert.equal(shown.text, "들었어요: 빨리 답해 주세요.");
    assert.equal(asked("느리게")[0].end, undefined, "the slow answer is still being thought about");
    return `"${shown.text}" after ${seconds(shown.after)}`;
  });

  await check(`an account with ${HASTY_S} s of patience: a sentence, and the gateway stops trying`, async () => {
    const shown = await hasty;
    assert.equal(shown.text, "답을 만드는 데 너무 오래 걸려서 멈췄어요. 다시 보내 주세요.");
    assert.ok(shown.after < (HASTY_S + 5) * 1000, seconds(shown.after));
    const again = await world.says("hana", "이번에는 괜찮아요?", { account: "hasty" });
    assert.equal(again.text, "들었어요: 이번에는 괜찮아요?");
    hastyTries = asked("조급한 오류").length;
    return `"${shown.text}" after ${seconds(shown.after)} and ${hastyTries} tries; the next message is answered`;
  });

  await check("a late answer: a sentence and a button in time, the answer behind the button", async () => {
    const notice = await slow;
    assert.equal(notice.text, "답변을 준비하고 있어요.\n조금 뒤 ‘답변 확인’을 누르거나 보내 주세요.");
    assert.deepEqual(notice.labels, ["답변 확인"]);
    assert.ok(notice.after > 45_000 && notice.after < 55_000, seconds(notice.after));
    const answer = await collects("mina");
    assert.equal(answer.text, "오래 생각했어요. 답은 42예요.");
    const call = onlyCall("느리게");
    assert.equal(call.end, "answered");
    const after = Date.now() - call.at;
    assert.ok(after > SLOW_MS, seconds(after));
    return `notice after ${seconds(notice.after)}; "${answer.text}" ${seconds(after)} after the model was asked, once`;
  });

  await check("a failing model: the person is told, and the next message works", async () => {
    const notice = await failing;
    assert.match(notice.text, /^답변을 준비하고 있어요/u);
    assert.ok(notice.after < 55_000, seconds(notice.after));
    const end = await collects("jisu");
    assert.equal(end.text, "답을 만드는 중에 문제가 생겼어요. 조금 뒤 다시 보내 주세요.");
    const tries = world.model.calls.filter((call) => call.question === "오류를 내 주세요.");
    assert.equal(asked("조급한 오류").length, hastyTries, "the gateway went on after Dari had hung up");
    const next = await world.says("jisu", "다시 괜찮아요?");
    assert.equal(next.text, "들었어요: 다시 괜찮아요?");
    const spent = tries.at(-1).at - tries[0].at;
    return `notice after ${seconds(notice.after)}; "${end.text}" after ${tries.length} tries in ${seconds(spent)}; then "${next.text}"`;
  });

  await check("nobody's Kakao ids and no picture's address reach the model or the gateway's own files", async () => {
    const { ids, pictures } = world;
    assert.ok(ids.length >= 2 * world.people.size, `too few ids to look for: ${ids.length}`);
    assert.equal(pictures.size, 5, "an address for each file sent");
    const kept = [...ids, ...pictures];
    for (const { headers, raw } of world.model.calls) {
      const sent = JSON.stringify(headers) + raw;
      assert.deepEqual(kept.filter((id) => sent.includes(id)), [], "an id or address reached the model");
    }
    const files = await world.gatewaysFiles();
    const within = (text) => files.filter(({ bytes }) => bytes.includes(text)).map(({ path }) => path);
    assert.notDeepEqual(within("비가 와요"), [], "the gateway's files hold the conversation, so ids would be found there");
    for (const id of kept) assert.deepEqual(within(id), [], "an id or address is in the gateway's files");
    const lookedFor = `${ids.length} ids of ${world.people.size} people, ${pictures.size} addresses`;
    return `${lookedFor}; ${world.model.calls.length} calls, ${files.length} files`;
  });

  await check("the gateway is gone: the person is told, and so is the owner", async () => {
    await world.gateway.stop();
    const shown = await world.says("mina", "거기 있어요?");
    assert.equal(shown.text, "지금 에이전트에 연결할 수 없어요. 조금 뒤 다시 보내 주세요.");
    const { out } = await world.cli("channels", "status", "--probe");
    assert.match(out, /^kakao default: .*the agent cannot be reached/mu);
    return `"${shown.text}" after ${seconds(shown.after)}`;
  });
}
