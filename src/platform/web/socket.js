// A WebSocket whose events are handed over in batches, if possible from a worker: on the
// main thread, the browser's work for each message would exceed the page's own.

/** The least time between two batches, in milliseconds; after a quiet time the next
 * event is handed over at once. */
const PAUSE = 25;
/** The most events that wait while the page takes none. Beyond, the connection ends; the
 * page recovers what it missed. */
const MOST = 50_000;

/**
 * Connects for the other end of a port, which sends `[command, argument]`: `open` with
 * an address first, `send` with a text, `taken` after each batch, `close`. Batches are
 * arrays of events: see `Wire.take`. Its source text runs in a worker, so it must not
 * refer to anything outside itself.
 */
function relay(port, pause, most) {
  let socket;
  let events = [];
  let postedAt = -pause;
  let timer = 0;
  let taken = true;

  function post() {
    timer = 0;
    if (!taken || events.length === 0) return;
    const batch = events;
    events = [];
    taken = false;
    postedAt = performance.now();
    port.postMessage(batch);
  }

  function postSoon(delay) {
    const wait = postedAt + delay - performance.now();
    if (wait <= 0) post();
    else timer ||= setTimeout(post, wait);
  }

  function add(event, delay) {
    events.push(event);
    if (events.length > most) socket.close();
    postSoon(delay);
  }

  const commands = {
    open(url) {
      try {
        socket = new WebSocket(url);
      } catch {
        return add(false, 0);
      }
      socket.onopen = () => add(true, 0);
      socket.onmessage = ({ data }) => add(typeof data === "string" ? data : null, pause);
      socket.onclose = ({ code, reason }) => add([code, reason], 0);
    },
    send(text) {
      if (socket.readyState !== WebSocket.CONNECTING) return socket.send(text);
      socket.addEventListener("open", () => socket.send(text));
    },
    taken() {
      taken = true;
      postSoon(pause);
    },
    close() {
      clearTimeout(timer);
      if (!socket || socket.readyState === WebSocket.CLOSED) return port.close();
      socket.onopen = socket.onmessage = null;
      socket.onclose = () => port.close();
      socket.close();
    },
  };
  port.onmessage = ({ data: [command, argument] }) => commands[command](argument);
}

/** A worker that runs `relay`; throws where workers are unavailable. */
function worker() {
  const source = `(${relay})(self,${PAUSE},${MOST})`;
  const url = URL.createObjectURL(new Blob([source], { type: "text/javascript" }));
  try {
    return new Worker(url);
  } finally {
    URL.revokeObjectURL(url);
  }
}

/** A port to `relay` in the page itself. */
function inPage() {
  const port = { postMessage: (data) => own.onmessage({ data }) };
  const own = { postMessage: (data) => port.onmessage?.({ data }), close() {} };
  relay(own, PAUSE, MOST);
  return port;
}

/** The connection that `connectEarly` made. */
let early;

export class Wire {
  #port;
  #url;
  #wake;
  #events = [];
  /** The subscriptions that `connectEarly` has sent: the page's own are not sent again. */
  #sent = new Set();

  /** Connects; calls `wake` when there is something to take. */
  constructor(url, wake) {
    const known = early;
    early = undefined;
    if (known?.#url === url) {
      known.#wake = wake;
      return known;
    }
    known?.close();
    this.#url = url;
    this.#wake = wake;
    try {
      const own = worker();
      // A Content-Security-Policy may forbid workers; some browsers report that only here.
      own.onerror = () => {
        if (own !== this.#port) return;
        this.#open(inPage());
        for (const text of this.#sent) this.#port.postMessage(["send", text]);
      };
      this.#open(own);
    } catch {
      this.#open(inPage());
    }
  }

  #open(port) {
    this.#port = port;
    port.onmessage = ({ data }) => {
      port.onerror = null;
      port.postMessage(["taken"]);
      this.#events.push(...data);
      if (this.#events.length > MOST) {
        this.close();
        this.#events.push([1006, ""]);
      }
      this.#wake();
    };
    port.postMessage(["open", this.#url]);
  }

  /** The next event: `true` for open, `false` if the address is not allowed, a text
   * frame, `null` for a binary one, an array of code and reason for closed; `undefined`
   * if there is none. */
  take() {
    return this.#events.shift();
  }

  /** Queues a text frame. */
  send(text) {
    if (!this.#sent.delete(text)) this.#port.postMessage(["send", text]);
  }

  close() {
    this.#port.onmessage = this.#port.onerror = null;
    this.#port.postMessage(["close"]);
  }

  /** Whether the hub has confirmed all subscriptions, as far as events wait that say so. */
  isSubscribed() {
    const says = (event) => typeof event === "string" && event.includes('"hotsock.subscribed"');
    return this.#events.filter(says).length >= this.#sent.size && !this.#events.some(Array.isArray);
  }

  /** Subscribes at once. The hub reads that after its greeting. */
  subscribe(channel) {
    const text = JSON.stringify({ event: "hotsock.subscribe", channel });
    this.send(text);
    this.#sent.add(text);
  }
}

/** A page that the hub drew contains a token: it connects while its code is still
 * loading. */
function connectEarly() {
  const drawn = document.getElementById("live-dashboard-snapshot");
  if (!drawn) return;
  const { connects, grant, channels } = JSON.parse(drawn.textContent);
  if (!connects) return;
  const url = new URL(`v1?token=${grant.token}`, location.href.split(/[?#]/)[0]);
  early = new Wire(url.href.replace("http", "ws"), () => showConnection(early.isSubscribed()));
  for (const channel of channels) early.subscribe(channel);
}

/** The states of the drawn badge, as `ConnectionBadge` and `icon` draw them. */
const BADGES = {
  connecting: ["Connecting", "M8 2a6 6 0 1 1-6 6"],
  live: ["Connected", "M8 6a2 2 0 1 1 0 4 2 2 0 0 1 0-4Z"],
};

/** Tells in the drawn badge whether the page is connected. */
function showConnection(isConnected) {
  const state = isConnected ? "live" : "connecting";
  const drawn = document.querySelector(".connection-badge");
  if (!drawn || drawn.dataset.state === state) return;
  // A new element: a word of another length is not a layout shift.
  const badge = drawn.cloneNode(true);
  badge.dataset.state = state;
  const [word, strokes] = BADGES[state];
  badge.querySelector("path").setAttribute("d", strokes);
  const texts = document.createTreeWalker(badge, NodeFilter.SHOW_TEXT);
  texts.nextNode().data = word;
  drawn.replaceWith(badge);
}

connectEarly();
