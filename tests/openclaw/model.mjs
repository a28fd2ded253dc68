// The model behind the gateway: it speaks streamed `openai-completions` on loopback, answers by a
// script, and keeps every request. Only here can be read what the gateway really passes on about a
// person.

import { createServer } from "node:http";
import { once } from "node:events";
import { dimensions } from "./picture.mjs";

/** How long the slow answer takes: longer than a Kakao callback is open. */
export const SLOW_MS = 70_000;

/** The answer to somebody who orders: a card whose button carries data. */
export const CARD = {
  textCard: {
    title: "A-17 주문",
    description: "따뜻한 커피 한 잔",
    buttons: [{ label: "취소", action: "message", messageText: "A-17 취소", extra: { order: "A-17" } }],
  },
};

const NAME_TOLD = /제 이름은 (\S+?)(?:이에요|예요)/gu;

/**
 * Starts the model. `calls` fills as requests come, oldest first:
 * `{ at, headers, raw, tools, said, question, pictures, end }`. `said` is the person's messages as
 * the gateway words them; `question` is the last line of them that is the person's own; `pictures`
 * are those of the last message, as `{ mediaType, bytes }`; `end` becomes `answered`, `refused` or
 * `cut off` once the call is over.
 */
export async function startModel() {
  const calls = [];
  const server = createServer((request, response) => {
    take(request, response, calls).catch((error) => response.destroy(error));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${server.address().port}/v1`,
    calls,
    stop: () => (server.closeAllConnections(), server.close()),
  };
}

async function take(request, response, calls) {
  let raw = "";
  for await (const part of request.setEncoding("utf8")) raw += part;
  if (request.method !== "POST" || !request.url.endsWith("/chat/completions")) {
    response.writeHead(404).end();
    return;
  }
  const { model, messages, tools = [] } = JSON.parse(raw);
  const contents = messages.filter(({ role }) => role === "user").map(({ content }) => content);
  const said = contents.map(textOf);
  const question = ownWords(said.at(-1) ?? "");
  const pictures = picturesOf(contents.at(-1));
  const call = { at: Date.now(), headers: request.headers, raw, tools, said, question, pictures, end: undefined };
  calls.push(call);
  response.on("close", () => (call.end ??= "cut off"));
  const finish = (end) => (call.end ??= end);

  if (question.includes("오류")) {
    finish("refused");
    response.writeHead(500, { "content-type": "application/json" });
    response.end(JSON.stringify({ error: { message: "the model is broken", type: "server_error" } }));
    return;
  }
  response.writeHead(200, { "content-type": "text/event-stream" });
  const send = (delta, finish_reason = null) =>
    response.write(`data: ${JSON.stringify(chunk(model, delta, finish_reason))}\n\n`);
  send({ role: "assistant", content: "" });
  if (question.includes("느리게")) {
    const timer = setTimeout(answer, SLOW_MS);
    response.on("close", () => clearTimeout(timer));
  } else {
    answer();
  }

  function answer() {
    for (const word of answerTo(call).split(/(?<= )/u)) send({ content: word });
    send({}, "stop");
    finish("answered");
    response.end("data: [DONE]\n\n");
  }
}

function chunk(model, delta, finish_reason) {
  return {
    id: "chatcmpl-model",
    object: "chat.completion.chunk",
    created: Math.floor(Date.now() / 1000),
    model,
    choices: [{ index: 0, delta, finish_reason }],
  };
}

/**
 * A message without what the gateway writes around it. Above the person's words the gateway may put
 * the time, and a note that they were queued, with the words of an earlier message that got no
 * answer; below them, what to do after a failure, and a line about itself.
 */
function ownWords(text) {
  const paragraphs = text.split("\n\n").filter((paragraph) => !/^(?:Continue the current task|Runtime: )/u.test(paragraph));
  return (paragraphs.at(-1) ?? "").split("\n").at(-1).replace(/^\[[A-Z][a-z]{2} [^\]]*\] /u, "");
}

function textOf(content) {
  if (typeof content === "string") return content;
  return content.filter(({ type }) => type === "text").map(({ text }) => text).join("\n\n");
}

function picturesOf(content) {
  if (!Array.isArray(content)) return [];
  const urls = content.filter(({ type }) => type === "image_url").map(({ image_url }) => image_url.url);
  return urls.map((url) => {
    const [, mediaType, base64] = /^data:([^;,]+);base64,(.*)$/su.exec(url) ?? [];
    return { mediaType, bytes: Buffer.from(base64 ?? "", "base64") };
  });
}

function answerTo({ said, question, pictures }) {
  if (question.startsWith("[사진")) {
    const seen = pictures.map(({ bytes }) => dimensions(bytes)?.join("×") ?? "알 수 없는 크기");
    return seen.length > 0 ? `사진 ${seen.length}장: ${seen.join(", ")}` : "사진이 보이지 않아요.";
  }
  if (question.startsWith("[버튼 데이터]")) return `${JSON.parse(question.slice("[버튼 데이터]".length)).order}, 취소했어요.`;
  if (question.includes("주문할게요")) return JSON.stringify(CARD);
  if (question.includes("느리게")) return "오래 생각했어요. 답은 **42**예요.";
  const name = [...said.join("\n").matchAll(NAME_TOLD)].at(-1)?.[1];
  if (question.includes("제 이름이 뭐")) return name ? `**${name}** 님이에요.` : "이름을 말씀하신 적이 없어요.";
  if (question.includes("제 이름은")) return `반가워요, **${name}** 님.`;
  return `들었어요: ${question}`;
}
