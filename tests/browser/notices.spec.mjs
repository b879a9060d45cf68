// What helps a publisher: the command of an empty page, and the messages that could not be
// shown. Neither moves anything.

import { expect, stat, test, untilLive } from './support/hub.mjs';

const aside = (page, text) => page.locator('.asides .notice', { hasText: text });
const mark = (page, text) => page.locator('.unshown', { hasText: text });
const hide = async (page, text) => {
  await mark(page, text).locator('summary').click();
  await mark(page, text).getByRole('button', { name: 'Hide' }).click();
};

for (const [width, height] of [[360, 740], [1280, 800]]) {
  test(`the command of an empty page fills it, at ${width} px`, async ({ page, hub, context }) => {
    await context.grantPermissions(['clipboard-read', 'clipboard-write']);
    await page.setViewportSize({ width, height });
    await page.addInitScript(() => {
      globalThis.shifts = [];
      new PerformanceObserver((list) => {
        for (const { value, sources } of list.getEntries()) {
          globalThis.shifts.push([value, ...sources.map(({ node }) => node?.className)]);
        }
      }).observe({ type: 'layout-shift', buffered: true });
    });
    await page.goto(hub.url);
    await untilLive(page);
    const hint = aside(page, 'Nothing has been published yet');
    await expect(hint).toBeVisible();
    await hint.getByRole('button', { name: 'Copy' }).click();
    const command = await page.evaluate(() => navigator.clipboard.readText());
    expect(command).toContain(`curl ${hub.url}/publish -H "Authorization: Bearer $KEY" -d '`);
    await hub.post(command.match(/-d '(.*)'$/)[1]);
    await expect(stat(page, 'activeUsers').locator('.stat-value')).toHaveText('42');
    await expect(hint).toHaveCount(0);
    await hub.publish('stats-update', { errorRate: '2%' });
    await hub.publish('stats-update', { users: 5 });
    await expect(mark(page, '2 messages could not be shown in full')).toBeVisible();
    // It covers nothing unless it is open, and it opens within the page.
    await page.getByText('Data table').click({ trial: true });
    await mark(page, '').locator('summary').click();
    const { x, width: wide } = await mark(page, '').locator('.menu').boundingBox();
    expect([x >= 0, x + wide <= width], `${x} + ${wide}`).toEqual([true, true]);
    await expect(mark(page, '').locator('code')).toHaveText(['users']);
    await mark(page, '').locator('summary').click();
    expect(await page.evaluate(() => globalThis.shifts)).toEqual([]);
  });
}

test('nobody else gets the command: not a wall, not a frame', async ({ page, hub }) => {
  await page.goto(`${hub.url}/?kiosk=1`);
  await untilLive(page);
  await expect(page.locator('.asides .notice')).toHaveCount(0);
  await page.route(`${hub.url}/portal`, (route) => route.fulfill({
    contentType: 'text/html',
    body: '<iframe src="/" style="width:900px;height:600px"></iframe>',
  }));
  await page.goto(`${hub.url}/portal`);
  const frame = page.frameLocator('iframe');
  await expect(frame.locator('main.live-dashboard')).toHaveAttribute('data-connection', 'live');
  await expect(frame.locator('.asides .notice')).toHaveCount(0);
});

test('a hidden notice returns for another mistake only', async ({ page, hub }) => {
  await page.goto(hub.url);
  await untilLive(page);
  await hub.publish('chart-data', { timestamp: 'now', requests: 1 });
  const rule = 'timestamp must be seconds since 1970 (chart-data)';
  const notice = mark(page, rule);
  await expect(notice).toContainText('1 message could not be shown in full.');
  await hide(page, rule);
  await expect(notice).toHaveCount(0);
  await hub.publish('chart-data', { timestamp: 'now', requests: 1 });
  await hub.publish('stats-update', { activeUsers: 7 });
  await expect(stat(page, 'activeUsers').locator('.stat-value')).toHaveText('7');
  await expect(notice).toHaveCount(0);
  await hub.publish('alert', { level: 'fatal', message: 'Disk gone' });
  await expect(mark(page, 'not fatal (alert)')).toContainText('3 messages');
  await expect(page.locator('.alert')).toHaveAttribute('data-level', 'warning');
  await expect(page.locator('.alert-level')).toHaveText('fatal');
});

test('a slip beside a good key is told, and each mistake only once', async ({ page, hub }) => {
  await page.goto(hub.url);
  await untilLive(page);
  const slip = () => hub.publish('chart-data', { timestamp: Math.floor(Date.now() / 1000), reqests: 1, errors: 2 });
  const level = () => hub.publish('alert', { level: 'fatal', message: 'Disk gone' });
  for (const [publish, rule] of [[slip, 'reqests is on no panel, but requests is (chart-data)'], [level, 'not fatal (alert)']]) {
    await publish();
    await hide(page, rule);
  }
  for (const publish of [slip, level, slip]) await publish();
  await hub.publish('stats-update', { activeUsers: 7 });
  await expect(stat(page, 'activeUsers').locator('.stat-value')).toHaveText('7');
  await expect(page.locator('.unshown')).toHaveCount(0);
});

test('what is stored is not told again, and points from the future are not drawn', async ({ page, hub }) => {
  await page.goto(hub.url);
  await untilLive(page);
  const now = Math.floor(Date.now() / 1000);
  await hub.store('chart-data', { timestamp: now, requests: 5, errors: 0 });
  for (const timestamp of [now + 600, 99_999_999_999]) await hub.store('chart-data', { timestamp, requests: 777, errors: 0 });
  await expect(mark(page, 'timestamp is in the future')).toContainText('2 messages');
  const newest = page.locator('.legend strong').first();
  await expect(newest).toHaveText('5');
  await page.reload();
  await untilLive(page);
  await expect(newest).toHaveText('5');
  await hub.publish('stats-update', { activeUsers: 7 });
  await expect(stat(page, 'activeUsers').locator('.stat-value')).toHaveText('7');
  await expect(page.locator('.unshown')).toHaveCount(0);
});

test('large numbers have digits of the same size, and all digits in the tooltip', async ({ page, hub }) => {
  await page.goto(hub.url);
  await untilLive(page);
  await hub.publish('stats-update', { activeUsers: 1_284_567_890, requestsPerSec: 128_456, errorRate: 0.0004, avgLatency: -45 });
  const value = (key) => stat(page, key).locator('.stat-value');
  await expect(value('activeUsers')).toHaveText('1.28B');
  await expect(value('errorRate')).toHaveText('0.04%');
  await expect(value('activeUsers').getByTitle('1,284,567,890')).toHaveAttribute('aria-label', '1,284,567,890');
  const sizes = await page.locator('.stat-value .box > span').evaluateAll((all) => all.map((one) => Math.round(parseFloat(getComputedStyle(one).fontSize))));
  expect(new Set(sizes).size, String(sizes)).toBe(1);
});
