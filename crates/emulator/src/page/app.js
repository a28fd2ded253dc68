// Starts the page and keeps its preferences.
import { api, follow } from "./api.js";
import { startComposer } from "./composer.js";
import { $, icon } from "./dom.js";
import { startFaults } from "./faults.js";
import { startInspector } from "./inspector.js";
import { startList } from "./list.js";
import { startRoom } from "./room.js";
import { mountPanel, openTab, startSide } from "./side.js";
import { changed, heard, keep, kept, on, state } from "./state.js";
import { language, setLanguage, translate } from "./strings.js";
import { startSwitches } from "./switches.js";

const asked = new URLSearchParams(location.search).get("lang");

/** The first language of the browser that the page speaks. */
function spoken() {
  const known = navigator.languages.map((one) => one.split("-")[0]);
  return known.find((one) => one === "ko" || one === "en") ?? "en";
}

function speak(chosen) {
  setLanguage(chosen);
  document.documentElement.lang = language();
  translate(document);
  $("language").value = language();
  changed("language");
}

function dress() {
  document.documentElement.dataset.theme = kept.theme;
  $("theme").value = kept.theme;
}

for (const button of document.querySelectorAll("[data-icon]")) button.append(icon(button.dataset.icon));
dress();
setLanguage(asked ?? kept.language ?? spoken());
startSide();
startSwitches();
startFaults();
startInspector();
startList();
startRoom();
startComposer();
openTab("switches");
speak(language());

$("images").checked = kept.images;
$("images").addEventListener("change", (event) => {
  kept.images = event.target.checked;
  keep();
  changed("images");
});
$("theme").addEventListener("change", (event) => {
  kept.theme = event.target.value;
  keep();
  dress();
});
$("language").addEventListener("change", (event) => {
  kept.language = event.target.value;
  keep();
  speak(kept.language);
});
on("connection", () => {
  $("offline").hidden = state.connected;
});

try {
  state.setup = await api.setup();
} catch {
  /* the defaults in state.js stay */
}
follow(heard);
await mountPanel();
