// The pictures of the README. They are only taken if LIVE_DASHBOARD_PICTURES
// names the directory for them.

import { join } from 'node:path';

import { expect, fill, test, untilLive } from './support/hub.mjs';

const directory = process.env.LIVE_DASHBOARD_PICTURES;

const PICTURES = [
  { name: 'dashboard-dark', query: 'theme=dark', width: 1280, height: 800 },
  { name: 'dashboard-light', query: 'theme=light', width: 1280, height: 800 },
  { name: 'dashboard-phone', query: 'theme=light', width: 360, height: 780 },
  { name: 'dashboard-wall', query: 'theme=dark&kiosk=1', width: 1920, height: 1080 },
];

for (const { name, query, width, height } of PICTURES) {
  test(`picture: ${name}`, async ({ page, hub }) => {
    await page.emulateMedia({ reducedMotion: 'reduce' });
    await page.setViewportSize({ width, height });
    await page.goto(`${hub.url}/?${query}`);
    await untilLive(page);
    for (let n = 0; n < 28; n += 1) {
      await hub.publish('stats-update', {
        activeUsers: 1270 + Math.round(25 * Math.sin(n / 4)),
        requestsPerSec: 4450 + Math.round(180 * Math.cos(n / 5) + 40 * (n % 3)),
        errorRate: 0.021 + 0.004 * Math.sin(n / 3),
        avgLatency: 46 + 6 * Math.sin(n / 2),
      });
    }
    await fill(hub);
    await expect(page.locator('.alert')).toHaveCount(3);
    await page.screenshot({ path: join(directory, `${name}.png`) });
  });
}
