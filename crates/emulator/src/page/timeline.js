// The order in which a chat reads: what was said, what was answered, and what came later.
import { botOf, now, state } from "./state.js";
import { language, t } from "./strings.js";

/** What the person did, read from the request. */
export function said(exchange) {
  const { request } = exchange;
  if (typeof request !== "object" || request === null) return { kind: "note", text: t("sentRaw") };
  const user = request.userRequest ?? {};
  const media = user.params?.media;
  const console = user.params?.ignoreMe ? (user.user?.type === "accountId" ? t("skillTest") : t("botTest")) : null;
  if (media?.url) return { kind: media.type === "video" ? "video" : "image", urls: [media.url], console };
  const secure = request.action?.params?.secureimage;
  if (typeof secure === "string") return { kind: "image", secure: true, urls: secureUrls(secure), console };
  const block = botOf(exchange)?.blocks.find((one) => one.name === exchange.block);
  const text = String(user.utterance ?? request.utterance ?? "").replace(/\n+$/, "");
  if (text === "") {
    if (block?.kind === "event") return { kind: "note", text: t("eventRan", exchange.block) };
    if (block?.kind === "welcome") return { kind: "note", text: t("entered") };
    return { kind: "note", text: t("blockRan", exchange.block ?? "–"), console };
  }
  return { kind: "text", text, console };
}

function secureUrls(parameter) {
  try {
    const list = JSON.parse(parameter).secureUrls.replace(/^List\(|\)$/g, "");
    return list.split(/,\s*(?=http)/).filter(Boolean);
  } catch {
    return [];
  }
}

/** Whether a later answer may still come. */
export const awaits = (exchange) =>
  exchange.outcome === "waiting" && exchange.callback?.state === "open" && expiry(exchange) > now();
export const expiry = (exchange) => exchange.sentAt + exchange.callback.expiresAtMs;

/** The parts of an exchange that the chat shows: `{key, at, part, exchange}`. */
function parts(exchange) {
  const { id, sentAt, outcome, callback } = exchange;
  const items = [{ key: `${id}.said`, at: sentAt, order: 0, part: "said", exchange }];
  if (outcome !== "pending") {
    items.push({ key: `${id}.answer`, at: sentAt + (exchange.elapsedMs ?? 0), order: 1, part: "answer", exchange });
  }
  if (outcome === "waiting" && callback?.state === "used") {
    items.push({ key: `${id}.later`, at: sentAt + callback.postedAtMs, order: 2, part: "later", exchange });
  }
  if (outcome === "waiting" && callback?.state === "expired") {
    items.push({ key: `${id}.expired`, at: expiry(exchange), order: 2, part: "expired", exchange });
  }
  return items;
}

/** The chat's last `limit` exchanges in reading order, and what is still being sent. */
export function timeline(chat, limit) {
  const items = chat.exchanges.slice(-limit).flatMap(parts);
  items.sort((a, b) => a.at - b.at || a.order - b.order);
  for (const draft of state.drafts.filter((one) => one.chat === chat.key)) {
    items.push({
      key: draft.failed ? `${draft.requestId}.failed` : draft.requestId,
      at: draft.at,
      part: "draft",
      draft,
    });
  }
  return items;
}

const first = (bubbles) => bubbles.at(-1)?.text.split("\n")[0];

/** What the list of chats shows: the last line and its time, and when the bot spoke last. */
export function summary(chat) {
  const version = `${chat.version} ${language()}`;
  const known = told.get(chat);
  if (known?.version === version) return known;
  const fresh = { version, ...summed(chat) };
  told.set(chat, fresh);
  return fresh;
}

const told = new WeakMap();

function summed(chat) {
  const exchange = chat.exchanges.at(-1);
  if (!exchange) return { line: "", at: 0, spokeAt: 0 };
  const items = timeline(chat, 20).filter((item) => item.exchange);
  const last = items.at(-1);
  const spoke = items.findLast((item) => item.part !== "said");
  return { line: lineOf(last), at: last.at, spokeAt: spoke?.at ?? 0 };
}

function lineOf({ part, exchange }) {
  if (part === "later")
    return first(exchange.callback.bubbles) ?? t(exchange.callback.delivered ? "silentShort" : "notShownShort");
  if (part === "expired") return t("expiredShort");
  if (part === "answer") {
    const unsaid = { answered: "silentShort", waiting: "promisedShort" }[exchange.outcome] ?? "notShownShort";
    return first(exchange.bubbles) ?? (exchange.waitingMessage || t(unsaid));
  }
  const what = said(exchange);
  return what.text ?? t(what.kind === "video" ? "video" : "photo");
}
