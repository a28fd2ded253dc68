// What has happened and what is selected; the parts of the page listen to it by topic.
const KEPT = 5000;
const STORED = "kakaotalk-emulator";

export const state = {
  bots: [],
  faults: {},
  exchanges: new Map(),
  chats: new Map(),
  drafts: [],
  clockOffset: 0,
  connected: false,
  ready: false,
  setup: { panel: null, publicUrl: "", skillDeadlineMs: 5000 },
  inspected: null,
  chat: null,
  /** How many things wait for the user of the host application's panel. */
  waiting: 0,
};

/** What is kept across reloads. */
export const kept = {
  language: null,
  theme: "auto",
  images: false,
  bot: null,
  selected: {},
  speakers: {},
  people: {},
  rooms: {},
  switches: {},
  seen: {},
};

try {
  Object.assign(kept, JSON.parse(localStorage.getItem(STORED) ?? "{}"));
} catch {
  /* private windows have no storage; the page works without */
}

export function keep() {
  try {
    localStorage.setItem(STORED, JSON.stringify(kept));
  } catch {
    /* as above */
  }
}

const listeners = new Map();
const dirty = new Set();

export function on(topics, listener) {
  for (const topic of topics.split(" ")) listeners.set(topic, [...(listeners.get(topic) ?? []), listener]);
}

/** Tells the topics' listeners, once for all changes within 16 ms. */
export function changed(...topics) {
  if (dirty.size === 0) setTimeout(flush, 16);
  topics.forEach((topic) => dirty.add(topic));
}

function flush() {
  const called = new Set([...dirty].flatMap((topic) => listeners.get(topic) ?? []));
  dirty.clear();
  called.forEach((listener) => listener());
}

export const now = () => Date.now() + state.clockOffset;
export const bot = () => state.bots.find((one) => one.id === kept.bot);
export const botOf = (exchange) => state.bots.find((one) => one.id === exchange.bot);
export const number = (exchange) => Number(exchange.id.slice(1));

const keyOf = (id, user, room) => (room === null || room === undefined ? `${id}/u/${user}` : `${id}/r/${room}`);

/** The chat of a person with the bot, or of a room. */
export function chatOf(id, user, room) {
  const key = keyOf(id, user, room);
  let chat = state.chats.get(key);
  if (!chat) {
    chat = {
      key,
      bot: id,
      user: room ? null : user,
      room: room ?? null,
      exchanges: [],
      version: 0,
      speakers: new Set(),
    };
    state.chats.set(key, chat);
  }
  return chat;
}

export function openChats() {
  for (const { id } of state.bots) {
    chatOf(id, "me");
    for (const user of kept.people[id] ?? []) chatOf(id, user);
    for (const room of kept.rooms[id] ?? []) chatOf(id, null, room);
  }
  if (!bot()) kept.bot = state.bots[0]?.id ?? null;
  state.chat = state.chats.get(kept.selected[kept.bot]) ?? (kept.bot ? chatOf(kept.bot, "me") : null);
}

export function select(chat) {
  state.chat = chat;
  kept.bot = chat.bot;
  kept.selected[chat.bot] = chat.key;
  keep();
  changed("selected", "chats", "room", "switches", "faults");
}

/** Who speaks in the chat. */
export function speaker(chat) {
  return chat.room === null ? chat.user : (kept.speakers[chat.key] ?? "me");
}

export const switches = (chat) => ({
  friend: true,
  callback: null,
  devChannel: null,
  block: null,
  appUserId: "",
  ...kept.switches[chat.key],
});

function take(exchange) {
  const chat = chatOf(exchange.bot, exchange.user, exchange.room);
  const list = chat.exchanges;
  const known = state.exchanges.get(exchange.id);
  state.exchanges.set(exchange.id, exchange);
  chat.version += 1;
  chat.speakers.add(exchange.user);
  if (known) {
    list[list.indexOf(known)] = exchange;
  } else {
    let at = list.length;
    while (at > 0 && number(list[at - 1]) > number(exchange)) at -= 1;
    list.splice(at, 0, exchange);
    state.drafts = state.drafts.filter((draft) => draft.requestId !== exchange.requestId);
  }
  if (state.exchanges.size > KEPT) {
    const [oldest] = state.exchanges.values();
    state.exchanges.delete(oldest.id);
    const { exchanges } = chatOf(oldest.bot, oldest.user, oldest.room);
    exchanges.splice(exchanges.indexOf(oldest), 1);
  }
}

/** Takes in one event of the server. */
export function heard(name, data) {
  const takeClock = (nowMs) => {
    state.clockOffset = nowMs - Date.now();
  };
  switch (name) {
    case "snapshot":
      Object.assign(state, { bots: data.bots, faults: data.faults, connected: true, ready: false });
      state.exchanges.clear();
      state.chats.clear();
      takeClock(data.nowMs);
      openChats();
      changed("connection");
      break;
    case "exchange":
      take(data);
      if (state.ready) changed("room", "chats", "inspected");
      break;
    case "ready":
      state.ready = true;
      openChats();
      changed("bots", "selected", "faults", "chats", "room", "switches", "inspected", "connection");
      break;
    case "bots":
      state.bots = data;
      openChats();
      changed("bots", "chats", "room", "switches", "faults");
      break;
    case "faults":
      state.faults = data;
      changed("faults");
      break;
    case "clock":
      takeClock(data.nowMs);
      changed("clock", "room");
      break;
    case "lost":
      state.connected = false;
      changed("connection");
      break;
  }
}
