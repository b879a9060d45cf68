// A hub of the test's own: started, published to, counted, killed.

import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

import { test as base, expect } from '@playwright/test';

export const API_KEY = 'k'.repeat(40);

export class Hub {
  #child;
  #dataDir;
  url;
  channel = 'dashboard';

  static async start(options = {}) {
    const hub = new Hub();
    hub.#dataDir = await mkdtemp(join(tmpdir(), 'live-dashboard-'));
    await hub.start({ listen: '127.0.0.1:0', ...options });
    return hub;
  }

  async start({ listen = new URL(this.url).host, flags = [] } = {}) {
    this.#child = spawn(process.env.LIVE_DASHBOARD_HUB, ['serve', '--listen', listen, ...flags], {
      env: {
        PATH: process.env.PATH,
        LIVE_DASHBOARD_DATA_DIR: this.#dataDir,
        LIVE_DASHBOARD_API_KEYS: API_KEY,
        LIVE_DASHBOARD_LOG: 'warn',
      },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    for await (const line of createInterface({ input: this.#child.stdout })) {
      const said = line.match(/^listening on (http:\S+)$/);
      if (said) {
        this.url = said[1];
        return;
      }
    }
    throw new Error('the hub ended before it listened');
  }

  async kill(signal = 'SIGKILL') {
    const child = this.#child;
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill(signal);
    await ended;
  }

  async stop() {
    await this.kill();
    await rm(this.#dataDir, { recursive: true, force: true });
  }

  // Publishes; the hub keeps the message for `store` seconds.
  async publish(event, data, channel = this.channel, store = 0) {
    const body = typeof data === 'string'
      ? `{"channel":${JSON.stringify(channel)},"event":${JSON.stringify(event)},"store":${store},"data":${data}}`
      : JSON.stringify({ channel, event, data, store });
    await this.post(body);
  }

  // Publishes with this body.
  async post(body) {
    const answer = await fetch(`${this.url}/publish`, {
      method: 'POST',
      headers: { authorization: `Bearer ${API_KEY}` },
      body,
    });
    expect(answer.status, await answer.text()).toBe(202);
  }

  // The same for an hour.
  async store(event, data) {
    await this.publish(event, data, this.channel, 3600);
  }

  async subscriptions() {
    const answer = await fetch(`${this.url}/channels/${this.channel}`, {
      headers: { authorization: `Bearer ${API_KEY}` },
    });
    return (await answer.json()).subscriptionsCount;
  }
}

// A page that reports what a visitor would not see: errors, and requests that
// leave the hub. `network` are errors that the browser itself writes when a
// request fails; they are counted apart, for tests that stop the hub.
export const test = base.extend({
  hub: async ({}, use) => {
    const hub = await Hub.start();
    await use(hub);
    await hub.stop();
  },
  watched: async ({ page }, use) => {
    const seen = { errors: [], network: [], requests: [] };
    page.on('pageerror', (error) => seen.errors.push(String(error)));
    page.on('console', (message) => {
      if (message.type() !== 'error') return;
      const ofNetwork = /^(Failed to load resource|WebSocket connection to)/.test(message.text());
      (ofNetwork ? seen.network : seen.errors).push(message.text());
    });
    page.on('request', (request) => seen.requests.push(request.url()));
    page.on('websocket', (socket) => seen.requests.push(socket.url()));
    await use(seen);
  },
});

export { expect };

export const dashboard = (page) => page.locator('main.live-dashboard');

export async function untilLive(page) {
  await expect(dashboard(page)).toHaveAttribute('data-connection', 'live');
}

// The page then connects from its own thread: Playwright does not see the WebSockets of
// workers.
export async function withoutWorkers(page) {
  await page.addInitScript(() => delete globalThis.Worker);
}

// Opens a page that the hub has drawn, which it does not do while the machine is busy.
export async function openDrawn(page, address) {
  await expect(async () => {
    await page.goto(address, { waitUntil: 'domcontentloaded' });
    expect(await page.locator('#live-dashboard-snapshot').count()).toBe(1);
  }).toPass();
}

export const stat = (page, key) => page.locator(`[data-stat="${key}"]`);

export const bars = (page, series) => page.locator(`.bar[data-series="${series}"]`);

// A page's worth of everything; `stats` are values other than the usual ones. The hub keeps
// it for `store` seconds.
export async function fill(hub, stats = {}, store = 0) {
  const publish = (event, data) => hub.publish(event, data, hub.channel, store);
  await publish('stats-update', { activeUsers: 1301, requestsPerSec: 4380, errorRate: 0.024, avgLatency: 44 });
  await publish('stats-update', { activeUsers: 1284, requestsPerSec: 4521, errorRate: 0.02, avgLatency: 112, ...stats });
  const now = Math.floor(Date.now() / 1000);
  for (let n = 0; n < 20; n += 1) {
    const requests = Math.round(4200 + 600 * Math.sin(n / 2.5) + 120 * (n % 3));
    await publish('chart-data', { timestamp: now - (19 - n) * 3, requests, errors: Math.round(requests * 0.02 * (1 + n % 4)) });
  }
  await publish('alert', { level: 'info', message: 'Deployment finished: checkout 4.12' });
  await publish('alert', { level: 'error', message: 'Error rate above 5%', key: 'errors', status: 'resolved' });
  await publish('alert', { level: 'warning', message: 'Latency spike detected' });
}

// A hidden tab: overrides the browser's own answer.
export async function hide(page, hidden) {
  await page.evaluate((value) => {
    Object.defineProperty(document, 'visibilityState', { value: value ? 'hidden' : 'visible', configurable: true });
    Object.defineProperty(document, 'hidden', { value, configurable: true });
    document.dispatchEvent(new Event('visibilitychange'));
  }, hidden);
}
