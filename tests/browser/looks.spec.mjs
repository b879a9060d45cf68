// The page fits, follows its theme, and has no layout shifts.

import { dashboard, expect, fill, stat, test, untilLive } from './support/hub.mjs';

for (const [width, height] of [[320, 640], [360, 780], [700, 900], [1280, 800], [3840, 2160]]) {
  for (const theme of ['dark', 'light']) {
    test(`${theme} at ${width} px`, async ({ page, hub }, info) => {
      await page.setViewportSize({ width, height });
      await page.goto(`${hub.url}/?theme=${theme}`);
      await untilLive(page);
      await fill(hub, { activeUsers: 128_456, avgLatency: 9_999 });
      await expect(page.locator('.alert')).toHaveCount(3);
      await expect(dashboard(page)).toHaveAttribute('data-theme', theme);
      const wider = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
      expect(wider, 'nothing hangs over the side').toBe(0);
      const cut = await page.locator('.stat-change').evaluateAll((all) => all.filter((one) => one.scrollWidth > one.clientWidth).length);
      expect(cut, 'a change is not truncated').toBe(0);
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

test('in a frame it takes its theme only from a portal of its own origin', async ({ page, hub }) => {
  await page.goto(`${hub.url}/?theme=light`);
  await untilLive(page);
  await page.evaluate(() => postMessage({ type: 'theme-change', theme: 'dark' }, location.origin));
  await expect(dashboard(page)).toHaveAttribute('data-theme', 'dark');
  // Messages of another shape or origin change nothing.
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

test('a framed page requests the portal\'s theme when it is ready', async ({ page, hub }) => {
  await page.emulateMedia({ colorScheme: 'light' });
  await page.route(`${hub.url}/portal`, (route) => route.fulfill({
    contentType: 'text/html',
    body: `<iframe src="/" style="width:600px;height:400px"></iframe><script>
      addEventListener('message', ({ source, origin, data }) => {
        if (origin === location.origin && data?.type === 'theme-wanted') source.postMessage({ type: 'theme-change', theme: 'dark' }, origin);
      });
    </script>`,
  }));
  await page.goto(`${hub.url}/portal`);
  const framed = page.frameLocator('iframe').locator('main.live-dashboard');
  await expect(framed).toHaveAttribute('data-theme', 'dark');
  await page.frames()[1].goto(`${hub.url}/?dashboard=default`);
  await expect(framed).toHaveAttribute('data-theme', 'dark');
});

for (const [width, height, query] of [[320, 640, ''], [360, 780, ''], [1280, 800, ''], [1920, 1080, ''], [1920, 1080, '?kiosk=1']]) {
  test(`numbers and alerts cause no layout shift at ${width} px${query}`, async ({ page, hub }) => {
    await page.setViewportSize({ width, height });
    await page.addInitScript(() => {
      globalThis.shifts = [];
      const take = (entries) => {
        for (const entry of entries) {
          const moved = entry.sources.map(({ node }) => node?.outerHTML?.slice(0, 80) ?? node?.nodeName);
          globalThis.shifts.push({ value: entry.value, moved });
        }
      };
      const observer = new PerformanceObserver((list) => take(list.getEntries()));
      observer.observe({ type: 'layout-shift', buffered: true });
      globalThis.takeShifts = () => { take(observer.takeRecords()); return globalThis.shifts; };
    });
    await page.goto(`${hub.url}/${query}`);
    await untilLive(page);
    await fill(hub);
    // Numbers of other lengths, a threshold that is exceeded and no longer is.
    for (const avgLatency of [4, 1_250, 98]) {
      await hub.publish('stats-update', { activeUsers: 90 + avgLatency * 100, requestsPerSec: 7, errorRate: 0.124, avgLatency });
    }
    // One by one, so that each moves the others.
    await expect(page.locator('.alert')).toHaveCount(3);
    for (const message of ['six', 'seven', 'a message that has more words than there is room for in a line '.repeat(3), 'eight']) {
      await hub.publish('alert', { level: 'error', message });
      await expect(page.locator('.alert .alert-message').first()).toHaveText(message.trim());
    }
    await expect(stat(page, 'avgLatency').locator('.stat-value')).toHaveText(/98/);
    // Also waits for the shifts of the last change.
    await page.evaluate(() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn))));
    expect(await page.evaluate(() => globalThis.takeShifts())).toEqual([]);
  });
}
