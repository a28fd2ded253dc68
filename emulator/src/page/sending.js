// Knows how what a person does becomes a message for the control API.
import { api } from "./api.js";
import { toast } from "./dom.js";
import { changed, heard, now, speaker, state, switches } from "./state.js";
import { t } from "./strings.js";

function requestId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return `chp-${[...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("")}`;
}

/** Sends it from the current chat under its switches, and tells whether that went well; `draft` is
    what is shown meanwhile. */
export async function send(message, draft) {
  const { chat } = state;
  if (!chat) return false;
  const { friend, callback, devChannel, block, appUserId } = switches(chat);
  const shown = { ...draft, chat: chat.key, requestId: requestId(), at: now(), failed: null };
  state.drafts.push(shown);
  changed("room", "sent");
  const body = { user: speaker(chat), friend, callback, devChannel, block, appUserId: appUserId || null, room: chat.room, requestId: shown.requestId, ...message };
  try {
    const exchange = await api.send(chat.bot, body);
    if (!state.exchanges.has(exchange.id)) heard("exchange", exchange);
    state.drafts = state.drafts.filter((one) => one !== shown);
  } catch (error) {
    shown.failed = error.message;
    toast(t("notSent", error.message));
  }
  changed("room");
  return shown.failed === null;
}

export const say = (text) => send({ text }, { text });

/** A tap on a button, quick reply or list item; a block of its own wins over the chosen one. */
export function tap({ label, messageText, extra, blockId, kind }) {
  const text = messageText ?? label;
  return send({ tap: { label, messageText, extra, blockId, kind }, ...(blockId && { block: null }) }, { text });
}

export function discard(draft) {
  state.drafts = state.drafts.filter((one) => one !== draft);
  changed("room");
}
