// What a browser test stands on: a `dari dev` of its own, an agent that says what the test wants,
// and a browser that fails the test if the page asks for anything outside this machine.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { chromium } from "playwright-core";

const ROOT = new URL("../../", import.meta.url).pathname;
const DARI = resolve(process.env.DARI_BIN ?? join(ROOT, "target/debug/dari"));
const SCREENSHOTS = join(ROOT, "target/screenshots");
const PATIENCE = 30_000;

const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

const DOCUMENT = {
  channels: {
    kakao: {
      name: "하늘비서",
      skillKey: "a-skill-key-for-the-browser-tests",
      dmPolicy: "open",
      allowFrom: ["*"],
    },
  },
  agents: { main: { kind: "openai-chat", url: "", model: "scripted" } },
};

const SHOW_PICTURES = () => {
  if (!localStorage["kakaotalk-emulator"]) localStorage["kakaotalk-emulator"] = JSON.stringify({ images: true });
};

/** The size of a small phone. */
export const phone = { context: { viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true } };

/** One browser for a file of tests. */
export function launch() {
  mkdirSync(SCREENSHOTS, { recursive: true });
  return chromium.launch({ executablePath: "/usr/bin/chromium", args: FLAGS });
}

/** Takes a screenshot of the page as it is now; its file gets this name. */
export async function screenshot(page, name) {
  const path = join(SCREENSHOTS, `${name}.png`);
  const { byteLength } = await page.screenshot({ path, animations: "disabled", caret: "hide" });
  return { path, byteLength };
}

/**
 * Runs `test` on a page that is open on a fresh `dari dev`. Afterwards the page must have logged no
 * warning or error and asked for nothing outside this machine. `kakao` is merged over the account's
 * configuration, `context` over the browser's settings. `outside` is a host whose pictures are made
 * up here; the test gets the list of those that were asked for.
 */
export async function onPage(browser, { kakao = {}, context = {}, path = "/", outside }, test) {
  const agent = await startAgent();
  const dari = await startDari(agent, kakao).catch(async (error) => {
    await agent.stop();
    throw error;
  });
  const window = await browser.newContext({
    viewport: { width: 1400, height: 900 },
    locale: "ko-KR",
    timezoneId: "Asia/Seoul",
    reducedMotion: "reduce",
    ...context,
  });
  window.setDefaultTimeout(PATIENCE);
  const page = await window.newPage();
  // The page counts the agent's pictures as outside ones and would hide them. What it does without
  // this switch has a test of its own.
  if (!outside) await page.addInitScript(SHOW_PICTURES);
  const complaints = [];
  const asked = [];
  if (outside) {
    await window.route(`https://${outside}/**`, (route) => {
      asked.push(route.request().url());
      return route.fulfill({ contentType: "image/svg+xml", body: PICTURE });
    });
  }
  window.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) complaints.push(message.text());
  });
  window.on("weberror", (error) => complaints.push(String(error.error())));
  window.on("request", (request) => {
    const { protocol, hostname } = new URL(request.url());
    if (protocol.startsWith("http") && hostname !== "127.0.0.1" && hostname !== outside) complaints.push(`asked for ${request.url()}`);
  });
  try {
    await page.goto(dari.url + path);
    await page.locator("#tab-host").waitFor({ state: "attached" });
    await page.locator("#chats [aria-current]").waitFor({ state: "attached" });
    await test({ page, agent, dari, window, outside: asked });
    assert.deepEqual(complaints, []);
  } catch (error) {
    const told = [`the page said: ${JSON.stringify(complaints)}`];
    const shot = await screenshot(page, `failed-${Date.now()}`).catch((why) => ({ path: String(why) }));
    told.push(`the page as it was: ${shot.path}`, `the agent was asked: ${JSON.stringify(agent.questions)}`, dari.log());
    error.message += `\n${told.join("\n")}`;
    // The runner prints the stack, which still has the message from when the error was made.
    error.stack = `${error.message}\n${error.stack}`;
    throw error;
  } finally {
    await window.close();
    await dari.stop();
    await agent.stop();
  }
}

