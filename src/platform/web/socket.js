// A WebSocket whose events are handed over in batches: under load, waking the page for
// each message costs more than reading it.

/** The least time between two batches, in milliseconds; after a quiet time the next
 * event is handed over at once. */
const PAUSE = 25;

export class Wire {
  #socket;
  #wake;
  #events = [];
  #timer = 0;
  #wokenAt = -PAUSE;

  /** Connects; calls `wake` when there is something to take. */
  constructor(url, wake) {
    this.#wake = wake;
    this.#socket = new WebSocket(url);
    this.#socket.onopen = () => this.#add(true, 0);
    this.#socket.onmessage = ({ data }) => this.#add(typeof data === "string" ? data : null, PAUSE);
    this.#socket.onclose = ({ code, reason }) => this.#add([code, reason], 0);
  }

  #add(event, pause) {
    this.#events.push(event);
    const wait = this.#wokenAt + pause - performance.now();
    if (wait <= 0) this.#flush();
    else this.#timer ||= setTimeout(() => this.#flush(), wait);
  }

  #flush() {
    clearTimeout(this.#timer);
    this.#timer = 0;
    this.#wokenAt = performance.now();
    this.#wake();
  }

  /** The next event: `true` for open, a text frame, `null` for a binary one, an array of
   * code and reason for closed; `undefined` if there is none. */
  take() {
    return this.#events.shift();
  }

  send(text) {
    this.#socket.send(text);
  }

  close() {
    clearTimeout(this.#timer);
    this.#socket.onopen = this.#socket.onmessage = this.#socket.onclose = null;
    this.#socket.close();
  }
}
