// A stream of messages at a steady rate: of ten, six times the four numbers, three
// points and an alert.

import http from 'node:http';

import { API_KEY } from '../support/hub.mjs';

const LEVELS = ['info', 'warning', 'error'];

export class Load {
  #url;
  #agent = new http.Agent({ keepAlive: true, maxSockets: 8 });
  #published = 0;

  constructor(hub) {
    this.#url = `${hub.url}/publish`;
  }

  // Publishes for so many seconds, and returns the number of messages.
  async run(rate, seconds) {
    const begun = performance.now();
    const answers = [];
    while (performance.now() - begun < 1000 * seconds) {
      const due = Math.floor((performance.now() - begun) / 1000 * rate);
      while (answers.length < due) answers.push(this.publish());
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    await Promise.all(answers);
    const took = (performance.now() - begun) / 1000;
    if (took > 1.1 * seconds) console.warn(`the hub took ${took.toFixed(1)} s for ${seconds} s of ${rate} messages per second`);
    return answers.length;
  }

  publish() {
    const body = JSON.stringify({ channel: 'dashboard', ...this.#next() });
    return new Promise((resolve, reject) => {
      const headers = { authorization: `Bearer ${API_KEY}`, 'content-type': 'application/json' };
      const request = http.request(this.#url, { method: 'POST', agent: this.#agent, headers }, (answer) => {
        answer.resume();
        if (answer.statusCode !== 202) reject(new Error(`the hub answered with ${answer.statusCode}`));
        answer.on('end', resolve);
      });
      request.on('error', reject);
      request.end(body);
    });
  }

  #next() {
    this.#published += 1;
    const [n, kind, random] = [this.#published, this.#published % 10, Math.random()];
    if (kind < 6) {
      return {
        event: 'stats-update',
        data: {
          activeUsers: 1200 + Math.round(200 * random),
          requestsPerSec: 4000 + Math.round(900 * random),
          errorRate: 0.01 + random / 20,
          avgLatency: 40 + Math.round(80 * random),
        },
      };
    }
    if (kind < 9) {
      const timestamp = Math.floor(Date.now() / 1000) + n;
      return { event: 'chart-data', data: { timestamp, requests: 3000 + Math.round(2000 * random), errors: Math.round(90 * random) } };
    }
    return { event: 'alert', data: { level: LEVELS[n % 3], message: `Message ${n}` } };
  }
}
