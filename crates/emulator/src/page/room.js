// The chat: bubbles in reading order, dates, notes, and what is being waited for.
import { bubble, quickReplies } from "./bubbles.js";
import { inWords } from "./details.js";
import { $, h, icon, iconButton } from "./dom.js";
import { picture } from "./images.js";
import { inspect } from "./inspector.js";
import { avatar, nameOf } from "./list.js";
import { discard, sendAgain, tap } from "./sending.js";
import { botOf, changed, kept, keep, now, on, speaker, state } from "./state.js";
import { language, ruleName, t } from "./strings.js";
import { awaits, expiry, said, timeline } from "./timeline.js";

const PAGE = 200;

const log = $("log");
const nodes = new Map();
const typing = h("div", { class: "waiting", "aria-live": "off" });
let limit = PAGE;
let shown = null;

const clockOf = (at) => new Intl.DateTimeFormat(language(), { hour: "numeric", minute: "2-digit" }).format(at);
const dayOf = (at) => new Intl.DateTimeFormat(language(), { dateStyle: "full" }).format(at);

const scene = (exchange) => ({ group: exchange.room !== null, tap });

function about(exchange, at) {
  return h(
    "span",
    { class: "meta" },
    h("time", { datetime: new Date(at).toISOString() }, clockOf(at)),
    iconButton("info", t("inspect"), () => inspect(exchange.id)),
  );
}

/** `from` is who speaks, where an avatar and a name show it. */
function marks(exchange, part, side, from = "") {
  return { class: `message ${side}`, data: { exchange: exchange.id, part, from } };
}

/** Shows avatar and name once for each run of messages of one speaker. */
function joinRuns(wanted) {
  let last = "";
  for (const node of wanted) {
    const from = node === typing ? `bot ${state.chat.bot}` : (node.dataset.from ?? "");
    node.classList.toggle("follows", from !== "" && from === last);
    if (node !== typing) last = from;
  }
}

function saidContent(what, mine) {
  const whose = mine ? "own" : "";
  const tag = what.console && h("span", { class: "tag" }, what.console);
  if (what.kind === "text") return [h("div", { class: `bubble text ${whose}` }, what.text), tag];
  if (what.kind === "video") return [h("div", { class: `bubble film ${whose}` }, icon("film"), t("video")), tag];
  return [
    h(
      "div",
      { class: `bubble photos ${whose}` },
      what.urls.map((url) => picture(url, t("photo"))),
    ),
    what.secure && h("span", { class: "tag" }, icon("lock"), t("securePhotos", what.urls.length)),
    tag,
  ];
}

function saidNode(exchange, at) {
  const what = said(exchange);
  if (what.kind === "note") return note(exchange, "said", what.text, what.console ?? "");
  const mine = exchange.room === null || exchange.user === speaker(state.chat);
  if (mine)
    return h(
      "div",
      marks(exchange, "said", "mine"),
      about(exchange, at),
      h("div", { class: "stack" }, saidContent(what, true)),
    );
  return h(
    "div",
    marks(exchange, "said", "theirs", `user ${exchange.user}`),
    avatar(nameOf(exchange.user)),
    h("div", { class: "stack" }, h("p", { class: "who" }, nameOf(exchange.user)), saidContent(what, false)),
    about(exchange, at),
  );
}

function fromBot(exchange, part, at, bubbles, broken) {
  const shortened = broken.filter((rule) => rule.severity === "display").length;
  const bot = botOf(exchange);
  return h(
    "div",
    marks(exchange, part, "theirs", `bot ${exchange.bot}`),
    avatar(bot?.name ?? "?", "bot"),
    h(
      "div",
      { class: "stack" },
      h("p", { class: "who" }, bot?.name),
      bubbles.slice(0, -1),
      h("div", { class: "row" }, bubbles.at(-1), about(exchange, at)),
      shortened > 0 &&
        h(
          "button",
          { type: "button", class: "tag warn", onclick: () => inspect(exchange.id) },
          t("shortened", shortened),
        ),
    ),
  );
}

function note(exchange, part, text, detail, tone = "") {
  return h(
    "div",
    marks(exchange, part, `system ${tone}`),
    h(
      "div",
      { class: "note" },
      h("p", {}, text),
      detail && h("p", { class: "detail" }, detail),
      h("button", { type: "button", class: "look", onclick: () => inspect(exchange.id) }, t("inspect")),
    ),
  );
}

