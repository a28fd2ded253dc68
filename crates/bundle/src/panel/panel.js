// The operator's panel, mounted by the chat page: who waits to be let in, who has been,
// and how far each turn is.

/** In ms. */
const LOOK_AGAIN = 2000;

const WORDS = {
  ko: {
    locale: "ko-KR",
    title: "관리자",
    me: "나",
    requests: "승인 대기",
    nobody: "기다리는 사람이 없어요.",
    hint: "처음 말을 건 사람은 여기에서 승인해야 에이전트와 대화할 수 있어요.",
    code: "코드",
    approve: "승인",
    dismiss: "거절",
    approved: (name) => `${name}의 요청을 승인했어요. 다음 메시지부터 에이전트가 답변해요.`,
    note: "메모 (선택)",
    noteOf: (name) => `${name}의 메모`,
    letIn: "승인한 사람",
    nobodyYet: "아직 승인한 사람이 없어요.",
    revoke: "이용 중지",
    revoked: (name) => `${name}의 이용을 중지했어요. 다시 이용하려면 승인을 새로 받아야 해요.`,
    dismissed: (name) => `${name}의 요청을 지웠어요. 다시 요청할 수 있어요.`,
    errors: {
      gone: "목록에서 이미 없어졌어요.",
      failed: "처리하지 못했어요. 잠시 뒤에 다시 해 보세요.",
    },
    unreadable: "지금은 목록을 읽을 수 없어요. 다시 읽고 있어요…",
    turns: "진행 상황",
    noTurns: "아직 에이전트에게 간 메시지가 없어요.",
    lost: "연결이 끊겼어요. 다시 연결하고 있어요…",
    states: {
      opened: "대기 중",
      answering: "답변 준비 중",
      posting: "보내는 중",
      held: "보관 중 (답변 확인 대기)",
      unconfirmed: "도착 확인 안 됨",
      answered: "답변함",
      replaced: "새 메시지로 바뀜",
      expired: "답변하지 못함",
    },
  },
  en: {
    locale: "en-US",
    title: "Operator",
    me: "Me",
    requests: "Waiting to be let in",
    nobody: "Nobody is waiting.",
    hint: "Whoever writes for the first time talks to the agent only after you approve them here.",
    code: "Code",
    approve: "Approve",
    dismiss: "Dismiss",
    approved: (name) => `Approved: ${name}. The agent answers from their next message on.`,
    note: "Note (optional)",
    noteOf: (name) => `Note about ${name}`,
    letIn: "Let in",
    nobodyYet: "Nobody has been let in yet.",
    revoke: "Revoke",
    revoked: (name) => `Revoked: ${name}. The agent answers none of their further messages.`,
    dismissed: (name) => `Dismissed: ${name}. They may ask again.`,
    errors: {
      gone: "That is no longer there.",
      failed: "That did not work. Try again in a moment.",
    },
    unreadable: "The lists cannot be read now. Trying again…",
    turns: "Turns",
    noTurns: "No message has gone to the agent yet.",
    lost: "The connection is lost. Reconnecting…",
    states: {
      opened: "waiting",
      answering: "being answered",
      posting: "on its way",
      held: "held until collected",
      unconfirmed: "arrival unknown",
      answered: "answered",
      replaced: "replaced by a newer message",
      expired: "not answered",
    },
  },
};

