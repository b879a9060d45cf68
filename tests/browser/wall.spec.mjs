// The wall: `?kiosk=1`.

import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { Hub, dashboard, expect, fill, test, untilLive } from './support/hub.mjs';

// The height of a digit without the space above and below it.
const digitHeights = (page) => page.locator('.stat-value > span').evaluateAll((values) => values.map((value) => {
  const { fontWeight, fontSize, fontFamily } = getComputedStyle(value);
  const context = document.createElement('canvas').getContext('2d');
  context.font = `${fontWeight} ${fontSize} ${fontFamily}`;
  const { actualBoundingBoxAscent, actualBoundingBoxDescent } = context.measureText('0');
  return actualBoundingBoxAscent + actualBoundingBoxDescent;
}));

for (const [width, height] of [[1920, 1080], [3840, 2160]]) {
  for (const theme of ['dark', 'light']) {
    test(`${theme} fills ${width} by ${height}, with large digits`, async ({ page, hub }, info) => {
      await page.setViewportSize({ width, height });
      await page.goto(`${hub.url}/?kiosk=1&theme=${theme}`);
      await untilLive(page);
      await fill(hub);
      await hub.publish('stats-update', { activeUsers: 128_456 });
      await expect(page.locator('.stat-value').first()).toHaveText('128K');
      await expect(page.locator('.stat-value > .box > span').first()).toHaveAttribute('title', '128,456');
      const box = await page.evaluate(() => {
        const { scrollWidth, scrollHeight, clientWidth, clientHeight } = document.documentElement;
        return [scrollWidth - clientWidth, scrollHeight - clientHeight];
      });
      expect(box, 'nothing scrolls').toEqual([0, 0]);
      for (const digit of await digitHeights(page)) {
        expect(digit / height, 'a digit of the screen').toBeGreaterThanOrEqual(0.08);
      }
      for (const value of await page.locator('.stat-value').all()) {
        const [own, card] = await value.evaluate((element) =>
          [element.firstElementChild.getBoundingClientRect().right, element.parentElement.getBoundingClientRect().right]);
        expect(own, 'a value stays within its card').toBeLessThanOrEqual(card);
      }
      const bottom = await page.locator('.alerts, .stats').evaluateAll((all) =>
        Math.max(...all.map((one) => one.getBoundingClientRect().bottom)));
      expect(bottom).toBeGreaterThan(height * 0.95);
      expect(bottom).toBeLessThanOrEqual(height);
      await page.screenshot({ path: info.outputPath(`wall-${theme}-${width}.png`) });
    });
  }
}

const chart = (title, kind) => `[[chart]]
title = "${title}"
kind = "${kind}"
better = "higher"
warning = 4000
series = [{ key = "requests" }, { key = "errors" }]
`;

// The minimum height of a chart's drawing as a fraction of the page's: side by
// side, or stacked.
for (const [width, height, least] of [[1920, 1080, 0.18], [3840, 2160, 0.18], [1080, 1920, 0.06]]) {
  test(`several charts have room at ${width} by ${height}`, async ({ page }, info) => {
    const layouts = await mkdtemp(join(tmpdir(), 'live-dashboard-layouts-'));
    const stats = ['activeUsers', 'requestsPerSec', 'errorRate', 'avgLatency'].map((key) => `[[stat]]\nkey = "${key}"\nlabel = "${key}"\n`);
    await writeFile(join(layouts, 'many.toml'), [
      'title = "Many"\nchannel = "dashboard"\n', ...stats, chart('One', 'bars'), chart('Two', 'lines'), chart('Three', 'bars'),
    ].join('\n'));
    const hub = await Hub.start({ flags: ['--dashboards', layouts] });
    await page.setViewportSize({ width, height });
    await page.goto(`${hub.url}/?kiosk=1&dashboard=many`);
    await untilLive(page);
    await fill(hub, { errorRate: 3, avgLatency: 4521 });
    await expect(page.locator('.alert')).toHaveCount(3);
    await expect(page.locator('.chart')).toHaveCount(3);
    for (const canvas of await page.locator('.canvas').all()) {
      expect((await canvas.boundingBox()).height / height, 'a chart is more than a line').toBeGreaterThan(least);
    }
    const cut = await page.locator('.chart, .stat').evaluateAll((all) => all.filter((one) => one.scrollHeight > one.clientHeight).map((one) => one.className));
    expect(cut, 'nothing is cut off').toEqual([]);
    if (width > height) {
      for (const digit of await digitHeights(page)) {
        expect(digit / height, 'a digit of the screen').toBeGreaterThanOrEqual(0.08);
      }
    }
    await page.screenshot({ path: info.outputPath(`wall-many-${width}.png`) });
    await hub.stop();
    await rm(layouts, { recursive: true });
  });
}

test('a wall retries after a refusal', async ({ page }) => {
  const hub = await Hub.start({ flags: ['--viewer-access', 'off'] });
  await page.clock.install();
  await page.goto(`${hub.url}/?kiosk=1`);
  await expect(page.locator('.notice')).toContainText('Retrying every minute');
  await hub.kill();
  await hub.start({ flags: ['--viewer-access', 'open'] });
  await page.clock.fastForward(61_000);
  await untilLive(page);
  await expect(page.locator('.notice')).toHaveCount(0);
  await hub.stop();
});

test('a wall has no controls and no pointer', async ({ page, hub }) => {
  await page.goto(`${hub.url}/?kiosk=1`);
  await untilLive(page);
  await fill(hub);
  await expect(page.locator('.alert').first()).toBeVisible();
  expect(await page.locator('button, input, summary, [tabindex]').count()).toBe(0);
  expect(await dashboard(page).evaluate((main) => getComputedStyle(main).cursor)).toBe('none');
});

test('a wall keeps the screen on, also after it was hidden', async ({ page, hub }) => {
  await page.addInitScript(() => {
    globalThis.asked = [];
    Object.defineProperty(navigator, 'wakeLock', {
      value: { request: async (type) => { asked.push(type); return { release: async () => {} }; } },
    });
  });
  await page.goto(`${hub.url}/?kiosk=1`);
  await expect.poll(() => page.evaluate(() => asked)).toEqual(['screen']);
  await page.evaluate(() => document.dispatchEvent(new Event('visibilitychange')));
  await expect.poll(() => page.evaluate(() => asked)).toEqual(['screen', 'screen']);
  await page.goto(hub.url);
  await untilLive(page);
  expect(await page.evaluate(() => asked), 'only a wall does').toEqual([]);
});

test('a wall reloads by itself when the hub serves a newer page', async ({ page }) => {
  const built = process.env.LIVE_DASHBOARD_DX_PAGE;
  const changed = await mkdtemp(join(tmpdir(), 'live-dashboard-page-'));
  await cp(built, changed, { recursive: true });
  const hub = await Hub.start({ flags: ['--ui', built] });
  await page.goto(`${hub.url}/?kiosk=1`);
  await untilLive(page);
  await page.evaluate(() => { globalThis.old = true; });
  const index = join(changed, 'index.html');
  await writeFile(index, `${await readFile(index, 'utf8')}<!-- newer -->`);
  await hub.kill();
  await expect(page.locator('.state')).toHaveAttribute('data-state', 'disconnected');
  await hub.start({ flags: ['--ui', changed] });
  await expect.poll(() => page.evaluate(() => globalThis.old ?? false).catch(() => true)).toBe(false);
  await untilLive(page);
  await hub.stop();
  await rm(changed, { recursive: true });
});