function brokenNote(exchange, part, broken, words) {
  const rules = broken.filter((rule) => rule.severity === "refused");
  const [rule] = rules;
  const more = rules.length > 1 ? t("andMore", rules.length - 1) : "";
  return note(exchange, part, t(words), rule ? `${ruleName(rule.rule)} · ${rule.where}${more}` : "", "bad");
}

function answerNode(exchange, at) {
  const { outcome, bubbles, brokenRules } = exchange;
  switch (outcome) {
    case "timeout":
      return note(exchange, "answer", t("timedOut", state.setup.skillDeadlineMs / 1000), "", "bad");
    case "failed":
      return note(exchange, "answer", t("failed"), inWords(exchange.error), "bad");
    case "refused":
      return brokenNote(exchange, "answer", brokenRules, "refused");
    case "waiting":
      if (!exchange.waitingMessage) return note(exchange, "answer", t("promised"), "");
      return fromBot(
        exchange,
        "answer",
        at,
        [bubble({ kind: "simpleText", body: { text: exchange.waitingMessage } }, scene(exchange))],
        brokenRules,
      );
    default:
      if (bubbles.length === 0) return note(exchange, "answer", t("silent"), "");
      return fromBot(
        exchange,
        "answer",
        at,
        bubbles.map((one) => bubble(one, scene(exchange))),
        brokenRules,
      );
  }
}

function laterNode(exchange, at) {
  const { delivered, bubbles, brokenRules } = exchange.callback;
  if (!delivered) return brokenNote(exchange, "later", brokenRules, "laterRefused");
  if (bubbles.length === 0) return note(exchange, "later", t("silent"), "");
  return fromBot(
    exchange,
    "later",
    at,
    bubbles.map((one) => bubble(one, scene(exchange))),
    brokenRules,
  );
}

function draftNode(draft) {
  const act = (what) => () => {
    log.focus({ preventScroll: true });
    what(draft);
  };
  const failed =
    draft.failed &&
    h(
      "p",
      { class: "unsent" },
      h("span", {}, t("notSentShort")),
      h("button", { type: "button", class: "tag", onclick: act(sendAgain) }, t("sendAgain")),
      h("button", { type: "button", class: "tag bad", onclick: act(discard) }, t("discard")),
    );
  const content = draft.urls
    ? h(
        "div",
        { class: "bubble own photos" },
        draft.urls.map((src) => h("img", { src, alt: t("photo") })),
      )
    : h("div", { class: "bubble text own" }, draft.text);
  return h(
    "div",
    { class: "message mine pending" },
    h("span", { class: "meta" }, draft.failed ? "" : t("sending")),
    h("div", { class: "stack" }, content, failed),
  );
}

function build({ part, exchange, draft, at }) {
  switch (part) {
    case "said":
      return saidNode(exchange, at);
    case "answer":
      return answerNode(exchange, at);
    case "later":
      return laterNode(exchange, at);
    case "expired":
      return note(exchange, "expired", t("expired"), "", "bad");
    default:
      return draftNode(draft);
  }
}

function once(key, make) {
  if (!nodes.has(key)) nodes.set(key, make());
  return nodes.get(key);
}

function replyRow(items) {
  const last = items.at(-1);
  const replies =
    last?.part === "answer"
      ? last.exchange.quickReplies
      : last?.part === "later"
        ? last.exchange.callback.quickReplies
        : [];
  return replies.length > 0 ? [once(`${last.key}.replies`, () => quickReplies(replies, scene(last.exchange)))] : [];
}

/** Whether the answer came another way: its callback was turned away, and a later message brought
    something. Nobody waits for it any more, though the callback stays open. */
const cameOtherwise = (exchange, recent) =>
  exchange.callback.attempts.length > 0 &&
  recent.some((one) => one.sentAt > exchange.sentAt && one.outcome === "answered" && one.bubbles.length > 0);

