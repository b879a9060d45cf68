// Messages that were published while the page was not connected or not running,
// and the age of data.

import { bars, dashboard, expect, stat, test, untilLive } from './support/hub.mjs';

const START = 1709901200;
const HOUR = 3_600_000;

const value = (page, key) => stat(page, key).locator('.stat-value');
const gaps = (page) => page.locator('.gap');

async function store(hub, first, count) {
  for (let n = first; n < first + count; n += 1) {
    await hub.store('chart-data', { timestamp: START + n * 3, requests: 1000 + n, errors: n });
  }
}

// Nothing reaches the page until the hub runs again and the page is online. What
// is published between the two is missed.
async function whileAway(page, hub, missed) {
  await hub.kill();
  await expect(dashboard(page)).toHaveAttribute('data-connection', 'reconnecting');
  await page.context().setOffline(true);
  await hub.start();
  await missed();
  await page.context().setOffline(false);
  await untilLive(page);
}

test('a new page and a reloaded page show everything that is stored', async ({ page, hub, watched }) => {
  await store(hub, 0, 25);
  await hub.store('stats-update', { activeUsers: 1000, requestsPerSec: 4521, avgLatency: 45 });
  await hub.store('stats-update', { activeUsers: 1284, errorRate: 0.02 });
  for (let n = 1; n <= 7; n += 1) await hub.store('alert', { level: 'info', message: `alert ${n}` });
  const complete = async () => {
    await expect(bars(page, 'requests')).toHaveCount(20);
    await expect(page.locator(`.bar[data-series="requests"][data-timestamp="${START + 24 * 3}"]`)).toHaveCount(1);
    await expect(value(page, 'activeUsers')).toHaveText('1,284');
    await expect(stat(page, 'activeUsers').locator('.change'), 'against the value before').toHaveAttribute('data-direction', 'up');
    await expect(value(page, 'requestsPerSec'), 'of an earlier message').toHaveText('4,521');
    await expect(page.locator('.alert .alert-message').first()).toHaveText('alert 7');
    await expect(page.locator('.alert .alert-message').nth(4)).toHaveText('alert 3');
  };
  await page.goto(hub.url);
  await complete();
  await page.reload();
  await complete();
  expect(watched.errors).toEqual([]);
  expect(watched.network).toEqual([]);
});

test('stored messages are recovered after a connection loss', async ({ page, hub }) => {
  await page.goto(hub.url);
  await untilLive(page);
  await store(hub, 0, 6);
  await expect(bars(page, 'requests')).toHaveCount(6);
  await whileAway(page, hub, async () => {
    await store(hub, 6, 6);
    await hub.store('stats-update', { activeUsers: 7 });
    await hub.store('alert', { level: 'error', message: 'missed' });
  });
  await store(hub, 12, 1);
  await expect(bars(page, 'requests')).toHaveCount(13);
  await expect(value(page, 'activeUsers')).toHaveText('7');
  await expect(page.locator('.alert .alert-message').first()).toHaveText('missed');
  await expect(gaps(page)).toHaveCount(0);
});

test('messages that were not stored leave a visible gap', async ({ page, hub }) => {
  const point = (n) => hub.publish('chart-data', { timestamp: START + n * 3, requests: 1000 + n, errors: n });
  await page.goto(hub.url);
  await untilLive(page);
  for (let n = 0; n < 6; n += 1) await point(n);
  await expect(bars(page, 'requests')).toHaveCount(6);
  await whileAway(page, hub, () => point(6));
  await point(7);
  await point(8);
  await expect(bars(page, 'requests')).toHaveCount(8);
  await expect(gaps(page)).toHaveCount(1);
});

