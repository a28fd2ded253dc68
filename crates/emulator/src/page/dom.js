// Makes elements. Text is never taken for HTML.
import { t } from "./strings.js";

const SVG = "http://www.w3.org/2000/svg";
const PATHS = {
  back: "M15 5l-7 7 7 7",
  close: "M6 6l12 12M18 6L6 18",
  plus: "M12 5v14M5 12h14",
  send: "M12 19V6M6 11l6-6 6 6",
  person: "M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM4.500 20c.6-3.800 3.600-6 7.500-6s6.900 2.200 7.500 6",
  people:
    "M9 11.500a3.500 3.500 0 1 0 0-7 3.500 3.500 0 0 0 0 7zM2.800 19.500c.5-3.400 3-5.300 6.200-5.300s5.700 1.900 6.200 5.300M15.500 4.800a3.500 3.500 0 0 1 0 6.500M17.800 14.700c1.900.8 3.100 2.400 3.400 4.800",
  sliders: "M4 7h9M17 7h3M4 17h3M11 17h9M15 9.500v-5M9 19.500v-5",
  info: "M12 11v6M12 7.500v.1M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18z",
  left: "M14 6l-6 6 6 6",
  right: "M10 6l6 6-6 6",
  photo: "M4 6.500h16v11H4zM4 15l4.500-4 4 3.500 3-2.500 4.500 3.500M15.500 9.800v.1",
  lock: "M6.500 11h11v8.500h-11zM9 11V8a3 3 0 0 1 6 0v3",
  video: "M4 7h11v10H4zM15 10.500l5-2.500v8l-5-2.500",
  door: "M6 20V4h9v16M4 20h16M12 12v.1M18 20V8",
  bell: "M6.500 16.500V11a5.500 5.500 0 0 1 11 0v5.500l1.500 1.500H5zM10.500 20.500h3",
  flask: "M10 4h4M10.500 4v6L5.500 19h13l-5-9V4",
  forward: "M5 17c1-5 4-7 9-7M11 6l5 4-5 4.500",
  copy: "M9 9h10v10H9zM15 9V5H5v10h4",
  film: "M10 8.500l6 3.500-6 3.500z",
};

/** An element; `on…` are listeners, `data` a dataset, everything else attributes. */
export function h(tag, attributes, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "data") Object.assign(element.dataset, value);
    else if (name === "value") element.value = value;
    else element.setAttribute(name, value === true ? "" : String(value));
  }
  element.append(
    ...children
      .flat(Infinity)
      .filter((child) => child !== undefined && child !== null && child !== false && child !== ""),
  );
  return element;
}

export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  svg.classList.add("icon");
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", PATHS[name]);
  svg.append(path);
  return svg;
}

/** A round button with an icon; its name is for screen readers and the tooltip. */
export function iconButton(name, label, onclick, extra) {
  return h(
    "button",
    { type: "button", class: "round", "aria-label": label, title: label, onclick, ...extra },
    icon(name),
  );
}

export const $ = (id) => document.getElementById(id);

export function toast(text) {
  const note = h("p", { class: "toast" }, text);
  $("toasts").append(note);
  setTimeout(() => note.remove(), 4500);
}

/** A modal dialog with `body` in it; resolves with whether it was confirmed. */
export function dialog(title, body, buttons) {
  return new Promise((done) => {
    const close = (value) => box.close(value);
    const row = h(
      "div",
      { class: "actions" },
      buttons.map(([label, value, primary]) =>
        h(
          "button",
          {
            type: value === "" ? "button" : "submit",
            class: primary ? "primary" : "plain",
            onclick: value === "" ? () => close("") : undefined,
          },
          label,
        ),
      ),
    );
    const form = h(
      "form",
      {
        onsubmit: (event) => {
          event.preventDefault();
          close("ok");
        },
      },
      h("h2", { id: "dialog-title" }, title),
      body,
      row,
    );
    const box = h("dialog", { class: "dialog", "aria-labelledby": "dialog-title" }, form);
    box.addEventListener("close", () => {
      box.remove();
      done(box.returnValue === "ok");
    });
    box.addEventListener("click", (event) => {
      if (event.target === box) close("");
    });
    document.body.append(box);
    box.showModal();
  });
}

/** Asks for one line of text; null if cancelled. */
export async function ask(title, label, value = "") {
  const input = h("input", {
    type: "text",
    required: true,
    maxlength: 40,
    value,
    autofocus: true,
    autocomplete: "off",
  });
  const agreed = await dialog(title, h("label", { class: "field" }, label, input), [
    [t("cancel"), ""],
    [t("ok"), "ok", true],
  ]);
  return agreed && input.value.trim() ? input.value.trim() : null;
}
