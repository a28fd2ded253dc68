// Everything that the check runs, in a temporary folder: the model, the gateway that asks it, and
// `dari dev` in front of the gateway.

import { randomBytes } from "node:crypto";
import { mkdtempSync } from "node:fs";
import { mkdir, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startModel } from "./model.mjs";
import { Service, freePort, run } from "./processes.mjs";

/** How long the account `hasty` waits for its agent. */
export const HASTY_S = 20;

const secret = () => randomBytes(32).toString("base64url");

export class World {
  people = new Map();
  /** A part of each picture's address that is found nowhere else. */
  pictures = new Set();
  token = secret();

  /** `programs` says where the programs are: `{ dari, node, openclaw }`. */
  constructor(programs) {
    this.programs = programs;
    this.folder = mkdtempSync(join(tmpdir(), "dari-openclaw-"));
  }

  async start() {
    await mkdir(join(this.state, "tmp"), { recursive: true });
    await mkdir(this.checkout);
    this.model = await startModel();
    await this.#startGateway();
    await this.#startDari();
  }

  /** The folder that the gateway writes everything into. */
  get state() {
    return join(this.folder, "openclaw");
  }

  /** The folder that `dari` runs in. */
  get checkout() {
    return join(this.folder, "dari");
  }

  async #startGateway() {
    const { node, openclaw } = this.programs;
    const port = await freePort();
    this.gatewayUrl = `http://127.0.0.1:${port}`;
    const config = join(this.state, "openclaw.json");
    await writeFile(config, JSON.stringify(gatewayConfig(port, this.token, this.model.url, join(this.state, "gateway.log")), null, 2));
    // The gateway gets none of our variables: with a provider's key it would ask that provider.
    const env = {
      PATH: process.env.PATH,
      HOME: this.state,
      TMPDIR: join(this.state, "tmp"),
      OPENCLAW_STATE_DIR: this.state,
      OPENCLAW_CONFIG_PATH: config,
    };
    this.gateway = new Service("gateway", node, [openclaw, "gateway", "run", "--port", String(port)], {
      cwd: this.state,
      env,
      log: join(this.folder, "gateway.log"),
    });
    const ready = () => fetch(`${this.gatewayUrl}/readyz`).then((answer) => answer.ok, () => false);
    const started = Date.now();
    await this.gateway.until("ready", 180_000, ready);
    this.gatewayTook = Date.now() - started;
  }

  async #startDari() {
    const config = join(this.checkout, "dari.json5");
    await writeFile(config, JSON.stringify(dariConfig(this.gatewayUrl, this.token), null, 2));
    this.env = { PATH: process.env.PATH, HOME: this.folder, DARI_CONFIG_FILE: config };
    this.dari = new Service("dari dev", this.programs.dari, ["dev", "--port", "0"], {
      cwd: this.checkout,
      env: this.env,
      log: join(this.folder, "dari.log"),
    });
    this.url = await this.dari.until("ready", 30_000, () => /^ready (http\S+)/mu.exec(this.dari.tail())?.[1]);
  }

  /** Runs one `dari` command in the folder of `dari dev`. */
  async cli(...args) {
    return await run(this.programs.dari, args, { cwd: this.checkout, env: this.env });
  }

  /**
   * A person says this; returns what the person sees,
   * `{ text, kinds, labels, after, exchange, bubbles }`. `after` is the time in milliseconds from
   * sending to the bubble that stays.
   */
  async says(person, text, { account = "default", callback = true } = {}) {
    const options = ["--user", person, "--account", account, ...(callback ? [] : ["--no-callback"])];
    const { code, out, err } = await this.cli("say", "--json", ...options, text);
    if (code !== 0) throw new Error(`dari say ${JSON.stringify(text)} ended with ${code}: ${err}${out}`);
    return this.#shown(person, JSON.parse(out));
  }

  /**
   * The same for photos and taps, which cannot be typed and go through the emulator's control API.
   */
  async sends(person, message, { account = "default" } = {}) {
    const bots = await this.#control("bots");
    const bot = bots.find(({ skillUrl }) => skillUrl.endsWith(`/${account}`));
    const { id } = await this.#control(`bots/${bot.id}/messages`, { user: person, ...message });
    return this.#shown(person, await this.#control(`exchanges/${id}?wait=callback&timeoutMs=300000`));
  }

  async #control(path, body) {
    const headers = { "content-type": "application/json" };
    const request = body && { method: "POST", headers, body: JSON.stringify(body) };
    const answer = await fetch(`${this.url}/emulator/api/${path}`, request);
    if (!answer.ok) throw new Error(`the emulator refused ${path}: ${await answer.text()}`);
    return await answer.json();
  }

  #shown(person, exchange) {
    const { user } = exchange.request.userRequest;
    this.people.set(person, [...(this.people.get(person) ?? []), user.id, ...Object.values(user.properties)]);
    for (const [, name] of JSON.stringify(exchange.request).matchAll(/\/media\/dna\/([^/]+)/gu)) this.pictures.add(name);
    const late = exchange.callback?.delivered ? exchange.callback : undefined;
    const { bubbles, quickReplies } = late ?? exchange;
    return {
      text: bubbles.map((bubble) => bubble.text).join("\n\n"),
      kinds: bubbles.map((bubble) => bubble.kind),
      labels: quickReplies.map((reply) => reply.label),
      after: late?.postedAtMs ?? exchange.elapsedMs,
      exchange,
      bubbles,
    };
  }

  /** Every Kakao id of the people who have said something. */
  get ids() {
    const ids = [...this.people.values()].flat().filter((id) => typeof id === "string" && id.length > 8);
    return [...new Set(ids)];
  }

  /** Every file that the gateway has written: `{ path, bytes }`. */
  async gatewaysFiles() {
    const entries = await readdir(this.state, { recursive: true, withFileTypes: true });
    const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
    // The gateway may remove a file while this reads.
    const read = async (path) => ({ path, bytes: await readFile(path).catch(() => "") });
    return await Promise.all([...paths, this.gateway.log].map(read));
  }

  /**
   * Prints what may explain a failure: the ends of both logs and the last questions to the model.
   */
  report() {
    for (const service of [this.gateway, this.dari]) {
      if (service) console.error(`\n-- the log of ${service.name} ends with\n${service.tail()}`);
    }
    const calls = this.model?.calls ?? [];
    const lines = calls.slice(-8).map(({ at, end, question }) => `${new Date(at).toISOString()} ${end ?? "open"}: ${question}`);
    console.error(`\n-- the model was asked ${calls.length} times, last\n${lines.join("\n")}`);
  }

  async stop() {
    await Promise.all([this.dari?.stop(), this.gateway?.stop()]);
    this.model?.stop();
    await rm(this.folder, { recursive: true, force: true });
  }
}

