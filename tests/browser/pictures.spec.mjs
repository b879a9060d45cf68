// The pictures of the README and of docs/dashboards.md. They are only taken if
// LIVE_DASHBOARD_PICTURES names the directory for them.

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { readExamples } from './support/examples.mjs';
import { Hub, expect, fill, test, untilLive } from './support/hub.mjs';

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

// The room around a panel, in pixels; a card's tag is above it.
const MARGIN = { left: 4, top: 10, right: 4, bottom: 4 };

// How many of a row's columns the panels of an example have.
const SPANS = { stat: 3, gauge: 3, clock: 3, 'text-key': 3, list: 4, text: 4 };

test('pictures: panels', async ({ page }) => {
  const { examples, messages } = await readExamples();
  const dashboards = await mkdtemp(join(tmpdir(), 'live-dashboard-layouts-'));
  const rows = examples.map(({ name, toml }) => {
    const spanned = toml.includes('span =') ? toml : toml.replace(/^\[\[\w+\]\]$/gm, `$&\nspan = ${SPANS[name] ?? 6}`);
    return spanned.startsWith('[[row]]') ? spanned : `[[row]]\n${spanned}`;
  });
  const head = 'title = "Operations"\nchannel = "dashboard"\nstale_after = "1h"\ntime_zone = "Europe/Vienna"\n';
  await writeFile(join(dashboards, 'ops.toml'), head + rows.join(''));
  const hub = await Hub.start({ flags: ['--dashboards', dashboards] });
  await page.emulateMedia({ reducedMotion: 'reduce' });
  await page.setViewportSize({ width: 1280, height: 800 });
  await page.goto(`${hub.url}/?dashboard=ops&theme=light`);
  await untilLive(page);

  const now = Math.floor(Date.now() / 1000);
  for (let n = 0; n < 40; n += 1) {
    const served = Math.round(410 + 60 * Math.sin(n / 2.5) + 25 * (n % 3));
    await hub.publish('chart-data', {
      timestamp: now - (40 - n) * 5,
      served,
      failed: Math.round(60 + 40 * Math.cos(n / 3)),
      median: 42 + 9 * Math.sin(n / 3),
      slowest: 180 * 10 ** Math.abs(Math.sin(n / 6)) + 40 * (n % 4),
    });
  }
  // States last half a second each, so that a timeline has lengths to show.
  for (let n = 0; n < 14; n += 1) {
    await hub.publish('stats-update', {
      orders: 1262 + Math.round(20 * Math.sin(n / 2)),
      errorRate: 0.03 + 0.01 * Math.sin(n / 3),
      database: 'up',
      search: (n > 3 && n < 7) || n > 12 ? 'slow' : 'up',
      mail: n < 11,
    });
    await page.waitForTimeout(500);
  }
  await hub.publish('alert', { level: 'warning', message: 'Certificate expires in 14 days' });
  await hub.publish('alert', { level: 'info', message: 'Deployment finished: checkout 4.12' });
  await hub.publish('alert', { level: 'error', message: 'Error rate above 5%', key: 'errors', status: 'resolved' });
  for (const { event, data } of messages) await hub.publish(event, data);

  await expect(page.locator('.alert')).toHaveCount(4);
  await expect(page.locator('.empty, .notice')).toHaveCount(0);
  for (const [n, { name }] of examples.entries()) {
    const parts = page.locator('.row').nth(n).locator('.row-title, .cell');
    const boxes = await parts.evaluateAll((all) => all.map((part) => {
      const { left, top, right, bottom } = part.getBoundingClientRect();
      return [left, top + scrollY, right, bottom + scrollY];
    }));
    // A title has the width of the page; cells are what the picture is of.
    const cells = boxes.filter(([left, , right]) => right - left < 1200);
    const left = Math.min(...boxes.map((box) => box[0])) - MARGIN.left;
    const top = Math.min(...boxes.map((box) => box[1])) - MARGIN.top;
    const right = Math.max(...cells.map((box) => box[2])) + MARGIN.right;
    const bottom = Math.max(...boxes.map((box) => box[3])) + MARGIN.bottom;
    const clip = { x: left, y: top, width: right - left, height: bottom - top };
    await page.screenshot({ path: join(directory, 'panels', `${name}.png`), clip, fullPage: true });
  }
  await hub.stop();
  await rm(dashboards, { recursive: true });
});