/** Draws the panel into `root` and keeps it up to date. */
export function mount(root, { language, badge = () => {} }) {
  const style = element("link", { rel: "stylesheet", href: new URL("panel.css", import.meta.url).href });
  document.head.append(style);

  let words = WORDS[language] ?? WORDS.ko;
  let shown = { requests: [], approved: [], chats: [] };
  // Requests keep their elements, so that a note is not lost while it is written.
  const cards = new Map();
  let events = null;
  let again;
  let troubled = false;
  const notice = element("p", { className: "operator-notice", role: "status", tabIndex: -1 });
  const list = element("ul", { className: "operator-requests" });
  const [asking, letIn, going] = [1, 2, 3].map(() => element("section", {}));
  const body = element("div", { className: "operator" }, asking, letIn, going);
  const title = element("h2", {});
  root.replaceChildren(title, notice, body);

  const draw = () => {
    // The focused element keeps the focus when the list is drawn anew.
    title.textContent = words.title;
    const focused = body.contains(document.activeElement) ? document.activeElement.dataset.key : undefined;
    requests();
    letIn.replaceChildren(...approved());
    going.replaceChildren(...turns());
    const again = focused && body.querySelector(`[data-key="${CSS.escape(focused)}"]`);
    if (again && again !== document.activeElement) again.focus();
  };

  /** The name to show: the page has a word of its own for the person who uses it ("me"). */
  const called = (name) => (name === "me" ? words.me : name);

  const time = (milliseconds) => new Date(milliseconds).toLocaleTimeString(words.locale, { timeStyle: "medium" });

  const requests = () => {
    const wanted = shown.requests.map((it) => {
      if (!cards.has(it.id)) cards.set(it.id, request(it));
      return cards.get(it.id);
    });
    for (const [id, card] of cards) {
      if (wanted.includes(card)) continue;
      cards.delete(id);
      card.remove();
    }
    // Those in place are not moved: moving an element takes the focus out of it.
    wanted.forEach((card, at) => {
      if (list.children[at] !== card) list.insertBefore(card, list.children[at] ?? null);
    });
    const empty = element("p", { className: "operator-empty" }, words.nobody, " ", words.hint);
    const above = [heading(words.requests, wanted.length), ...(wanted.length === 0 ? [empty] : [])];
    for (const old of [...asking.children]) if (old !== list) old.remove();
    asking.prepend(...above);
    if (!asking.contains(list)) asking.append(list);
  };

  const approved = () => {
    const heads = [heading(words.letIn)];
    if (shown.approved.length === 0) return [...heads, element("p", { className: "operator-empty" }, words.nobodyYet)];
    return [...heads, element("ul", { className: "operator-approved" }, ...shown.approved.map(person))];
  };

  const person = (it) => {
    const name = it.note ?? called(it.name ?? short(it.sender));
    const known = it.note && it.name ? `${called(it.name)} · ` : "";
    const day = new Date(it.at).toLocaleDateString(words.locale, { month: "short", day: "numeric" });
    return element(
      "li",
      { className: "operator-person" },
      element("div", {}, element("strong", {}, name), element("small", {}, `${known}${it.account} · ${day}`)),
      element(
        "div",
        { className: "operator-actions" },
        button(words.revoke, `${words.revoke}: ${name}`, `revoke-${it.account}-${it.sender}`, "", () =>
          decide("revoke", { account: it.account, sender: it.sender }, words.revoked(name)),
        ),
      ),
    );
  };

  const request = (it) => {
    const name = called(it.name ?? short(it.sender));
    const note = element("input", {
      type: "text",
      className: "operator-note",
      maxLength: 80,
      autocomplete: "off",
      placeholder: words.note,
      ariaLabel: words.noteOf(name),
    });
    return element(
      "li",
      { className: "operator-request" },
      element("div", {}, element("strong", {}, name), element("small", {}, `${it.account} · ${time(it.createdAt)}`)),
      element("p", {}, `${words.code} `, element("code", {}, it.code)),
      note,
      element(
        "div",
        { className: "operator-actions" },
        button(words.approve, `${words.approve}: ${name}`, `approve-${it.id}`, "operator-primary", () =>
          decide("approve", { id: it.id, note: note.value }, words.approved(note.value.trim() || name)),
        ),
        button(words.dismiss, `${words.dismiss}: ${name}`, `dismiss-${it.id}`, "", () =>
          decide("dismiss", { id: it.id }, words.dismissed(name)),
        ),
      ),
    );
  };

  const turns = () => [
    heading(words.turns),
    ...(shown.chats.length === 0
      ? [element("p", { className: "operator-empty" }, words.noTurns)]
      : shown.chats.map((chat) =>
          element(
            "div",
            { className: "operator-chat" },
            element("h4", {}, called(chat.name), element("small", {}, chat.account)),
            element("ol", {}, ...chat.turns.map(turn)),
          ),
        )),
  ];

  const turn = (it) =>
    element(
      "li",
      { className: "operator-turn" },
      element("time", {}, time(it.openedAt)),
      element("code", { title: it.turn }, it.turn.slice(0, 6)),
      element("span", { className: `operator-state operator-${it.state}` }, words.states[it.state] ?? it.state),
    );

  /** Resolves to whether it was done. The stream's next event brings the lists as they are then. */
  const decide = async (what, whom, done) => {
    let told = words.errors.failed;
    let ok = false;
    try {
      const answer = await fetch(new URL(what, import.meta.url), {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(whom),
      });
      ok = answer.ok;
      told = ok ? done : (words.errors[(await answer.json()).error] ?? told);
    } catch {
      // There is no readable answer, so the general error stands.
    }
    troubled = false;
    say(told);
    notice.focus();
    return ok;
  };

  const say = (text) => {
    notice.textContent = text;
  };

  const trouble = (text) => {
    troubled = true;
    say(text);
  };

  const open = () => {
    events = new EventSource(new URL("events", import.meta.url));
    events.onmessage = ({ data }) => {
      shown = JSON.parse(data);
      badge(shown.requests.length);
      if (troubled) say("");
      troubled = false;
      draw();
    };
    events.addEventListener("trouble", () => trouble(words.unreadable));
    events.onerror = () => {
      trouble(words.lost);
      if (events.readyState !== EventSource.CLOSED) return;
      again = setTimeout(open, 2000);
    };
  };
  // While the panel is not seen, somebody may come to wait all the same.
  const look = async () => {
    try {
      const answer = await fetch(new URL("waiting", import.meta.url));
      if (answer.ok) badge((await answer.json()).waiting);
    } catch {
      // The page tells that the connection is lost.
    }
    setTimeout(look, LOOK_AGAIN);
  };
  draw();
  look();

  return {
    title: { ko: WORDS.ko.title, en: WORDS.en.title },
    update({ language }) {
      words = WORDS[language] ?? WORDS.ko;
      for (const card of cards.values()) card.remove();
      cards.clear();
      say("");
      draw();
    },
    shown: open,
    hidden() {
      clearTimeout(again);
      events.close();
    },
  };
}

function heading(title, count) {
  const it = element("h3", {}, title);
  if (count) it.append(element("span", { className: "operator-count" }, String(count)));
  return it;
}

function button(text, label, key, className, act) {
  const it = element("button", { type: "button", className, ariaLabel: label }, text);
  it.dataset.key = key;
  it.addEventListener("click", async () => {
    const row = it.parentElement.querySelectorAll("button");
    for (const one of row) one.disabled = true;
    const done = await act();
    for (const one of row) one.disabled = done;
  });
  return it;
}

/** Text is set as text, never as markup. */
function element(tag, properties, ...children) {
  const it = Object.assign(document.createElement(tag), properties);
  it.append(...children);
  return it;
}

function short(sender) {
  return sender.length > 26 ? `${sender.slice(0, 25)}…` : sender;
}