/**
 * The gateway's configuration as the README advises: the endpoint is on, and strangers get an agent
 * without tools.
 */
function gatewayConfig(port, token, model, log) {
  return {
    gateway: {
      mode: "local",
      bind: "loopback",
      port,
      auth: { mode: "token", token },
      http: { endpoints: { chatCompletions: { enabled: true } } },
    },
    agents: {
      defaults: { model: { primary: "model/script" } },
      entries: { main: {}, kakao: { tools: { deny: ["*"] } } },
    },
    models: {
      mode: "replace",
      catalogRefresh: { enabled: false },
      providers: {
        model: {
          baseUrl: model,
          apiKey: "none",
          api: "openai-completions",
          timeoutSeconds: 300,
          models: [
            {
              id: "script",
              name: "Script",
              reasoning: false,
              input: ["text", "image"],
              cost: { input: 0, output: 0, cacheRead: 0, cacheWrite: 0 },
              contextWindow: 120_000,
              maxTokens: 8192,
            },
          ],
        },
      },
    },
    logging: { file: log },
    update: { checkOnStart: false },
    telemetry: { enabled: false },
  };
}

/**
 * Dari's configuration: an ordinary account, one that waits only a short time, and two whose agents
 * are set up wrongly.
 */
function dariConfig(url, token) {
  const everyone = { dmPolicy: "open", allowFrom: ["*"] };
  return {
    channels: {
      kakao: {
        accounts: {
          default: { skillKey: secret(), dmPolicy: "pairing" },
          hasty: { skillKey: secret(), ...everyone, timeoutSeconds: HASTY_S },
          locked: { skillKey: secret(), ...everyone },
          lost: { skillKey: secret(), ...everyone },
        },
      },
    },
    agents: {
      main: { kind: "openclaw", url, token, agentId: "kakao" },
      locked: { kind: "openclaw", url, token: "not-the-token", agentId: "kakao" },
      lost: { kind: "openclaw", url, token, agentId: "nobody" },
    },
    routing: {
      bindings: [
        { channel: "kakao", account: "locked", agent: "locked" },
        { channel: "kakao", account: "lost", agent: "lost" },
        { channel: "kakao", agent: "main" },
      ],
    },
    keys: { digest: secret(), sealing: { 1: secret() } },
  };
}
