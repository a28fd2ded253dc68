// The control API: its paths, its numbers, its events. All paths are relative to the page's own.

/** An integer beyond 2^53. It is shown and sent back as written, because a button's `extra` must
    come back unchanged. */
class Exact {
  #source;

  constructor(source) {
    this.#source = source;
  }

  toJSON() {
    return JSON.rawJSON(this.#source);
  }

  toString() {
    return this.#source;
  }
}

/** Parses JSON. Large numbers are rounded unless the browser tells how they were written. */
function parse(text) {
  return JSON.parse(text, (_, value, context) => {
    const rounded = Number.isInteger(value) && !Number.isSafeInteger(value);
    return rounded && context?.source && JSON.rawJSON ? new Exact(context.source) : value;
  });
}

async function call(method, path, body) {
  const response = await fetch(`api/${path}`, {
    method,
    headers: body === undefined ? {} : { "content-type": "application/json" },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  const answer = await response
    .text()
    .then(parse)
    .catch(() => ({}));
  if (!response.ok) throw new Error(answer.error ?? `HTTP ${response.status}`);
  return answer;
}

const bot = (id) => `bots/${encodeURIComponent(id)}`;

export const api = {
  setup: () => call("GET", "page"),
  send: (id, message) => call("POST", `${bot(id)}/messages`, message),
  setFaults: (id, faults) => call("PUT", `${bot(id)}/faults`, faults),
  advance: (advanceMs) => call("POST", "clock", { advanceMs }),
};

/** Follows the events while the page is visible, because a browser allows few connections per host.
    It reconnects by itself, and every connection begins with a snapshot. */
export function follow(heard) {
  let source = null;
  let again;
  const close = () => {
    clearTimeout(again);
    source?.close();
    source = null;
  };
  const open = () => {
    if (source || document.hidden) return;
    source = new EventSource("api/events");
    for (const name of ["snapshot", "exchange", "ready", "bots", "faults", "clock"]) {
      source.addEventListener(name, (event) => heard(name, parse(event.data)));
    }
    source.addEventListener("error", () => {
      heard("lost");
      if (source.readyState !== EventSource.CLOSED) return;
      close();
      again = setTimeout(open, 2000);
    });
  };
  document.addEventListener("visibilitychange", () => (document.hidden ? close() : open()));
  open();
}
