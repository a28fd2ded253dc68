// The list of chats: people and rooms, what was said last, and what is unread.
import { $, ask, h } from "./dom.js";
import { bot, changed, chatOf, keep, kept, on, select, speaker, state } from "./state.js";
import { language, t } from "./strings.js";
import { summary } from "./timeline.js";

const LISTED = 100;

export function avatar(name, kind = "") {
  const letters = [...String(name)];
  const hue = letters.reduce((sum, letter) => (sum * 31 + letter.codePointAt(0)) % 6, 0);
  return h("span", { class: `avatar tint${hue} ${kind}`, "aria-hidden": "true" }, letters[0]?.toUpperCase() ?? "");
}

export const nameOf = (user) => (user === "me" ? t("me") : user);
const titleOf = (chat) => chat.room ?? nameOf(chat.user);

function when(at) {
  if (!at) return "";
  const today = new Date(at).toDateString() === new Date().toDateString();
  return new Intl.DateTimeFormat(
    language(),
    today ? { hour: "numeric", minute: "2-digit" } : { month: "short", day: "numeric" },
  ).format(at);
}

function row(chat, told) {
  const current = chat === state.chat;
  const unread = !current && told.spokeAt > (kept.seen[chat.key] ?? 0);
  const open = () => {
    select(chat);
    document.dispatchEvent(new CustomEvent("drawer"));
  };
  return h(
    "li",
    {},
    h(
      "button",
      {
        type: "button",
        class: "chat",
        "aria-current": current ? "true" : null,
        onclick: open,
        data: { chat: chat.key },
      },
      avatar(titleOf(chat), chat.room === null ? "" : "group"),
      h(
        "span",
        { class: "about" },
        h("span", { class: "name" }, titleOf(chat), chat.room !== null && h("small", {}, t("room"))),
        h("span", { class: "said" }, told.line),
      ),
      h(
        "span",
        { class: "when" },
        h("span", {}, when(told.at)),
        unread && h("span", { class: "dot" }, h("span", { class: "hidden" }, t("unread"))),
      ),
    ),
  );
}

function renderChats() {
  const chats = [...state.chats.values()].filter((chat) => chat.bot === kept.bot).map((chat) => [chat, summary(chat)]);
  chats.sort(([, a], [, b]) => b.at - a.at);
  const focused = document.activeElement?.dataset?.chat;
  $("chats").replaceChildren(...chats.slice(0, LISTED).map(([chat, told]) => row(chat, told)));
  if (focused)
    $("chats")
      .querySelector(`[data-chat="${CSS.escape(focused)}"]`)
      ?.focus();
}

function renderBots() {
  $("bot").replaceChildren(
    ...state.bots.map(({ id, name }) => h("option", { value: id, selected: id === kept.bot }, name)),
  );
  document.querySelector(".bots").hidden = state.bots.length < 2;
}

function renderTitle() {
  const { chat } = state;
  if (!chat) return;
  const one = bot();
  $("room-title").textContent = chat.room ?? one?.name ?? "";
  $("room-subtitle").textContent = chat.room === null ? t("chatOf", titleOf(chat)) : t("roomWith", one?.name ?? "");
  const people = [...new Set(["me", ...(kept.people[chat.bot] ?? []), ...chat.speakers])];
  const picker = $("speaker");
  picker.replaceChildren(
    ...people.map((name) => h("option", { value: name, selected: name === speaker(chat) }, nameOf(name))),
  );
  picker.closest("label").hidden = chat.room === null;
  const waiting = state.waiting > 0 ? `(${state.waiting}) ` : "";
  document.title = `${waiting}${chat.room ?? one?.name ?? ""} · ${t("title")}`;
}

async function create(where, title, label) {
  if (!kept.bot) return;
  const name = await ask(t(title), t(label));
  if (name === null) return;
  kept[where][kept.bot] = [...new Set([...(kept[where][kept.bot] ?? []), name])];
  select(where === "people" ? chatOf(kept.bot, name) : chatOf(kept.bot, null, name));
  document.dispatchEvent(new CustomEvent("drawer"));
  // On a phone the keyboard would cover the new chat.
  if (matchMedia("(hover: hover)").matches) $("text").focus({ preventScroll: true });
  else document.activeElement?.blur();
}

export function startList() {
  on("chats language", renderChats);
  on("bots", renderBots);
  on("selected bots language room waiting", renderTitle);
  $("new-person").addEventListener("click", () => create("people", "newPerson", "personName"));
  $("new-room").addEventListener("click", () => create("rooms", "newRoom", "roomName"));
  $("bot").addEventListener("change", (event) => {
    const id = event.target.value;
    select(state.chats.get(kept.selected[id]) ?? chatOf(id, "me"));
  });
  $("speaker").addEventListener("change", (event) => {
    kept.speakers[state.chat.key] = event.target.value;
    keep();
    changed("speaker");
  });
}
