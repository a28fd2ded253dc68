// Sends what a person does as a message to the control API.
import { api } from "./api.js";
import { toast } from "./dom.js";
import { changed, heard, now, speaker, state, switches } from "./state.js";
import { t } from "./strings.js";

function requestId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return `chp-${[...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("")}`;
}

/** What the chat shows until the message is sent, with everything needed to send it again. */
function draft(chat, message, shown) {
  const { friend, callback, devChannel, block, appUserId } = switches(chat);
  const whose = {
    user: speaker(chat),
    room: chat.room,
    friend,
    callback,
    devChannel,
    block,
    appUserId: appUserId || null,
  };
  const it = {
    ...shown,
    chat: chat.key,
    bot: chat.bot,
    message: { ...whose, ...message },
    requestId: requestId(),
    at: now(),
    failed: null,
  };
  state.drafts.push(it);
  changed("room", "sent");
  return it;
}

async function deliver(it) {
  try {
    const exchange = await api.send(it.bot, { ...it.message, requestId: it.requestId });
    if (!state.exchanges.has(exchange.id)) heard("exchange", exchange);
    discard(it);
  } catch (error) {
    it.failed = error.message;
    toast(t("notSent", error.message));
  }
  changed("room");
}

/** Sends the messages, each `[message, shown]`, from the chat with its switches, one after the
    other; `shown` is what the chat shows until then. */
export async function sendAll(chat, messages) {
  const drafts = messages.map(([message, shown]) => draft(chat, message, shown));
  for (const it of drafts) await deliver(it);
}

export async function send(message, shown, chat = state.chat) {
  if (chat) await sendAll(chat, [[message, shown]]);
}

/** A tap on a button, quick reply or list item; its own block wins over the one in the switches. */
export function tap({ label, messageText, extra, blockId, kind }) {
  const text = messageText ?? label;
  return send({ tap: { label, messageText, extra, blockId, kind }, ...(blockId && { block: null }) }, { text });
}

/** Sends a message that failed again, as the newest one. */
export function sendAgain(it) {
  state.drafts = [...state.drafts.filter((one) => one !== it), it];
  Object.assign(it, { requestId: requestId(), at: now(), failed: null });
  changed("room", "sent");
  return deliver(it);
}

export function discard(it) {
  state.drafts = state.drafts.filter((one) => one !== it);
  it.urls?.forEach((url) => URL.revokeObjectURL(url));
  changed("room");
}
