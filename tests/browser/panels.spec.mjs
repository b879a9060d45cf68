// Panels in rows, and the walls that show several dashboards.

import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { Hub, expect, test, untilLive } from './support/hub.mjs';

const PANELS = `
title = "Machines"
channel = "dashboard"
[[row]]
title = "Now"
[[gauge]]
title = "Load"
key = "load"
better = "lower"
warning = 70
critical = 90
[[status]]
title = "Services"
items = [{ key = "db", label = "Database" }]
[[clock]]
[[row]]
[[table]]
title = "Paths"
key = "paths"
sort = "-ms"
[[list]]
title = "Customers"
key = "customers"
[[alerts]]
`;

const BOTH = `
title = "Both"
[[stat]]
key = "load"
label = "Here"
[[stat]]
key = "load"
label = "There"
channel = "there"
[[chart]]
title = "Jobs here"
series = [{ key = "jobs" }]
[[chart]]
title = "Jobs there"
channel = "there"
series = [{ key = "jobs" }]
`;

let directory;
test.beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'live-dashboard-layouts-'));
  await writeFile(join(directory, 'machines.toml'), PANELS);
  await writeFile(join(directory, 'both.toml'), BOTH);
  await writeFile(join(directory, 'empty.toml'), 'title = "Other"\nchannel = "other"\n');
});
test.afterAll(() => rm(directory, { recursive: true }));

const start = () => Hub.start({ flags: ['--dashboards', directory] });

const publish = (hub) => hub.publish('stats-update', {
  load: 75, db: 'down', paths: [{ path: '/', ms: 5 }, { path: '/search', ms: 900 }], customers: { Acme: 10, Globex: 20 },
}, 'dashboard', 60);

test('panels show what is published, also before the code runs', async ({ page }) => {
  const hub = await start();
  await page.goto(`${hub.url}/?dashboard=machines`);
  await untilLive(page);
  await publish(hub);
  await expect(page.locator('.gauge .stat-value')).toHaveText('75');
  await expect(page.locator('.gauge')).toHaveAttribute('data-severity', 'warning');
  await expect(page.locator('.tile strong')).toHaveText('down');
  await expect(page.locator('.state-word')).toHaveText('Critical');
  await expect(page.locator('.state-detail')).toHaveText('Database down');
  await expect(page.locator('.table tbody tr').first()).toContainText('/search');
  await expect(page.locator('.ranking li').first()).toContainText('Globex');
  const drawn = async () => (await fetch(`${hub.url}/?dashboard=machines`)).text();
  await expect.poll(drawn).toContain('/search');
  await hub.stop();
});

test('a number that changes moves nothing', async ({ page }) => {
  const hub = await start();
  await page.goto(`${hub.url}/?dashboard=machines`);
  await untilLive(page);
  await publish(hub);
  await expect(page.locator('.gauge .stat-value')).toHaveText('75');
  await page.evaluate(() => {
    globalThis.shift = 0;
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) globalThis.shift += entry.value;
    }).observe({ type: 'layout-shift', buffered: false });
  });
  await hub.publish('stats-update', { load: 8.25, db: 'up', customers: { Acme: 30, Globex: 20 } });
  await expect(page.locator('.gauge .stat-value')).toHaveText('8.25');
  await expect(page.locator('.ranking li').first()).toContainText('Acme');
  expect(await page.evaluate(() => globalThis.shift)).toBe(0);
  await hub.stop();
});

test('a panel\'s data can be copied and saved', async ({ page, context }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  const hub = await start();
  await page.goto(`${hub.url}/?dashboard=machines`);
  await untilLive(page);
  await publish(hub);
  await page.getByRole('button', { name: 'Copy: Customers' }).click();
  await expect.poll(() => page.evaluate(() => navigator.clipboard.readText())).toBe('Globex\t20\nAcme\t10\n');
  const file = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Save as CSV: Paths' }).click();
  const saved = await file;
  expect(saved.suggestedFilename()).toBe('Paths.csv');
  expect(await readFile(await saved.path(), 'utf8')).toBe('path,ms\r\n/search,900\r\n/,5\r\n');
  await hub.stop();
});

