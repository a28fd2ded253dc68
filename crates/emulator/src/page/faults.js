// The tab with the faults of the current bot and the emulator's clock.
import { api } from "./api.js";
import { $, h, toast } from "./dom.js";
import { addTab, reveal } from "./side.js";
import { kept, on, state } from "./state.js";
import { t } from "./strings.js";

const MODES = [
  "ok",
  "refuse",
  "serverError",
  "acceptThenCut",
  "cutBeforeAccept",
  "slowDrip",
  "huge",
  "neverEnding",
  "badJson",
  "failBody",
  "redirect",
];
const SKILL = { latencyMs: 0, dropAnswer: false };
const CALLBACK = { mode: "ok", location: null, latencyMs: 0, settleMs: 0, times: null };
const PRESETS = {
  normal: {},
  slow: { skill: { latencyMs: 3000 }, callback: { latencyMs: 3000 } },
  refusing: { callback: { mode: "refuse" } },
  cutting: { skill: { dropAnswer: true }, callback: { mode: "cutBeforeAccept" } },
};

function current() {
  const faults = state.faults[kept.bot] ?? {};
  return { skill: { ...SKILL, ...faults.skill }, callback: { ...CALLBACK, ...faults.callback } };
}

function isActive({ skill, callback }) {
  return (
    skill.latencyMs > 0 ||
    skill.dropAnswer ||
    callback.latencyMs > 0 ||
    callback.settleMs > 0 ||
    (callback.mode !== "ok" && callback.times !== 0)
  );
}

async function put(faults) {
  try {
    await api.setFaults(kept.bot, faults);
  } catch (error) {
    toast(error.message);
  }
}

function change(part, name, value) {
  const faults = current();
  faults[part][name] = value;
  put(faults);
}

export function startFaults() {
  const panel = addTab("faults", "faults");
  const number = (part, name, label, most) =>
    h(
      "label",
      { class: "field" },
      t(label),
      h("input", {
        type: "number",
        min: 0,
        max: most,
        step: 1,
        inputmode: "numeric",
        data: { fault: `${part}.${name}` },
        onchange: (event) => {
          if (!event.target.checkValidity()) return event.target.reportValidity();
          const empty = event.target.value === "" && name === "times";
          change(part, name, empty ? null : Math.trunc(Number(event.target.value)));
        },
      }),
    );

  const build = () => {
    const status = h("p", { class: "status", id: "fault-status", role: "status" });
    const presets = Object.entries(PRESETS).map(([name, faults]) =>
      h(
        "button",
        { type: "button", class: "plain", onclick: () => put(faults), data: { preset: name } },
        t(`preset.${name}`),
      ),
    );
    panel.replaceChildren(
      h("h2", {}, t("faults")),
      h("p", { class: "hint" }, t("faultsHint")),
      status,
      h("div", { class: "presets", role: "group", "aria-label": t("presets") }, presets),
      h(
        "fieldset",
        {},
        h("legend", {}, t("skillFaults")),
        number("skill", "latencyMs", "latency", 600000),
        h(
          "label",
          { class: "field switch" },
          h("span", {}, t("dropAnswer")),
          h("input", {
            type: "checkbox",
            role: "switch",
            data: { fault: "skill.dropAnswer" },
            onchange: (event) => change("skill", "dropAnswer", event.target.checked),
          }),
        ),
      ),
      h(
        "fieldset",
        {},
        h("legend", {}, t("callbackFaults")),
        h(
          "label",
          { class: "field" },
          t("mode"),
          h(
            "select",
            { data: { fault: "callback.mode" }, onchange: (event) => change("callback", "mode", event.target.value) },
            MODES.map((mode) => h("option", { value: mode }, t(`mode.${mode}`))),
          ),
        ),
        number("callback", "latencyMs", "latency", 600000),
        number("callback", "settleMs", "settle", 600000),
        number("callback", "times", "times", 1000000),
        h(
          "label",
          { class: "field" },
          t("location"),
          h("input", {
            type: "url",
            autocomplete: "off",
            data: { fault: "callback.location" },
            onchange: (event) => change("callback", "location", event.target.value || null),
          }),
        ),
      ),
      h(
        "fieldset",
        {},
        h("legend", {}, t("clock")),
        h("p", { class: "hint" }, t("clockHint")),
        h(
          "button",
          {
            type: "button",
            class: "plain",
            onclick: () =>
              api.advance(60000).then(
                () => toast(t("advanced")),
                (error) => toast(error.message),
              ),
          },
          t("advance"),
        ),
      ),
    );
    show();
  };

  const show = () => {
    const faults = current();
    const active = isActive(faults);
    $("alarm").hidden = !active;
    for (const field of panel.querySelectorAll("[data-fault]")) {
      const [part, name] = field.dataset.fault.split(".");
      const value = faults[part][name];
      if (field.type === "checkbox") field.checked = value;
      else if (field !== document.activeElement || field.tagName === "SELECT") field.value = value ?? "";
    }
    panel.querySelector('[data-fault="callback.location"]').closest("label").hidden =
      faults.callback.mode !== "redirect";
    const status = $("fault-status");
    status.textContent = t(active ? "faultsActive" : "noFaults");
    status.classList.toggle("bad", active);
    for (const button of panel.querySelectorAll("[data-preset]")) {
      const { skill, callback } = PRESETS[button.dataset.preset];
      const same =
        JSON.stringify({ skill: { ...SKILL, ...skill }, callback: { ...CALLBACK, ...callback } }) ===
        JSON.stringify(faults);
      button.setAttribute("aria-pressed", String(same));
    }
  };

  $("alarm").addEventListener("click", () => reveal("faults"));
  build();
  on("language", build);
  on("faults selected", show);
}