test('data becomes stale, which differs from a lost connection', async ({ page, hub }) => {
  await page.goto(hub.url);
  await untilLive(page);
  await hub.publish('stats-update', { activeUsers: 5, avgLatency: 45 });
  await expect(value(page, 'activeUsers')).toHaveText('5');
  await expect(stat(page, 'activeUsers')).not.toHaveAttribute('data-stale', 'true');
  await expect(page.locator('.state')).toHaveAttribute('data-state', 'stale');
  await expect(dashboard(page)).toHaveAttribute('data-connection', 'live');
  await expect(stat(page, 'activeUsers')).toHaveAttribute('data-stale', 'true');
  await expect(stat(page, 'activeUsers').locator('.age')).toContainText(/\b1[0-9]\b/);
  await hub.publish('stats-update', { activeUsers: 6 });
  await expect(page.locator('.state')).toContainText('1 value stale');
  await expect(stat(page, 'activeUsers')).not.toHaveAttribute('data-stale', 'true');
  await expect(stat(page, 'avgLatency'), 'each card has its own age').toHaveAttribute('data-stale', 'true');
  await hub.kill();
  await expect(dashboard(page)).toHaveAttribute('data-connection', 'reconnecting');
  await expect(page.locator('.state')).toHaveAttribute('data-state', 'disconnected');
});

test("a wrong clock of the viewer does not change ages", async ({ browser, hub }) => {
  await hub.store('stats-update', { activeUsers: 5 });
  await hub.store('alert', { level: 'info', message: 'some time ago' });
  const published = Date.now();
  const pages = [];
  await expect.poll(() => Date.now() - published, { timeout: 20_000 }).toBeGreaterThan(11_000);
  for (const skew of [-HOUR, HOUR]) {
    const page = await browser.newPage();
    await page.addInitScript((milliseconds) => {
      const Real = Date;
      globalThis.Date = class extends Real {
        constructor(...given) {
          super(...(given.length > 0 ? given : [Real.now() + milliseconds]));
        }
        static now() {
          return Real.now() + milliseconds;
        }
      };
    }, skew);
    await page.goto(hub.url);
    await untilLive(page);
    await expect(value(page, 'activeUsers')).toHaveText('5');
    await expect(stat(page, 'activeUsers')).toHaveAttribute('data-stale', 'true');
    const wrongBy = async () => {
      const text = await stat(page, 'activeUsers').locator('.age').textContent();
      const unit = [[/sec/, 1], [/min/, 60], [/hr/, 3600]].find(([name]) => name.test(text))?.[1];
      if (!unit) return Infinity; // still in the hub's words
      return Math.abs(parseInt(text, 10) * unit - (Date.now() - published) / 1000);
    };
    await expect.poll(wrongBy, 'to within a unit').toBeLessThan(60);
    pages.push(page);
  }
  await hub.publish('stats-update', { activeUsers: 6 });
  for (const page of pages) {
    await expect(value(page, 'activeUsers')).toHaveText('6');
    await expect(stat(page, 'activeUsers')).not.toHaveAttribute('data-stale', 'true');
    await page.close();
  }
});

test('a page that was suspended catches up in one step', async ({ page, hub }) => {
  await page.goto(hub.url);
  await untilLive(page);
  await hub.publish('stats-update', { activeUsers: 1 });
  await expect(value(page, 'activeUsers')).toHaveText('1');
  const seen = await value(page, 'activeUsers').evaluateHandle((element) => {
    const texts = [];
    new MutationObserver(() => texts.push(element.textContent))
      .observe(element, { characterData: true, childList: true, subtree: true });
    return texts;
  });
  // Nothing in the page runs, as during a suspend; messages wait in the browser.
  const begun = new Promise((resolve) => page.exposeFunction('begun', resolve).then(() =>
    page.evaluate(() => {
      globalThis.begun();
      for (const end = performance.now() + 9_000; performance.now() < end;);
    })));
  await begun;
  let last = 1;
  const began = Date.now();
  while (last < 300 && Date.now() - began < 7_000) {
    last += 1;
    await hub.publish('stats-update', { activeUsers: last });
  }
  await expect(value(page, 'activeUsers')).toHaveText(last.toLocaleString('en-US'));
  const texts = await seen.jsonValue();
  expect(last, 'there was enough to catch up with').toBeGreaterThan(50);
  expect(texts.length, texts.join(' ')).toBeLessThanOrEqual(2);
});
