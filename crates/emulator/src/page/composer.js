// The line at the bottom: typing, photos, and the menu behind the plus.
import { $, ask, h, icon, iconButton, toast } from "./dom.js";
import { send, sendAll } from "./sending.js";
import { bot, on, state } from "./state.js";
import { t } from "./strings.js";

const TYPES = ["image/jpeg", "image/png", "image/gif", "image/webp"];
const LARGEST = 20 * 1024 * 1024;
const MOST_SECURE = 10;

const input = $("text");
let attached = [];
let secure = false;

function refresh() {
  $("send").disabled = input.value.trim() === "" && attached.length === 0;
  input.style.height = "auto";
  input.style.height = `${Math.min(input.scrollHeight, 132)}px`;
}

function remove(one) {
  attached = attached.filter((other) => other !== one);
  if (attached.length === 0) secure = false;
  URL.revokeObjectURL(one.url);
  renderPreviews();
  input.focus();
}

function renderPreviews() {
  const tiles = attached.map((one) =>
    h(
      "div",
      { class: "tile" },
      h("img", { src: one.url, alt: one.file.name }),
      iconButton("close", t("removePhoto", one.file.name), () => remove(one)),
    ),
  );
  const mode = secure && h("p", { class: "tag" }, icon("lock"), t("secureHint"));
  $("previews").replaceChildren(...[mode, ...tiles].filter(Boolean));
  $("previews").hidden = attached.length === 0;
  refresh();
}

function attach(files, asSecure) {
  const together = asSecure || secure;
  for (const file of files) {
    if (!TYPES.includes(file.type)) toast(t("wrongType", file.name));
    else if (file.size > LARGEST) toast(t("tooLarge", file.name));
    else if (together && attached.length >= MOST_SECURE) toast(t("tooMany", MOST_SECURE));
    else {
      attached.push({ file, url: URL.createObjectURL(file) });
      secure = together;
    }
  }
  renderPreviews();
  input.focus();
}

async function encoded({ file }) {
  const url = await new Promise((done, failed) => {
    const reader = new FileReader();
    reader.onload = () => done(reader.result);
    reader.onerror = () => failed(new Error(t("unreadable", file.name)));
    reader.readAsDataURL(file);
  });
  return { mediaType: file.type, base64: url.slice(url.indexOf(",") + 1) };
}

async function submit() {
  const { chat } = state;
  const text = input.value.trim() === "" ? "" : input.value;
  const [photos, together] = [attached, secure];
  if (!chat || (text === "" && photos.length === 0)) return;
  [attached, secure, input.value] = [[], false, ""];
  renderPreviews();
  let read;
  try {
    read = await Promise.all(photos.map(encoded));
  } catch (error) {
    toast(error.message);
    [attached, secure] = [[...photos, ...attached], together || secure];
    input.value = [text, input.value].filter(Boolean).join("\n");
    renderPreviews();
    return;
  }
  const messages = read.map((photo, index) => [{ photo }, { urls: [photos[index].url] }]);
  if (together && read.length > 0)
    messages.splice(0, read.length, [{ secureImages: read }, { urls: photos.map((one) => one.url) }]);
  if (text !== "") messages.push([{ text }, { text }]);
  await sendAll(chat, messages);
}

function pick(asSecure) {
  const picker = h("input", {
    type: "file",
    accept: TYPES.join(","),
    multiple: true,
    onchange: () => attach(picker.files, asSecure),
  });
  picker.click();
}

const blockOf = (kind) => bot()?.blocks.find((block) => block.kind === kind);

async function event() {
  const { chat } = state;
  const name = await ask(t("runEvent"), t("eventName"), blockOf("event")?.utterances[0] ?? "report_ready");
  if (name !== null) send({ event: { name }, block: null }, { text: t("eventRan", name) }, chat);
}

async function botTest() {
  const { chat } = state;
  const text = await ask(t("botTest"), t("testText"), input.value || t("hello"));
  if (text !== null) send({ console: "bot-test", text }, { text }, chat);
}

function enter() {
  const block = blockOf("welcome");
  if (block) send({ block: block.id }, { text: t("entered") });
  else toast(t("noWelcome"));
}

const ENTRIES = [
  ["photo", "photo", () => pick(false)],
  ["lock", "securePlugin", () => pick(true)],
  ["video", "sendVideo", () => send({ video: true }, { text: t("video") })],
  ["door", "enter", enter],
  ["bell", "runEvent", event],
  ["flask", "skillTest", () => send({ console: "skill-test" }, { text: t("skillTest") })],
  ["flask", "botTest", botTest],
];

function openMenu(open) {
  const [menu, plus] = [$("plus-menu"), $("plus")];
  menu.hidden = !open;
  plus.setAttribute("aria-expanded", String(open));
  if (!open) return;
  menu.replaceChildren(
    ...ENTRIES.map(([name, key, act]) =>
      h(
        "button",
        {
          type: "button",
          role: "menuitem",
          tabindex: "-1",
          onclick: () => {
            openMenu(false);
            plus.focus();
            act();
          },
        },
        icon(name),
        t(key),
      ),
    ),
  );
  menu.firstChild.focus();
}

function walkMenu(event) {
  const entries = [...$("plus-menu").children];
  const at = entries.indexOf(document.activeElement);
  const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: entries.length - 1 }[event.key];
  if (to !== undefined) {
    event.preventDefault();
    entries.at(to % entries.length).focus();
  } else if (event.key === "Escape") {
    event.stopPropagation();
    openMenu(false);
    $("plus").focus();
  } else if (event.key === "Tab") {
    openMenu(false);
  }
}

export function startComposer() {
  $("composer").addEventListener("submit", (event) => {
    event.preventDefault();
    submit();
  });
  input.addEventListener("input", refresh);
  input.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
    event.preventDefault();
    submit();
  });
  input.addEventListener("paste", (event) => {
    if (event.clipboardData.files.length === 0) return;
    event.preventDefault();
    attach(event.clipboardData.files, false);
  });
  const room = document.querySelector("main");
  const carries = (event) => event.dataTransfer?.types.includes("Files");
  for (const name of ["dragenter", "dragover"]) {
    room.addEventListener(name, (event) => {
      if (!carries(event)) return;
      event.preventDefault();
      room.classList.add("dropping");
    });
  }
  room.addEventListener("dragleave", (event) => {
    if (!room.contains(event.relatedTarget)) room.classList.remove("dropping");
  });
  room.addEventListener("drop", (event) => {
    room.classList.remove("dropping");
    if (!carries(event)) return;
    event.preventDefault();
    attach(event.dataTransfer.files, false);
  });
  $("plus").addEventListener("click", () => openMenu($("plus-menu").hidden));
  $("plus-menu").addEventListener("keydown", walkMenu);
  document.addEventListener("click", (event) => {
    if (!$("plus-menu").hidden && !event.target.closest("#plus-menu, #plus")) openMenu(false);
  });
  on("language", renderPreviews);
}
