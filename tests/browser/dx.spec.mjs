// The page built by dx.

import { Hub, expect, stat, test, untilLive } from './support/hub.mjs';

test('the page built by dx works with the same security headers', async ({ page, watched }) => {
  const hub = await Hub.start({ flags: ['--ui', process.env.LIVE_DASHBOARD_DX_PAGE] });
  await page.goto(hub.url);
  await untilLive(page);
  await hub.publish('stats-update', { activeUsers: 1284 });
  await expect(stat(page, 'activeUsers').locator('.stat-value')).toHaveText('1,284');
  expect(watched.errors).toEqual([]);
  await hub.stop();
});