async function startDari(agent, kakao) {
  const folder = mkdtempSync(join(tmpdir(), "dari-browser-"));
  const config = join(folder, "config.json5");
  const document = structuredClone(DOCUMENT);
  Object.assign(document.channels.kakao, kakao);
  document.agents.main.url = `${agent.url}/v1`;
  writeFileSync(config, JSON.stringify(document));
  const child = spawn(DARI, ["dev", "--port", "0", "--config", config], {
    cwd: folder,
    env: { ...process.env, DARI_EXTRA_ORIGINS: agent.url },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const ended = new Promise((resolve) => child.on("exit", resolve));
  let log = "";
  const url = await new Promise((resolve, reject) => {
    const read = (chunk) => {
      log += chunk;
      const ready = /^ready (\S+)$/m.exec(log);
      if (ready) resolve(ready[1]);
    };
    child.stdout.on("data", read);
    child.stderr.on("data", read);
    child.on("error", reject);
    child.on("exit", (code) => reject(new Error(`dari dev ended with ${code}\n${log}`)));
  });
  const api = async (method, path, body) => {
    const answer = await fetch(`${url}/emulator/api/${path}`, {
      method,
      headers: { "content-type": "application/json" },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    const text = await answer.text();
    assert.ok(answer.ok, `${method} ${path}: ${answer.status} ${text}`);
    return JSON.parse(text);
  };
  return {
    url,
    api,
    log: () => log,
    async stop() {
      child.kill("SIGTERM");
      await ended;
      rmSync(folder, { recursive: true });
    },
  };
}

/** Starts a server on loopback; `answer` gets the request, its body and the response. */
export async function serve(answer) {
  const server = createServer(async (request, response) => {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    await answer(request, Buffer.concat(chunks).toString(), response);
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

export function json(response, value) {
  response.writeHead(200, { "content-type": "application/json" });
  response.end(JSON.stringify(value));
}

/**
 * An OpenAI-compatible endpoint. It answers a text with what `says` was given for it, at once or
 * when that promise is fulfilled; any other text it repeats.
 */
async function startAgent() {
  const answers = new Map();
  const asked = [];
  const waiting = new Set();
  const { url, stop } = await serve(async (request, body, response) => {
    if (request.url.startsWith("/picture")) {
      response.writeHead(200, { "content-type": "image/svg+xml" });
      return response.end(PICTURE);
    }
    if (request.method === "GET") {
      response.writeHead(200, { "content-type": "text/html; charset=utf-8" });
      return response.end("<!doctype html><link rel=icon href=data:,><title>열렸습니다</title>");
    }
    const question = read(JSON.parse(body));
    asked.push(question);
    for (const look of waiting) look();
    const answer = await (answers.get(question.text) ?? question.text);
    const content = typeof answer === "string" ? answer : JSON.stringify(answer);
    json(response, { choices: [{ index: 0, message: { role: "assistant", content } }] });
  });
  return {
    url,
    stop,
    /**
     * The questions so far, each `{text, tap, pictures, history}`; `tap` is the data of the button.
     */
    questions: asked,
    picture: `${url}/picture.svg`,
    page: `${url}/page`,
    says: (text, answer) => answers.set(text, answer),
    /** Waits for the first question with this text. */
    async asked(wanted) {
      const found = () => asked.find(({ text }) => text === wanted);
      return found() ?? new Promise((resolve, reject) => {
        const look = () => {
          if (!found()) return;
          clearTimeout(timer);
          waiting.delete(look);
          resolve(found());
        };
        const timer = setTimeout(() => reject(new Error(`the agent was never asked “${wanted}”`)), PATIENCE);
        waiting.add(look);
      });
    },
  };
}

function read({ messages }) {
  const { content } = messages.at(-1);
  const parts = typeof content === "string" ? [{ type: "text", text: content }] : content;
  const [text, tap] = (parts.find((part) => part.type === "text")?.text ?? "").split("\n\n[버튼 데이터] ");
  return {
    text,
    tap: tap && JSON.parse(tap),
    pictures: parts.filter((part) => part.type === "image_url").map((part) => part.image_url.url),
    history: messages.slice(0, -1).map((message) => message.content),
  };
}

const PICTURE = `<svg xmlns="http://www.w3.org/2000/svg" width="800" height="400"><defs><linearGradient id="s" x2="0" y2="1"><stop stop-color="#1e3a8a"/><stop offset="1" stop-color="#93c5fd"/></linearGradient></defs><rect width="800" height="400" fill="url(#s)"/><circle cx="600" cy="120" r="56" fill="#fef3c7"/><path d="M0 330 160 210 290 300 430 180 640 320 800 240V400H0Z" fill="#0f172a"/></svg>`;
