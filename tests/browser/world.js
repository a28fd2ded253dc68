// A `dari dev` of one's own for each test, an agent that says what the test wants, and a browser that may not leave the machine.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium } from "playwright-core";

const ROOT = new URL("../../", import.meta.url).pathname;
export const SCREENSHOTS = join(ROOT, "target/screenshots");

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

/** One browser for a file of tests. */
export function launch() {
  mkdirSync(SCREENSHOTS, { recursive: true });
  return chromium.launch({ executablePath: "/usr/bin/chromium", args: FLAGS });
}

/**
 * Runs `test` on a page that is open on a fresh `dari dev`, and looks afterwards whether the page complained or asked for anything outside this
 * machine.
 */
export async function onPage(browser, { kakao = {}, context = {}, query = "" }, test) {
  const agent = await startAgent();
  const dari = await startDari(agent, kakao);
  const window = await browser.newContext({ viewport: { width: 1400, height: 900 }, locale: "ko-KR", ...context });
  const page = await window.newPage();
  page.setDefaultTimeout(15_000);
  const complaints = [];
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) complaints.push(message.text());
  });
  page.on("pageerror", (error) => complaints.push(String(error)));
  page.on("request", (request) => {
    const { protocol, hostname } = new URL(request.url());
    if (protocol.startsWith("http") && hostname !== "127.0.0.1") complaints.push(`asked for ${request.url()}`);
  });
  try {
    await page.goto(`${dari.url}/${query}`);
    await test({ page, agent, dari });
    assert.deepEqual(complaints, []);
  } catch (error) {
    await page.screenshot({ path: join(SCREENSHOTS, `failed-${Date.now()}.png`) });
    error.message += `\n${dari.log()}`;
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
  const child = spawn(join(ROOT, "target/debug/dari"), ["dev", "--port", "0", "--config", config], {
    cwd: folder,
    env: { ...process.env, DARI_EXTRA_ORIGINS: agent.url },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let log = "";
  const url = await new Promise((resolve, reject) => {
    const read = (chunk) => {
      log += chunk;
      const ready = /^ready (\S+)$/m.exec(log);
      if (ready) resolve(ready[1]);
    };
    child.stdout.on("data", read);
    child.stderr.on("data", read);
    child.on("exit", (code) => reject(new Error(`dari dev ended with ${code}\n${log}`)));
  });
  return {
    url,
    log: () => log,
    async stop() {
      const ended = new Promise((resolve) => child.on("exit", resolve));
      child.kill("SIGTERM");
      await ended;
      rmSync(folder, { recursive: true });
    },
  };
}

/** An OpenAI-compatible endpoint. It answers what `says` was told for a text, at once or when the promise is fulfilled; else it says the text back. */
async function startAgent() {
  const answers = new Map();
  const asked = [];
  const server = createServer(async (request, response) => {
    if (request.url.startsWith("/picture")) {
      response.writeHead(200, { "content-type": "image/svg+xml" });
      return response.end(PICTURE);
    }
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const body = JSON.parse(Buffer.concat(chunks).toString() || "{}");
    asked.push(body);
    const { content } = body.messages.at(-1);
    const text = typeof content === "string" ? content : content.find((part) => part.type === "text").text;
    const answer = await (answers.get(text) ?? text);
    response.writeHead(200, { "content-type": "application/json" });
    const said = typeof answer === "string" ? answer : JSON.stringify(answer);
    response.end(JSON.stringify({ choices: [{ index: 0, message: { role: "assistant", content: said } }] }));
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${server.address().port}`;
  return {
    url,
    asked,
    picture: `${url}/picture.svg`,
    says: (text, answer) => answers.set(text, answer),
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

const PICTURE = `<svg xmlns="http://www.w3.org/2000/svg" width="800" height="400"><defs><linearGradient id="s" x2="0" y2="1"><stop stop-color="#1e3a8a"/><stop offset="1" stop-color="#93c5fd"/></linearGradient></defs><rect width="800" height="400" fill="url(#s)"/><circle cx="600" cy="120" r="56" fill="#fef3c7"/><path d="M0 330 160 210 290 300 430 180 640 320 800 240V400H0Z" fill="#0f172a"/></svg>`;
