// A row of cards, moved by swiping, with arrows, or with keys.
import { h, icon } from "./dom.js";
import { picture } from "./images.js";
import { t } from "./strings.js";

export function carousel(body, card) {
  const items = (Array.isArray(body.items) ? body.items : []).map((item, index, all) =>
    h(
      "div",
      {
        class: "slide",
        role: "group",
        "aria-roledescription": t("slide"),
        "aria-label": `${index + 1} / ${all.length}`,
      },
      card(item),
    ),
  );
  const header =
    body.header &&
    h(
      "div",
      { class: "slide" },
      h(
        "div",
        { class: "bubble card lead" },
        body.header.thumbnail && picture(body.header.thumbnail.imageUrl, "", { class: "backdrop" }),
        h(
          "div",
          { class: "words" },
          h("p", { class: "title two" }, body.header.title),
          h("p", { class: "description three" }, body.header.description),
        ),
      ),
    );
  const track = h("div", { class: "track", tabindex: "0", role: "group", "aria-label": t("swipe") }, header, items);
  const go = (by) => track.scrollBy({ left: by * (track.firstElementChild?.offsetWidth ?? 0), behavior: "auto" });
  const arrow = (name, by, label) =>
    h("button", { type: "button", class: `arrow ${name}`, "aria-label": label, onclick: () => go(by) }, icon(name));
  const [left, right] = [arrow("left", -1, t("previous")), arrow("right", 1, t("next"))];
  const settle = () => {
    left.disabled = track.scrollLeft < 8;
    right.disabled = track.scrollLeft + track.clientWidth > track.scrollWidth - 8;
  };
  track.addEventListener("scroll", settle, { passive: true });
  track.addEventListener("keydown", (event) => {
    const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (by && event.target === track) {
      event.preventDefault();
      go(by);
    }
  });
  new ResizeObserver(settle).observe(track);
  return h(
    "div",
    { class: "carousel", role: "group", "aria-roledescription": t("carousel"), "aria-label": t("cards", items.length) },
    left,
    track,
    right,
  );
}
