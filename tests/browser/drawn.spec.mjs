// The page as the hub draws it, before any script runs.

import { readFile } from 'node:fs/promises';

import { bars, dashboard, expect, fill, stat, test, untilLive } from './support/hub.mjs';

const readme = new URL('../../README.md', import.meta.url);

test('a page opened later shows the numbers of the first example', async ({ page, hub, watched }) => {
  const text = await readFile(readme, 'utf8');
  const body = text.split("-d '")[1].split("'")[0];
  await hub.post(body);
  await page.goto(hub.url);
  await untilLive(page);
  for (const [key, value] of [['activeUsers', '1,284'], ['requestsPerSec', '4,521'], ['errorRate', '2.0'], ['avgLatency', '45']]) {
    await expect(stat(page, key).locator('.stat-value')).toContainText(value);
  }
  expect(watched.errors).toEqual([]);
});

test.describe('without scripts', () => {
  test.use({ javaScriptEnabled: false });

  test('the page shows what is stored, as it looks when it runs', async ({ page, hub, watched }) => {
    await fill({ publish: (event, data) => hub.store(event, data) });
    // On a busy machine a drawing may come too late.
    await expect(async () => {
      const answer = await page.goto(hub.url);
      expect(answer.headers()['cache-control']).toBe('no-store');
    }).toPass();
    await expect(dashboard(page)).toHaveAttribute('data-connection', 'connecting');
    await expect(stat(page, 'activeUsers').locator('.stat-value')).toHaveText('1,284');
    await expect(page.locator('.alert')).toHaveCount(3);
    await expect(bars(page, 'requests')).toHaveCount(20);
    await expect(page.locator('#shell')).toBeHidden();
    // The stylesheet applies: four cards in a row.
    const tops = await page.locator('.stat').evaluateAll((cards) => cards.map((card) => card.getBoundingClientRect().top));
    expect(new Set(tops).size).toBe(1);
    // Neither a style nor a script that the policy blocks.
    expect(watched.errors).toEqual([]);
  });
});
