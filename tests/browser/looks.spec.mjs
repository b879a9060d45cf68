// How the page looks: it fits, it follows its theme, and nothing jumps.

import { createServer } from 'node:http';

import { dashboard, expect, stat, test, untilLive } from './support/hub.mjs';

async function fill(hub) {
  await hub.publish('stats-update', { activeUsers: 1301, requestsPerSec: 4380, errorRate: 0.024, avgLatency: 44 });
  await hub.publish('stats-update', { activeUsers: 1284, requestsPerSec: 4521, errorRate: 0.02, avgLatency: 112 });
  const now = Math.floor(Date.now() / 1000);
  for (let n = 0; n < 20; n += 1) {
    const requests = Math.round(4200 + 600 * Math.sin(n / 2.5) + 120 * (n % 3));
    await hub.publish('chart-data', { timestamp: now - (19 - n) * 3, requests, errors: Math.round(requests * 0.02 * (1 + n % 4)) });
  }
  await hub.publish('alert', { level: 'info', message: 'Deployment finished: checkout 4.12' });
  await hub.publish('alert', { level: 'error', message: 'Error rate above 5%', key: 'errors', status: 'resolved' });
  await hub.publish('alert', { level: 'warning', message: 'Latency spike detected' });
}

for (const [width, height] of [[360, 780], [1280, 800], [3840, 2160]]) {
  for (const theme of ['dark', 'light']) {
    test(`${theme} at ${width} px`, async ({ page, hub }, info) => {
      await page.setViewportSize({ width, height });
      await page.goto(`${hub.url}/?theme=${theme}`);
      await untilLive(page);
      await fill(hub);
      await expect(page.locator('.alert')).toHaveCount(3);
      await expect(dashboard(page)).toHaveAttribute('data-theme', theme);
      const wider = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
      expect(wider, 'nothing hangs over the side').toBe(0);
      const light = await dashboard(page).evaluate((main) => {
        const [r, g, b] = getComputedStyle(main).backgroundColor.match(/\d+/g).map(Number);
        return r + g + b > 382;
      });
      expect(light).toBe(theme === 'light');
      await page.screenshot({ path: info.outputPath(`${theme}-${width}.png`) });
    });
  }
}

test('without a theme the page follows the system', async ({ page, hub }) => {
  const background = () => dashboard(page).evaluate((main) => getComputedStyle(main).backgroundColor);
  await page.emulateMedia({ colorScheme: 'dark' });
  await page.goto(hub.url);
  await untilLive(page);
  const dark = await background();
  await page.emulateMedia({ colorScheme: 'light' });
  expect(await background()).not.toBe(dark);
});

test('in a frame it follows the portal of its own origin, and no other', async ({ page, hub }) => {
  await page.goto(`${hub.url}/?theme=light`);
  await untilLive(page);
  await page.evaluate(() => postMessage({ type: 'theme-change', theme: 'dark' }, location.origin));
  await expect(dashboard(page)).toHaveAttribute('data-theme', 'dark');
  // Messages of another shape or another origin change nothing.
  await page.evaluate((origin) => {
    for (const data of [null, 'theme-change', { type: 'theme-change' }, { type: 'theme-change', theme: 'purple' }]) {
      postMessage(data, location.origin);
    }
    dispatchEvent(new MessageEvent('message', { data: { type: 'theme-change', theme: 'light' }, origin }));
  }, 'https://evil.example');
  await hub.publish('stats-update', { activeUsers: 5 });
  await expect(stat(page, 'activeUsers').locator('.stat-value')).toHaveText('5');
  await expect(dashboard(page)).toHaveAttribute('data-theme', 'dark');
});

test('a page of another origin cannot frame it', async ({ page, hub }) => {
  const stranger = createServer((_, response) =>
    response.writeHead(200, { 'content-type': 'text/html' }).end(`<iframe src="${hub.url}"></iframe>`));
  await new Promise((resolve) => stranger.listen(0, '127.0.0.1', resolve));
  await page.goto(`http://localhost:${stranger.address().port}`);
  await expect.poll(() => page.frames().some((frame) => frame.url().startsWith('chrome-error:'))).toBe(true);
  expect(await hub.subscriptions()).toBe(0);
  stranger.close();
});

test('nothing jumps when the numbers arrive', async ({ page, hub }) => {
  await page.addInitScript(() => {
    globalThis.shifts = 0;
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) globalThis.shifts += entry.value;
    }).observe({ type: 'layout-shift', buffered: true });
  });
  await page.goto(hub.url);
  await untilLive(page);
  await fill(hub);
  await expect(page.locator('.alert')).toHaveCount(3);
  expect(await page.evaluate(() => globalThis.shifts)).toBeLessThan(0.01);
});