test('a wall shows dashboards in turn', async ({ page }) => {
  const hub = await start();
  await page.clock.install();
  await page.goto(`${hub.url}/?kiosk=1&rotate=machines,empty&every=10s`);
  await untilLive(page);
  const title = page.locator('.state h1');
  await expect(title).toHaveText('Machines');
  await page.clock.fastForward(10_500);
  await expect(title).toHaveText('Other');
  await page.clock.fastForward(10_500);
  await expect(title).toHaveText('Machines');
  await hub.stop();
});

test('a wall tells which of the names no dashboard has', async ({ page }) => {
  const hub = await start();
  await page.clock.install();
  await page.goto(`${hub.url}/?kiosk=1&rotate=machines,nosuch&every=10s`);
  await untilLive(page);
  const title = page.locator('.state h1');
  await expect(title).toHaveText('Machines');
  await page.clock.fastForward(10_500);
  await expect(page.getByRole('alert')).toHaveText('No dashboard named nosuch');
  await page.clock.fastForward(10_500);
  await expect(title).toHaveText('Machines');
  await hub.stop();
});

test('a dashboard shows several channels', async ({ page }) => {
  const hub = await start();
  const load = (value, channel) => hub.publish('stats-update', { load: value }, channel, 60);
  const points = (value, channel) => hub.publish('chart-data', { timestamp: Math.floor(Date.now() / 1000) - 5, jobs: value }, channel, 60);
  await load(1, 'dashboard-both');
  await load(2, 'there');
  await points(30, 'dashboard-both');
  await points(40, 'there');
  await page.goto(`${hub.url}/?dashboard=both`);
  const values = page.locator('.stat-value');
  const newest = page.locator('.legend strong');
  await expect(values).toHaveText(['1', '2']);
  await expect(newest).toHaveText(['30', '40']);
  await untilLive(page);
  await load(3, 'there');
  await load(4, 'dashboard-both');
  await expect(values).toHaveText(['4', '3']);
  await hub.publish('alert', { level: 'error', message: 'Fire' }, 'there');
  await expect(page.locator('.alert')).toContainText('Fire');
  await page.getByRole('button', { name: '1 h', exact: true }).click();
  await expect(newest).toHaveText(['30', '40']);
  await hub.kill();
  await hub.start({ flags: ['--dashboards', directory] });
  await load(5, 'there');
  await expect(values).toHaveText(['4', '5']);
  await hub.stop();
});

for (const [width, height] of [[320, 640], [768, 1024], [1280, 900]]) {
  test(`rows fit a page ${width} px wide`, async ({ page }) => {
    const hub = await start();
    await page.setViewportSize({ width, height });
    await page.goto(`${hub.url}/?dashboard=machines`);
    await untilLive(page);
    await publish(hub);
    await expect(page.locator('.gauge .stat-value')).toHaveText('75');
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    expect(overflow).toBe(0);
    const outside = await page.locator('.cell > *').evaluateAll((all) => all.filter((one) => one.scrollWidth > one.clientWidth).map((one) => one.className));
    expect(outside).toEqual([]);
    await hub.stop();
  });
}

test('rows fill a wall and nothing scrolls', async ({ page }) => {
  const hub = await start();
  await page.setViewportSize({ width: 1920, height: 1080 });
  await page.goto(`${hub.url}/?dashboard=machines&kiosk=1`);
  await untilLive(page);
  await publish(hub);
  await expect(page.locator('.gauge .stat-value')).toHaveText('75');
  const [bottom, overflow] = await page.evaluate(() => [
    Math.max(...[...document.querySelectorAll('.cell')].map((cell) => cell.getBoundingClientRect().bottom)),
    document.documentElement.scrollHeight - document.documentElement.clientHeight,
  ]);
  expect(overflow).toBe(0);
  expect(bottom).toBeGreaterThan(1080 * 0.95);
  expect(bottom).toBeLessThanOrEqual(1080);
  await hub.stop();
});
