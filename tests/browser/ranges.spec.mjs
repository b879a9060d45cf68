// Ranges as far as the hub reaches: older points come from its store, thinned.

import { Hub, bars, expect, test as base, untilLive } from './support/hub.mjs';

const test = base.extend({
  hub: async ({}, use) => {
    const hub = await Hub.start({ flags: ['--history', '8d'] });
    await use(hub);
    await hub.stop();
  },
});

const range = (page, name) => page.getByRole('button', { name, exact: true });

// A point every 10 minutes for two days, and now every 3 s.
async function fill(hub) {
  const now = Math.floor(Date.now() / 1000);
  for (let n = 288; n > 0; n -= 1) {
    await hub.store('chart-data', { timestamp: now - n * 600, requests: n === 100 ? 9000 : 4000, errors: 1 });
  }
  for (let n = 20; n > 0; n -= 1) {
    await hub.store('chart-data', { timestamp: now - n * 3, requests: 5000, errors: 1 });
  }
  return now;
}

test('a long range shows stored points, and live ones as they come', async ({ page, hub, watched }) => {
  test.slow();
  const now = await fill(hub);
  await page.goto(hub.url);
  await untilLive(page);
  for (const name of ['Latest', '5 min', '1 h', '6 h', '24 h', '7 d']) await expect(range(page, name)).toBeVisible();
  await range(page, '24 h').click();
  const timestamps = () => bars(page, 'requests').evaluateAll((all) => all.map((bar) => Number(bar.dataset.timestamp)));
  await expect(async () => {
    const times = await timestamps();
    expect(times.length).toBeGreaterThan(60);
    expect(times[0], 'the oldest').toBeLessThan(now - 82_000);
  }).toPass();
  await expect(page.locator('.drawing')).toHaveAttribute('aria-label', /highest 9,000/);
  await hub.publish('chart-data', { timestamp: now + 1, requests: 9500, errors: 1 });
  await expect(page.locator('.legend')).toContainText('9,500');
  await expect(page.locator('.drawing')).toHaveAttribute('aria-label', /now 9,500/);
  await range(page, '7 d').click();
  await expect(page.locator('.times')).toContainText(/[A-Z][a-z]{2} \d+/);
  expect(watched.errors).toEqual([]);
});

test('a range that cannot be loaded says so and is loaded later', async ({ page, hub }) => {
  await page.clock.install();
  let fails = true;
  await page.route('**/connection/summarizePoints*', (route) => (fails ? route.fulfill({ status: 503, body: '{}' }) : route.continue()));
  const now = Math.floor(Date.now() / 1000);
  for (const ago of [7200, 3, 0]) await hub.store('chart-data', { timestamp: now - ago, requests: 100 + ago, errors: 1 });
  await page.goto(hub.url);
  await untilLive(page);
  await range(page, '6 h').click();
  const notice = page.locator('.asides', { hasText: 'Earlier points cannot be loaded' });
  await expect(notice).toHaveCount(1);
  fails = false;
  await page.clock.fastForward(31_000);
  await expect(notice).toHaveCount(0);
  await expect(page.locator('.drawing')).toHaveAttribute('aria-label', /highest 7,300/);
});

test('a range that the hub no longer offers is given up', async ({ page, hub }) => {
  await page.goto(hub.url);
  await untilLive(page);
  await range(page, '7 d').click();
  await expect(range(page, '7 d')).toHaveAttribute('aria-pressed', 'true');
  await hub.kill();
  await hub.start({ flags: ['--history', '1h'] });
  await page.reload();
  await untilLive(page);
  await expect(range(page, 'Latest')).toHaveAttribute('aria-pressed', 'true');
  await expect(range(page, '7 d')).toHaveCount(0);
});

test('without a longer history there are no longer ranges', async ({ page }) => {
  const hub = await Hub.start();
  await page.goto(hub.url);
  await untilLive(page);
  await expect(range(page, '1 h')).toBeVisible();
  await expect(range(page, '6 h')).toHaveCount(0);
  await hub.stop();
});
