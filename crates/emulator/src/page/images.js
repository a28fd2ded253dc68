// Pictures and links. Only pictures of this page's own host are loaded unasked: any other address,
// even one on this machine, was chosen by whoever wrote the answer.
import { h, icon, toast } from "./dom.js";
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

/** The picture, or in its place a button with its description and why it is not shown. Tapped, it
    loads an outside picture after all, or says more. */
export function picture(address, alt, attributes) {
  const own = state.setup.publicUrl && String(address).startsWith(`${state.setup.publicUrl}/`);
  const url = own ? new URL(String(address).slice(state.setup.publicUrl.length + 1), location.href) : web(address);
  const { class: name = "", ...rest } = attributes ?? {};
  const box = h("span", { class: `picture ${name}`, ...rest });
  const load = () =>
    box.replaceChildren(
      h("img", {
        src: url.href,
        alt: alt ?? "",
        decoding: "async",
        referrerpolicy: "no-referrer",
        draggable: "false",
        onerror: () => missing(t("noPicture"), () => toast(t("unloadable", url.host))),
      }),
    );
  // A small one is part of something that can be tapped itself.
  const small = /\b(thumb|face|backdrop)\b/.test(name);
  const missing = (why, act) => {
    const inside = [icon("photo"), alt && h("span", {}, alt), h("small", {}, why)];
    if (small) {
      box.replaceChildren(h("span", { class: "nothing", role: "img", "aria-label": alt || why }, inside));
      return;
    }
    const tapped = (event) => {
      event.preventDefault();
      event.stopPropagation();
      act();
    };
    const label = [alt, why].filter(Boolean).join(" · ");
    box.replaceChildren(
      h(
        "button",
        { type: "button", class: "nothing", "aria-label": label, onclick: tapped },
        h("span", { role: "img", "aria-label": alt || why }, inside),
      ),
    );
  };
  if (!url) missing(t("noPicture"), () => toast(t("noAddress")));
  else if (!kept.images && url.origin !== location.origin)
    missing(t("outside", url.host), () => {
      toast(t("loadedOnce", url.host));
      load();
    });
  else load();
  return box;
}

export function anchor(url, attributes, ...children) {
  return h("a", { href: url.href, target: "_blank", rel: "noopener noreferrer", ...attributes }, ...children);
}
