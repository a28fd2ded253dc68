// The tab that shows one exchange in full: what was sent, what came back, when, and which rules
// were broken.
import { inWords } from "./details.js";
import { h, iconButton, toast } from "./dom.js";
import { addTab, reveal } from "./side.js";
import { changed, on, state } from "./state.js";
import { ruleName, t } from "./strings.js";

const LONGEST = 100_000;
let panel;
let shown = {};

export function inspect(id) {
  state.inspected = id;
  changed("inspected");
  reveal("inspector");
}

const pretty = (value) => (typeof value === "string" ? value : JSON.stringify(value, null, 2));

function raw(key, title, value, open) {
  const text = pretty(value);
  const copy = () =>
    navigator.clipboard.writeText(text).then(
      () => toast(t("copied")),
      () => toast(t("notCopied")),
    );
  return h(
    "details",
    { class: "raw", open, data: { raw: key } },
    h("summary", {}, title),
    h(
      "div",
      { class: "code" },
      iconButton("copy", t("copyOf", title), copy),
      h("pre", { tabindex: "0" }, text.length > LONGEST ? `${text.slice(0, LONGEST)}\n…` : text),
    ),
  );
}

function facts(rows) {
  return h(
    "dl",
    { class: "facts" },
    rows
      .filter(([, value]) => value !== null && value !== undefined && value !== "")
      .map(([name, value]) => [h("dt", {}, name), h("dd", {}, String(value))]),
  );
}

function rules(title, broken) {
  if (broken.length === 0) return null;
  return h(
    "section",
    { class: "rules" },
    h("h3", {}, title),
    h(
      "ul",
      {},
      broken.map((rule) =>
        h(
          "li",
          { class: rule.severity },
          h(
            "p",
            {},
            h("strong", {}, ruleName(rule.rule)),
            " ",
            h("span", { class: "tag" }, t(`severity.${rule.severity}`)),
          ),
          h("code", {}, rule.where),
          h("p", { class: "detail" }, inWords(rule.detail), " ", h("small", {}, `(${rule.rule})`)),
        ),
      ),
    ),
  );
}

const ms = (value) => (value === null || value === undefined ? null : t("milliseconds", value));

function attempts(callback) {
  if (callback.attempts.length === 0) return h("p", { class: "hint" }, t("noAttempts"));
  return callback.attempts.map((attempt, index) => [
    facts([
      [t("attempt", index + 1), ms(attempt.atMs)],
      [t("status"), attempt.status ?? t("connectionCut")],
      [t("answered"), attempt.message || "SUCCESS"],
    ]),
    raw(
      `body${index}`,
      `${t("callbackBody")} ${callback.attempts.length > 1 ? index + 1 : ""}`.trim(),
      attempt.body,
      index === callback.attempts.length - 1,
    ),
  ]);
}

/** Remembers what is open, scrolled and focused; the function returned restores it in a panel that
    was built anew. */
function left() {
  const { scrollTop } = panel;
  const parts = [...panel.querySelectorAll("details")].map((one) => {
    const { scrollTop: down, scrollLeft: across } = one.querySelector("pre");
    const focused = ["summary", "button", "pre"].find((name) => one.querySelector(name) === document.activeElement);
    return { key: one.dataset.raw, open: one.open, down, across, focused };
  });
  return () => {
    for (const { key, open, down, across, focused } of parts) {
      const one = panel.querySelector(`[data-raw="${key}"]`);
      if (!one) continue;
      one.open = open;
      one.querySelector("pre").scrollTo(across, down);
      if (focused) one.querySelector(focused).focus({ preventScroll: true });
    }
    panel.scrollTop = scrollTop;
  };
}

function render() {
  const exchange = state.exchanges.get(state.inspected);
  if (!exchange) {
    shown = {};
    panel.replaceChildren(h("h2", {}, t("inspector")), h("p", { class: "hint" }, t("inspectorHint")));
    return;
  }
  const text = JSON.stringify(exchange);
  if (shown.text === text) return;
  const restore =
    shown.id === exchange.id
      ? left()
      : () => {
          panel.scrollTop = 0;
        };
  shown = { id: exchange.id, text };
  const { callback } = exchange;
  panel.replaceChildren(
    h("h2", {}, t("inspector")),
    h(
      "p",
      {},
      h("span", { class: `outcome ${exchange.outcome}` }, t(`outcome.${exchange.outcome}`)),
      exchange.error && h("span", { class: "detail" }, ` ${inWords(exchange.error)}`),
    ),
    facts([
      [t("exchange"), exchange.id],
      [t("user"), exchange.user],
      [t("room"), exchange.room],
      [t("block"), exchange.block],
      [t("status"), exchange.status],
      [t("elapsed"), ms(exchange.elapsedMs)],
      [t("requestId"), exchange.requestId],
    ]),
    rules(t("brokenRules"), exchange.brokenRules) ?? "",
    raw("request", t("request"), exchange.request, true),
    exchange.response === null ? "" : raw("response", t("response"), exchange.response, true),
    ...(callback
      ? [
          h("h3", {}, t("callback")),
          facts([
            [t("state"), t(`callback.${callback.state}`)],
            [t("ackAt"), ms(callback.ackAtMs)],
            [t("postedAt"), ms(callback.postedAtMs)],
            [t("expiresAt"), ms(callback.expiresAtMs)],
            [t("delivered"), callback.postedAtMs === null ? null : t(callback.delivered ? "yes" : "no")],
          ]),
          rules(t("callbackRules"), callback.brokenRules) ?? "",
          ...[attempts(callback)].flat(3),
        ]
      : []),
  );
  restore();
}

export function startInspector() {
  panel = addTab("inspector", "inspector");
  on("inspected", render);
  on("language", () => {
    shown.text = null;
    render();
  });
  render();
}
