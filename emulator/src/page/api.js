// Knows the paths of the control API, all below the page's own folder.
async function call(method, path, body) {
  const response = await fetch(`api/${path}`, {
    method,
    headers: body === undefined ? {} : { "content-type": "application/json" },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  const answer = await response.json().catch(() => ({}));
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

/** Follows the events; the browser connects again by itself, and each connection starts anew. */
export function follow(heard) {
  const source = new EventSource("api/events");
  for (const name of ["snapshot", "exchange", "ready", "bots", "faults", "clock"]) {
    source.addEventListener(name, (event) => heard(name, JSON.parse(event.data)));
  }
  source.addEventListener("error", () => {
    heard("lost");
    if (source.readyState === EventSource.CLOSED) setTimeout(() => follow(heard), 2000);
  });
}
