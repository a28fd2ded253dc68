// The area beside the chat: its tabs, and the drawers of narrow screens.
import { $, h } from "./dom.js";
import { changed, on, state } from "./state.js";
import { language, t } from "./strings.js";

const tabs = [];
let current = null;
let host = null;

/** A tab whose title is a string's key or `{ko, en}`; returns its panel. */
export function addTab(id, title) {
  const panel = h("section", {
    role: "tabpanel",
    id: `panel-${id}`,
    "aria-labelledby": `tab-${id}`,
    tabindex: "0",
    hidden: true,
  });
  const tab = h("button", {
    type: "button",
    role: "tab",
    id: `tab-${id}`,
    "aria-controls": `panel-${id}`,
    "aria-selected": "false",
    tabindex: "-1",
    onclick: () => openTab(id),
  });
  tabs.push({ id, title, tab, panel });
  $("tabs").append(tab);
  $("panels").append(panel);
  name();
  return panel;
}

function name() {
  for (const { id, title, tab } of tabs) {
    tab.textContent = typeof title === "string" ? t(title) : (title[language()] ?? title.en);
    if (id === "host") tab.append(...marked());
  }
  const opener = document.querySelector("[data-open=side]");
  opener.querySelector(".badge")?.remove();
  opener.append(...marked());
  const label = t("openSide");
  opener.setAttribute("aria-label", state.waiting > 0 ? `${label} · ${t("waits", state.waiting)}` : label);
}

/** The number that asks for the user's attention, if there is one. */
function marked() {
  const { waiting } = state;
  return waiting > 0 ? [h("span", { class: "badge", title: t("waits", waiting) }, String(waiting))] : [];
}

/** The host application says how many things wait for its user. */
function badge(waiting) {
  if (state.waiting === waiting) return;
  state.waiting = waiting;
  name();
  changed("waiting");
}

export function openTab(id) {
  current = id;
  for (const one of tabs) {
    const chosen = one.id === id;
    one.tab.setAttribute("aria-selected", String(chosen));
    one.tab.tabIndex = chosen ? 0 : -1;
    one.panel.hidden = !chosen;
  }
  tellHost();
}

/** Tells the host application's panel whenever it comes into view or leaves it. */
function tellHost() {
  const seen = current === "host" && !document.hidden && !$("side").inert;
  if (!host || host.seen === seen) return;
  host.seen = seen;
  if (seen) host.mounted.shown?.();
  else host.mounted.hidden?.();
}

/** Opens the tab for reading and, where the area is a drawer, the drawer. */
export function reveal(id) {
  openTab(id);
  if (isDrawer($("side"))) open("side");
  else tabs.find((one) => one.id === id).panel.focus({ preventScroll: true });
}

function walk(event) {
  const at = tabs.findIndex(({ id }) => id === current);
  const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: tabs.length - 1 }[event.key];
  if (to === undefined) return;
  event.preventDefault();
  const { id, tab } = tabs.at(to % tabs.length);
  openTab(id);
  tab.focus();
}

const isDrawer = (area) => getComputedStyle(area).position === "fixed";
let opener = null;

function open(id) {
  opener = document.activeElement;
  for (const other of ["list", "side"]) $(other).classList.toggle("open", other === id);
  settle();
  $(id).querySelector("[aria-current], [role=tab][tabindex='0'], button")?.focus();
}

function close() {
  const opened = document.querySelector(".drawer.open");
  if (!opened) return;
  opened.classList.remove("open");
  settle();
  opener?.isConnected && opener.focus();
}

/** Makes what a drawer hides, and hidden drawers, unreachable for keyboard and screen reader. */
function settle() {
  const areas = [$("list"), $("side")];
  for (const area of areas) if (!isDrawer(area)) area.classList.remove("open");
  const covered = areas.some((area) => area.classList.contains("open"));
  for (const area of areas) area.inert = !area.classList.contains("open") && (covered || isDrawer(area));
  $("shade").hidden = !covered;
  document.querySelector("main").inert = covered;
  tellHost();
}

/** The host application's own tab, if it has one. */
export async function mountPanel() {
  const address = state.setup.panel;
  if (!address) return;
  const root = h("div", { class: "host" });
  addTab("host", "panel").append(root);
  try {
    const url = new URL(address, location.href);
    if (url.origin !== location.origin) throw new Error(t("panelOrigin"));
    const module = await import(url.href);
    const mounted = await module.mount(root, { language: language(), badge });
    tabs.find((one) => one.id === "host").title = mounted.title;
    name();
    on("language", () => mounted.update?.({ language: language() }));
    host = { mounted, seen: false };
    tellHost();
  } catch (error) {
    root.replaceChildren(h("p", { class: "hint bad", role: "alert" }, t("panelFailed", address, error.message)));
  }
}

export function startSide() {
  $("tabs").addEventListener("keydown", walk);
  on("language", name);
  for (const button of document.querySelectorAll("[data-open]"))
    button.addEventListener("click", () => open(button.dataset.open));
  for (const button of document.querySelectorAll("[data-close]")) button.addEventListener("click", close);
  $("shade").addEventListener("click", close);
  document.addEventListener("drawer", close);
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !document.querySelector("dialog[open]")) close();
  });
  addEventListener("resize", settle);
  document.addEventListener("visibilitychange", tellHost);
  settle();
}
