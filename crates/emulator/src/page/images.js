// Pictures and links. Only pictures of this page's own host are loaded unasked: any other address,
// even one on this machine, was chosen by whoever wrote the answer.
import { h, icon } from "./dom.js";
import { kept, state } from "./state.js";
import { t } from "./strings.js";

/** The address as a URL if it is http or https, else null. */
export function web(address) {
  try {
    const url = new URL(address);
    return url.protocol === "http:" || url.protocol === "https:" ? url : null;
  } catch {
    return null;
  }
}

/** A link's target (skill.md §4.4): `web` wins, then `pc`. */
export function target(link) {
  return web(link?.web ?? link?.pc ?? link?.mobile);
}

/** The picture, or a box in its place with its description and why it is not shown. */
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
