// The tab with the switches of the current chat: what its messages are sent with.
import { h } from "./dom.js";
import { addTab } from "./side.js";
import { bot, changed, keep, kept, on, state, switches } from "./state.js";
import { t } from "./strings.js";

function set(name, value) {
  const { key } = state.chat;
  kept.switches[key] = { ...kept.switches[key], [name]: value };
  keep();
  changed("switchSet");
}

const THREE = { auto: null, on: true, off: false };

function three(name, words, value) {
  const chosen = Object.keys(THREE).find((key) => THREE[key] === value);
  return h(
    "label",
    { class: "field" },
    t(name),
    h(
      "select",
      { onchange: (event) => set(name, THREE[event.target.value]) },
      words.map((word, index) => {
        const key = Object.keys(THREE)[index];
        return h("option", { value: key, selected: key === chosen }, t(word));
      }),
    ),
  );
}

export function startSwitches() {
  const panel = addTab("switches", "settings");
  const render = () => {
    const { chat } = state;
    if (!chat) return;
    const { friend, callback, devChannel, block, appUserId } = switches(chat);
    const blocks = bot()?.blocks ?? [];
    panel.replaceChildren(
      h("h2", {}, t("settings")),
      h("p", { class: "hint" }, t("settingsHint")),
      chat.room !== null
        ? ""
        : h(
            "label",
            { class: "field switch" },
            h("span", {}, t("friend"), h("small", {}, t("friendHint"))),
            h("input", {
              type: "checkbox",
              role: "switch",
              checked: friend,
              onchange: (event) => set("friend", event.target.checked),
            }),
          ),
      three("callback", ["asBlock", "on", "off"], callback),
      three("devChannel", ["asBot", "on", "off"], devChannel),
      h(
        "label",
        { class: "field" },
        t("block"),
        h(
          "select",
          { onchange: (event) => set("block", event.target.value || null) },
          h("option", { value: "" }, t("automatic")),
          blocks.map(({ id, name }) => h("option", { value: id, selected: id === block }, name)),
        ),
      ),
      h(
        "label",
        { class: "field" },
        t("appUserId"),
        h("input", {
          type: "text",
          inputmode: "numeric",
          autocomplete: "off",
          value: appUserId,
          placeholder: t("appUserHint"),
          onchange: (event) => set("appUserId", event.target.value.trim()),
        }),
      ),
    );
  };
  on("switches language", render);
}
