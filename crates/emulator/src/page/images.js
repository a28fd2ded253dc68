// Knows which pictures may be loaded unasked: those of this page. Any other address, on this machine too, is what
// an answer chose.
import { h, icon } from "./dom.js";
import { kept, state } from "./state.js";
import { t } from "./strings.js";

/** The address if it is one of the web's, else null. */
export function web(address) {
  try {
    const url = new URL(address);
    return url.protocol === "http:" || url.protocol === "https:" ? url : null;
  } catch {
    return null;
  }
}

/** A link's target (skill.md §4.4): `web` wins, then the computer's. */
export function target(link) {
  return web(link?.web ?? link?.pc ?? link?.mobile);
}

/** The picture, or in its place what it would be and where it lies. */
export function picture(address, alt, attributes) {
  const own = state.setup.publicUrl && String(address).startsWith(`${state.setup.publicUrl}/`);
  const url = own ? new URL(String(address).slice(state.setup.publicUrl.length + 1), location.href) : web(address);
  const { class: name = "", ...rest } = attributes ?? {};
  const box = h("span", { class: `picture ${name}`, ...rest });
  const missing = (why) =>
    box.replaceChildren(
      h(
        "span",
        { class: "nothing", role: "img", "aria-label": alt || why },
        icon("photo"),
        alt && h("span", {}, alt),
        h("small", {}, why),
      ),
    );
  if (!url) missing(t("noPicture"));
  else if (!kept.images && url.origin !== location.origin) missing(url.host);
  else
    box.append(
      h("img", {
        src: url.href,
        alt: alt ?? "",
        decoding: "async",
        referrerpolicy: "no-referrer",
        draggable: "false",
        onerror: () => missing(t("noPicture")),
      }),
    );
  return box;
}

export function anchor(url, attributes, ...children) {
  return h("a", { href: url.href, target: "_blank", rel: "noopener noreferrer", ...attributes }, ...children);
}
