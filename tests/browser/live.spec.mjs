// The page with a hub: published values appear formatted.

import { bars, dashboard, expect, stat, test, untilLive, withoutWorkers } from './support/hub.mjs';

const STATS = { activeUsers: 1284, requestsPerSec: 4521, errorRate: 0.02, avgLatency: 45 };

test.beforeEach(async ({ page, hub, watched }) => {
  await page.goto(hub.url);
  await untilLive(page);
});

test.afterEach(async ({ hub, watched }) => {
  const own = new URL(hub.url).host;
  const strangers = watched.requests.filter((url) => !/^(data|blob):/.test(url) && new URL(url).host !== own);
  expect(strangers, 'no request leaves the hub').toEqual([]);
  expect(watched.errors, 'no error on the console').toEqual([]);
  expect(watched.network, 'no failed request').toEqual([]);
});

test('published values appear, formatted', async ({ page, hub }) => {
  await expect(page).toHaveTitle(/Live Dashboard/);
  await hub.publish('stats-update', STATS);
  await expect(stat(page, 'activeUsers').locator('.stat-value')).toHaveText('1,284');
  await expect(stat(page, 'requestsPerSec').locator('.stat-value')).toHaveText('4,521');
  await expect(stat(page, 'errorRate').locator('.stat-value')).toHaveText('2.0%');
  await expect(stat(page, 'avgLatency').locator('.stat-value')).toHaveText(/^45\sms$/);
});

test('a trend is good or bad depending on the metric', async ({ page, hub }) => {
  await hub.publish('stats-update', STATS);
  await expect(stat(page, 'errorRate').locator('.stat-value')).toHaveText('2.0%');
  await hub.publish('stats-update', { errorRate: 0.01, activeUsers: 1000 });
  await expect(stat(page, 'errorRate').locator('.change')).toHaveAttribute('data-direction', 'down');
  await expect(stat(page, 'errorRate').locator('.change')).toHaveAttribute('data-trend', 'good');
  await expect(stat(page, 'errorRate').locator('.change')).toHaveAttribute('title', 'better');
  await expect(stat(page, 'activeUsers').locator('.change')).toHaveAttribute('data-trend', 'bad');
  await expect(stat(page, 'avgLatency').locator('.stat-value'), 'a key that is left out stays').toHaveText(/^45\sms$/);
});

test('exceeded thresholds are shown in colour and words', async ({ page, hub }) => {
  await hub.publish('stats-update', { ...STATS, errorRate: 0.051, avgLatency: 101 });
  const [errors, latency] = [stat(page, 'errorRate'), stat(page, 'avgLatency')];
  await expect(errors).toHaveAttribute('data-severity', 'critical');
  await expect(errors).toContainText('Critical');
  await expect(latency).toHaveAttribute('data-severity', 'warning');
  await expect(latency).toContainText('Warning');
  const colour = (locator) => locator.locator('.severity').evaluate((chip) => getComputedStyle(chip).backgroundColor);
  expect(await colour(errors)).not.toBe(await colour(latency));
  await hub.publish('stats-update', { errorRate: 0.05, avgLatency: 100 });
  await expect(errors).toHaveAttribute('data-severity', 'ok');
  await expect(latency).toHaveAttribute('data-severity', 'ok');
});

test('of 25 points the last 20 are bars, proportional to their values', async ({ page, hub }) => {
  for (let n = 1; n <= 25; n += 1) {
    await hub.publish('chart-data', { timestamp: 1709901234 + n * 3, requests: n * 100, errors: n });
  }
  await expect(bars(page, 'requests')).toHaveCount(20);
  const last = page.locator(`.bar[data-series="requests"][data-timestamp="${1709901234 + 25 * 3}"]`);
  await expect(last).toHaveCount(1);
  const shown = await bars(page, 'requests').evaluateAll((all) =>
    all.map((bar) => ({ at: Number(bar.dataset.timestamp), height: bar.getBoundingClientRect().height })));
  expect(shown.map(({ at }) => (at - 1709901234) / 3)).toEqual(Array.from({ length: 20 }, (_, n) => n + 6));
  const tallest = shown.at(-1).height;
  for (const [n, { height }] of shown.entries()) {
    expect(Math.abs(height / tallest - (n + 6) / 25)).toBeLessThan(0.02);
  }
});

test('the newest five alerts are listed newest first', async ({ page, hub }) => {
  for (const [level, message] of [['info', 'one'], ['warning', 'two'], ['error', 'three'], ['fatal', 'four'], ['info', 'five']]) {
    await hub.publish('alert', { level, message });
  }
  await hub.publish('alert', { level: 'error', message: 'six' });
  const messages = page.locator('.alert .alert-message');
  await expect(messages).toHaveText(['six', 'five', 'four', 'three', 'two']);
  await expect(page.locator('.alert').nth(2), 'an unknown level is a warning').toHaveAttribute('data-level', 'warning');
  await expect(page.locator('.alert').nth(3)).toContainText('Error');
});

test('invalid messages change nothing', async ({ page, hub }) => {
  await hub.publish('stats-update', STATS);
  await expect(stat(page, 'activeUsers').locator('.stat-value')).toHaveText('1,284');
  await hub.publish('chart-data', { timestamp: 1709901234, requests: 1, errors: 0 });
  for (const event of ['stats-update', 'chart-data', 'alert', 'unknown']) {
    for (const data of ['null', '[]', '"x"', '5', '{}', '[[[[]]]]', '{"activeUsers":"NaN","timestamp":"x","message":7}']) {
      await hub.publish(event, data);
    }
  }
  await hub.publish('chart-data', { timestamp: -5, requests: 9 });
  await hub.publish('stats-update', { avgLatency: 46 });
  await expect(stat(page, 'avgLatency').locator('.stat-value')).toHaveText(/^46\sms$/);
  await expect(stat(page, 'activeUsers').locator('.stat-value')).toHaveText('1,284');
  await expect(bars(page, 'requests')).toHaveCount(1);
  await expect(page.locator('.alert')).toHaveCount(0);
  await expect(dashboard(page)).toHaveAttribute('data-connection', 'live');
});

test('leaving the page closes its connection', async ({ page, hub }) => {
  await expect.poll(() => hub.subscriptions()).toBe(1);
  await page.goto('about:blank');
  await expect.poll(() => hub.subscriptions()).toBe(0);
});

test('a viewer sends only its subscription', async ({ page, hub }) => {
  await withoutWorkers(page);
  const sent = [];
  page.on('websocket', (socket) => socket.on('framesent', ({ payload }) => sent.push(payload)));
  await page.reload();
  await untilLive(page);
  await hub.publish('stats-update', STATS);
  await expect(stat(page, 'activeUsers').locator('.stat-value')).toHaveText('1,284');
  expect(sent).toEqual(['{"event":"hotsock.subscribe","channel":"dashboard"}']);
});
