// A page whose clock only the test moves: timers and animation frames run when it
// says so. What is counted then does not depend on how fast the machine is.

import { untilLive, withoutWorkers } from './hub.mjs';

// Milliseconds from one animation frame to the next by that clock.
export const FRAME = 16;

export class StillPage {
  #page;
  #hub;
  #socket;
  #received = 0;

  // Opens a page and waits until it is live. Its clock still runs.
  static async open(page, hub, path = '/') {
    const still = new StillPage();
    [still.#page, still.#hub] = [page, hub];
    await withoutWorkers(page);
    page.on('websocket', (socket) => {
      still.#socket = socket;
      socket.on('framereceived', ({ payload }) => {
        if (!payload.includes('"event":"hotsock.')) still.#received += 1;
      });
    });
    await page.clock.install();
    await page.goto(new URL(path, hub.url).href);
    await untilLive(page);
    return still;
  }

  // Stops the page's clock and begins to record writes.
  async stop() {
    await this.#page.clock.pauseAt(await this.#page.evaluate(() => Date.now() + 2000));
    await this.#recordWrites();
  }

  // Publishes `[event, data]` pairs and returns when the page has received them.
  async deliver(...messages) {
    const due = this.#received + messages.length;
    for (const [event, data] of messages) await this.#hub.publish(event, data);
    while (this.#received < due) await this.#socket.waitForEvent('framereceived');
  }

  async run(milliseconds) {
    await this.#page.clock.runFor(milliseconds);
  }

  async #recordWrites() {
    await this.#page.evaluate(() => {
      globalThis.writes = [];
      const numbers = new WeakMap();
      let elements = 0;
      new MutationObserver((records) => {
        for (const { type, attributeName, target } of records) {
          const element = target.nodeType === Node.TEXT_NODE ? target.parentElement : target;
          if (element && !numbers.has(element)) numbers.set(element, elements += 1);
          writes.push({
            at: performance.now(),
            type: attributeName ?? type,
            name: element?.getAttribute('class') ?? element?.localName,
            element: numbers.get(element),
            card: element?.closest('.stat')?.dataset.stat,
          });
        }
      }).observe(document.querySelector('main.live-dashboard'), {
        subtree: true, attributes: true, characterData: true, childList: true,
      });
    });
  }

  // The writes to the dashboard since the last call: when, what (an attribute's
  // name, "characterData" or "childList"), and to which element.
  async takeWrites() {
    return this.#page.evaluate(() => writes.splice(0));
  }

  // The times of the draws since the last call: all writes of one moment are one
  // draw.
  async takeDraws() {
    return [...new Set((await this.takeWrites()).map(({ at }) => at))];
  }
}