/** Shows what is being waited for, and for how much longer. */
function tick() {
  const { chat } = state;
  const recent = chat ? chat.exchanges.slice(-20) : [];
  const rows = recent
    .map((exchange) => {
      const seconds = (ms) => Math.max(Math.ceil(ms / 1000), 0);
      if (exchange.outcome === "pending") {
        return [
          exchange,
          t("calling", Math.max(Math.floor((now() - exchange.sentAt) / 1000), 0), state.setup.skillDeadlineMs / 1000),
        ];
      }
      if (!awaits(exchange) || cameOtherwise(exchange, recent)) return null;
      const refused = exchange.callback.attempts.length;
      const left = t("awaiting", seconds(expiry(exchange) - now()));
      return [exchange, refused > 0 ? `${left} · ${t("refusedAttempts", refused)}` : left];
    })
    .filter(Boolean);
  const known = new Map([...typing.children].map((row) => [row.dataset.waiting, row]));
  typing.replaceChildren(
    ...rows.map(([exchange, text]) => {
      const row =
        known.get(exchange.id) ??
        h(
          "div",
          { class: "message theirs typing", data: { waiting: exchange.id } },
          avatar(botOf(exchange)?.name ?? "?", "bot"),
          h("div", { class: "bubble dots", "aria-hidden": "true" }, h("i"), h("i"), h("i")),
          h("button", { type: "button", class: "left", onclick: () => inspect(exchange.id) }),
        );
      row.lastChild.textContent = text;
      return row;
    }),
  );
}

function earlier() {
  return h(
    "button",
    {
      type: "button",
      class: "earlier",
      onclick: () => {
        const height = log.scrollHeight;
        limit += PAGE;
        render();
        log.scrollTop += log.scrollHeight - height;
      },
    },
    t("earlier"),
  );
}

function render() {
  const { chat } = state;
  if (chat?.key !== shown) {
    [shown, limit] = [chat?.key, PAGE];
    nodes.clear();
    log.replaceChildren();
  }
  if (!chat) {
    log.replaceChildren(h("p", { class: "empty" }, t(state.ready ? "noBots" : "connecting")));
    return;
  }
  const stuck = log.scrollHeight - log.scrollTop - log.clientHeight < 120;
  const items = timeline(chat, limit);
  const wanted = chat.exchanges.length > limit ? [once("earlier", earlier)] : [];
  let day = null;
  for (const item of items) {
    const date = dayOf(item.at);
    if (date !== day) wanted.push(once(`day ${date}`, () => h("p", { class: "day" }, h("span", {}, date))));
    day = date;
    wanted.push(once(item.key, () => build(item)));
  }
  if (items.length === 0) wanted.push(once("empty", () => h("p", { class: "empty" }, t("sayHello"))));
  tick();
  wanted.push(typing);
  joinRuns(wanted);
  wanted.push(...replyRow(items));
  place(wanted);
  const keep = new Set(wanted);
  for (const [key, node] of nodes) if (!keep.has(node)) nodes.delete(key);
  if (stuck) toEnd();
  seen(chat);
}

/** Puts the nodes into the log; those already in place are not touched. */
function place(wanted) {
  let at = log.firstChild;
  for (const node of wanted) {
    if (node === at) at = at.nextSibling;
    else log.insertBefore(node, at);
  }
  while (at) {
    const next = at.nextSibling;
    at.remove();
    at = next;
  }
}

const toEnd = () => {
  log.scrollTop = log.scrollHeight;
};

function seen(chat) {
  if (document.visibilityState !== "visible") return;
  const last = chat.exchanges.at(-1);
  const at = last ? Math.max(now(), last.sentAt) : 0;
  if ((kept.seen[chat.key] ?? 0) < at) {
    kept.seen[chat.key] = at;
    keep();
    changed("chats");
  }
}

export function startRoom() {
  on("room", render);
  on("clock", tick);
  on("sent", () => setTimeout(toEnd, 30));
  on("selected speaker", () => {
    shown = null;
    render();
    toEnd();
  });
  on("language images", () => {
    shown = null;
    typing.replaceChildren();
    render();
  });
  log.addEventListener(
    "load",
    () => {
      if (log.scrollHeight - log.scrollTop - log.clientHeight < 500) toEnd();
    },
    true,
  );
  document.addEventListener("visibilitychange", () => state.chat && seen(state.chat));
  new ResizeObserver(() => {
    if (log.scrollHeight - log.scrollTop - log.clientHeight < 200) toEnd();
  }).observe(log);
  setInterval(() => {
    if (typing.childElementCount > 0) tick();
  }, 500);
}
