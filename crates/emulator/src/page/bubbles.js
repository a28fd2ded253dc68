// Every kind of bubble (skill.md §4.3), with what is too long cut as the platform cuts it.
import { carousel } from "./carousel.js";
import { h, icon, toast } from "./dom.js";
import { anchor, picture, target, web } from "./images.js";
import { t } from "./strings.js";

const FOLDED = 500;

/** The text, cut to at most so many UTF-16 units. */
export function cut(text, most) {
  if (typeof text !== "string") return "";
  if (text.length <= most) return text;
  let shown = "";
  for (const letter of text) {
    if (shown.length + letter.length > most) break;
    shown += letter;
  }
  return `${shown}…`;
}

/** Text with its addresses as links. */
function linked(text) {
  return text.split(/(https?:\/\/[^\s<>"']+[^\s<>"'.,!?;:)\]}。])/).map((piece, index) => {
    const url = index % 2 === 1 && web(piece);
    return url ? anchor(url, {}, piece) : piece;
  });
}

/** Mentions as group rooms show them. */
function mentioning(text, render = linked) {
  return text
    .split(/\{\{#mentions\.([^}]+)\}\}/)
    .map((piece, index) => (index % 2 === 0 ? render(piece) : h("strong", { class: "mention" }, `@${piece}`)));
}

/** Markdown as group rooms show it: only bold and code. */
function marked(text) {
  return text.split(/(\*\*[^*\n]+\*\*|`[^`\n]+`)/).map((piece, index) => {
    if (index % 2 === 0) return linked(piece.replace(/^#{1,6} /gm, ""));
    return piece.startsWith("**") ? h("strong", {}, piece.slice(2, -2)) : h("code", {}, piece.slice(1, -1));
  });
}

function simpleText(body, scene) {
  const rich = body.extra?.markdown === true;
  const render = scene.group ? (part) => mentioning(part, rich ? marked : linked).flat(2) : linked;
  const text = String(body.text ?? "").replace(/\s+$/, "");
  const box = h("div", { class: "bubble text" });
  if (text.length <= FOLDED) {
    box.append(...render(text).flat());
    return box;
  }
  const short = h("span", {}, render(cut(text, FOLDED)));
  const more = h(
    "button",
    {
      type: "button",
      class: "unfold",
      onclick: () => {
        box.replaceChildren(...render(text).flat());
      },
    },
    t("showAll"),
    icon("right"),
  );
  box.append(short, more);
  return box;
}

/** Wraps a card's part so that its link can be opened. */
function linkable(link, content) {
  const url = target(link);
  if (!url) return content;
  const named = content.textContent || content.querySelector("img")?.alt;
  return anchor(url, { class: "linked", "aria-label": named ? null : url.host }, content);
}

function cover(thumbnail, alt) {
  if (!thumbnail) return null;
  const image = picture(thumbnail.imageUrl, cut(thumbnail.altText ?? "", 50) || alt, {
    class: thumbnail.fixedRatio === true ? "cover square" : "cover",
  });
  return linkable(thumbnail.link, image);
}

function profile(body) {
  if (!body.profile) return null;
  return h(
    "div",
    { class: "profile" },
    body.profile.imageUrl && picture(body.profile.imageUrl, "", { class: "face" }),
    h("span", {}, cut(body.profile.nickname ?? body.profile.title, 15)),
  );
}

/** What a tap on a button does. Links are anchors and do not come here. */
function press(button, scene, kind) {
  const { action, label } = button;
  if (action === "message" || action === "block") {
    scene.tap({
      label,
      kind,
      extra: button.extra,
      messageText: button.messageText,
      blockId: action === "block" ? button.blockId : undefined,
    });
  } else if (action === "phone") toast(t("would.phone", button.phoneNumber));
  else if (["share", "operator", "guide", "invite", "inviteMember", "mention", "settings"].includes(action))
    toast(t(`would.${action}`));
  else toast(t("would.nothing", String(action)));
}

function buttons(body, scene) {
  const list = Array.isArray(body.buttons) ? body.buttons : [];
  if (list.length === 0) return null;
  const square = (body.thumbnail ?? body.thumbnails?.[0])?.fixedRatio === true;
  const horizontal = body.buttonLayout ? body.buttonLayout === "horizontal" : square;
  const most = horizontal && list.length === 2 ? 8 : 14;
  return h(
    "div",
    { class: horizontal ? "buttons across" : "buttons" },
    list.map((button) => {
      const label = cut(button.label, most);
      const url = button.action === "webLink" && web(button.webLinkUrl);
      if (url) return anchor(url, { class: "button" }, label);
      return h("button", { type: "button", class: "button", onclick: () => press(button, scene, "cardButton") }, label);
    }),
  );
}

function words(title, description, lines) {
  if (!title && !description) return null;
  return h(
    "div",
    { class: "words" },
    title && h("p", { class: `title ${lines}` }, title),
    description && h("p", { class: `description ${lines}` }, linked(description)),
  );
}

function forward(body, scene) {
  const tappable = (body.items ?? []).some((item) => item.link || item.action);
  if (body.forwardable !== true || scene.inCarousel || body.buttons?.length || tappable) return null;
  return h(
    "button",
    { type: "button", class: "forward", "aria-label": t("forward"), onclick: () => toast(t("would.share")) },
    icon("forward"),
  );
}

function textCard(body, scene) {
  const title = cut(body.title, 50);
  const room = scene.inCarousel ? 128 : Math.max(400 - (body.title ?? "").length, 0);
  return [words(title, cut(body.description, room), ""), buttons(body, scene)];
}

function basicCard(body, scene) {
  const lines = scene.inCarousel ? "two" : "";
  return [
    cover(body.thumbnail, cut(body.title, 50)),
    profile(body),
    words(cut(body.title, 50), cut(body.description, 230), lines),
    buttons(body, scene),
  ];
}

const won = (amount) => t("won", new Intl.NumberFormat("ko").format(amount));

function price(body) {
  const full = Number(body.price);
  const rated = Number.isInteger(body.discountRate) && Number.isInteger(body.discountedPrice);
  const off = Number.isInteger(body.discount) && !rated ? full - body.discount : null;
  const final = Number.isInteger(body.discountedPrice) ? body.discountedPrice : off;
  if (final === null) return h("p", { class: "price" }, h("b", {}, won(full)));
  return h(
    "p",
    { class: "price" },
    rated && h("em", {}, `${body.discountRate}%`),
    h("b", {}, won(final)),
    h("del", {}, won(full)),
  );
}

function commerceCard(body, scene) {
  return [
    cover(body.thumbnails?.[0], cut(body.title, 30)),
    profile(body),
    h(
      "div",
      { class: "words goods" },
      price(body),
      body.title && h("p", { class: "title" }, cut(body.title, 30)),
      body.description && h("p", { class: "description" }, cut(body.description, 40)),
    ),
    buttons(body, scene),
  ];
}

function listCard(body, scene) {
  const ranking = body.listLayout === "ranking" && scene.group;
  const items = (Array.isArray(body.items) ? body.items : []).map((item, index) => {
    const inside = [
      ranking && h("span", { class: "rank" }, String(index + 1)),
      h(
        "span",
        { class: "what" },
        h("span", { class: "title" }, item.title),
        item.description && h("span", { class: "description" }, item.description),
      ),
      item.imageUrl && picture(item.imageUrl, "", { class: "thumb" }),
    ];
    const url = target(item.link);
    if (url) return h("li", {}, anchor(url, { class: "item" }, inside));
    if (item.action !== "message" && item.action !== "block") return h("li", {}, h("span", { class: "item" }, inside));
    const tapped = () =>
      press(
        { ...item, label: item.title, messageText: item.action === "block" ? undefined : item.messageText },
        scene,
        "listItem",
      );
    return h("li", {}, h("button", { type: "button", class: "item", onclick: tapped }, inside));
  });
  const title = h("p", { class: "heading" }, body.header?.title);
  return [
    linkable(body.header?.link, title),
    h("ul", { class: ranking ? "items ranked" : "items" }, items),
    buttons(body, scene),
  ];
}

function itemCard(body, scene) {
  const { thumbnail, imageTitle, itemListSummary: sum } = body;
  const wide = scene.inCarousel || (thumbnail?.width && thumbnail?.height && thumbnail.width > thumbnail.height);
  const rows = (Array.isArray(body.itemList) ? body.itemList : []).map((item) => [
    h("dt", {}, cut(item.title, 6)),
    h("dd", {}, item.description),
  ]);
  const title = cut(body.title, 200);
  const side = body.itemListAlignment === "right" ? "rows right" : "rows";
  return [
    thumbnail &&
      linkable(
        thumbnail.link,
        picture(thumbnail.imageUrl, cut(thumbnail.altText ?? "", 50), { class: wide ? "cover" : "cover square fill" }),
      ),
    body.head && h("p", { class: "head" }, body.head.title),
    !body.head && profile(body),
    imageTitle &&
      h(
        "div",
        { class: "image-title" },
        h(
          "div",
          {},
          h("p", { class: "title two" }, imageTitle.title),
          imageTitle.description && h("p", { class: "description one" }, imageTitle.description),
        ),
        imageTitle.imageUrl && picture(imageTitle.imageUrl, "", { class: "thumb large" }),
      ),
    rows.length > 0 && h("dl", { class: side }, rows),
    sum && h("dl", { class: `${side} sum` }, h("dt", {}, cut(sum.title, 6)), h("dd", {}, cut(sum.description, 14))),
    words(title, cut(body.description, Math.max((scene.inCarousel ? 100 : 200) - title.length, 0)), "twelve"),
    buttons(body, scene),
  ];
}

const CARDS = { textCard, basicCard, commerceCard, listCard, itemCard };

export function card(kind, body, scene) {
  const parts = CARDS[kind]?.(body, scene) ?? [h("p", { class: "words" }, kind)];
  return h("div", { class: `bubble card ${kind}` }, parts, forward(body, scene));
}

/** One bubble; `scene` is `{group, tap}`. */
export function bubble({ kind, body }, scene) {
  const element =
    kind === "simpleText"
      ? simpleText(body, scene)
      : kind === "simpleImage"
        ? h(
            "div",
            { class: "bubble image" },
            linkable({ web: body.imageUrl }, picture(body.imageUrl, cut(body.altText ?? "", 50))),
          )
        : kind === "carousel"
          ? carousel(body, (item) => card(body.type, item, { ...scene, inCarousel: true }))
          : card(kind, body, scene);
  element.dataset.kind = kind;
  return element;
}

export function quickReplies(replies, scene) {
  if (replies.length === 0) return null;
  return h(
    "div",
    { class: "replies", role: "group", "aria-label": t("quickReplies") },
    replies.map((reply) =>
      h(
        "button",
        {
          type: "button",
          class: "reply",
          onclick: () =>
            press(
              { ...reply, extra: reply.extra ?? undefined, messageText: reply.messageText ?? undefined },
              scene,
              "quickReply",
            ),
        },
        cut(reply.label, 14),
      ),
    ),
  );
}
