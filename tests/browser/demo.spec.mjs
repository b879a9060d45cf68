// The hub's built-in sources.

import { Hub, bars, expect, stat, test, untilLive } from './support/hub.mjs';

test('the demo shows numbers at once, is labelled, and updates', async ({ page }) => {
  const hub = await Hub.start({ flags: ['--source', 'demo'] });
  await page.goto(hub.url);
  await untilLive(page);
  await expect(stat(page, 'activeUsers').locator('.stat-value')).toHaveText(/^\d,\d{3}$/);
  await expect(page.locator('header .note')).toHaveText('Demo data');
  await expect(page.locator('.alert').first()).toBeVisible();
  await expect.poll(() => bars(page, 'requests').count()).toBeGreaterThan(2);
  await hub.stop();
});

test('the source self shows the hub\'s own traffic', async ({ page }) => {
  const hub = await Hub.start({ flags: ['--source', 'self'] });
  await page.goto(hub.url);
  await untilLive(page);
  await expect(stat(page, 'activeUsers').locator('.stat-value')).toHaveText('1');
  await hub.stop();
});
