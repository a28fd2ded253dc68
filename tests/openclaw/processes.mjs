// The processes of the check. Each is started with a log of its own, waited for, and stopped by its
// id.

import { spawn } from "node:child_process";
import { closeSync, openSync, readFileSync } from "node:fs";
import { createServer } from "node:net";
import { once } from "node:events";
import { setTimeout as pause } from "node:timers/promises";

/** How long a process may take to end by itself. */
const GRACE_MS = 10_000;

/** A process that runs until it is stopped; all it prints goes to `log`. */
export class Service {
  constructor(name, command, args, { cwd, env, log }) {
    this.name = name;
    this.log = log;
    const out = openSync(log, "a");
    // A group of its own, so that what the process starts is stopped with it.
    this.child = spawn(command, args, { cwd, env, stdio: ["ignore", out, out], detached: true });
    closeSync(out);
    this.ended = once(this.child, "exit").catch((error) => [error.message]);
  }

  get running() {
    return this.child.exitCode === null && this.child.signalCode === null && this.child.pid !== undefined;
  }

  /** The last lines that it printed; long ones are cut. */
  tail(lines = 40) {
    const all = readFileSync(this.log, "utf8").trimEnd().split("\n");
    return all.slice(-lines).map((line) => line.slice(0, 300)).join("\n");
  }

  /**
   * What `look` returns once that is truthy. Fails if the process ends first, or after `within`
   * milliseconds.
   */
  async until(what, within, look) {
    return await until(`${this.name}: ${what}`, within, () => {
      if (!this.running) throw new Error(`${this.name} ended before: ${what}`);
      return look();
    });
  }

  async stop() {
    if (!this.running) return;
    process.kill(-this.child.pid, "SIGTERM");
    const ended = await Promise.race([this.ended, pause(GRACE_MS, undefined, { ref: false })]);
    if (!ended) process.kill(-this.child.pid, "SIGKILL");
    await this.ended;
  }
}

/** What `look` returns once that is truthy; fails after `within` milliseconds. */
export async function until(what, within, look) {
  const end = Date.now() + within;
  for (;;) {
    const seen = await look();
    if (seen) return seen;
    if (Date.now() > end) throw new Error(`waited ${within / 1000} s in vain: ${what}`);
    await pause(200);
  }
}

/** Runs a command to its end; returns `{ code, out, err }`. */
export async function run(command, args, { cwd, env, within = 320_000 }) {
  const child = spawn(command, args, { cwd, env, stdio: ["ignore", "pipe", "pipe"], timeout: within });
  let [out, err] = ["", ""];
  child.stdout.setEncoding("utf8").on("data", (text) => (out += text));
  child.stderr.setEncoding("utf8").on("data", (text) => (err += text));
  const [code] = await once(child, "close");
  return { code, out, err };
}

/** A port of 127.0.0.1 that nobody is listening on. */
export async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  server.close();
  await once(server, "close");
  return port;
}
