// What the page shows when something fails.

import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { Hub, dashboard, expect, openDrawn, stat, test, untilLive, withoutWorkers } from './support/hub.mjs';
import { Redis } from './support/redis.mjs';

test('the page reconnects after the hub was killed', async ({ page, hub, watched }) => {
  await page.goto(hub.url);
  await untilLive(page);
  await hub.publish('stats-update', { activeUsers: 1 });
  await expect(stat(page, 'activeUsers').locator('.stat-value')).toHaveText('1');
  await hub.kill();
  await expect(dashboard(page)).toHaveAttribute('data-connection', 'reconnecting');
  await expect(page.locator('.notice'), 'names the address').toContainText(new URL(hub.url).host);
  await expect(page.locator('.connection-badge .countdown')).toContainText(/in \d+ s/);
  await expect(stat(page, 'activeUsers').locator('.stat-value'), 'the last value stays').toHaveText('1');
  await hub.start();
  await untilLive(page);
  await expect(page.locator('.notice')).toHaveCount(0);
  await hub.publish('stats-update', { activeUsers: 2 });
  await expect(stat(page, 'activeUsers').locator('.stat-value')).toHaveText('2');
  expect(watched.errors, 'only the network complains').toEqual([]);
});

test('the page reconnects after the hub was stopped', async ({ page, hub }) => {
  await page.goto(hub.url);
  await untilLive(page);
  await hub.kill('SIGTERM');
  await expect(dashboard(page)).toHaveAttribute('data-connection', 'reconnecting');
  await hub.start();
  await untilLive(page);
});

test('the page says while nothing can be published', async ({ page, watched }) => {
  const redis = await Redis.start();
  const hub = await Hub.start({ flags: ['--engine', redis.url] });
  await page.goto(hub.url);
  await untilLive(page);
  await redis.kill();
  const notice = page.locator('.notice', { hasText: 'Publishing is interrupted' });
  await expect(notice).toBeVisible();
  await expect(dashboard(page)).toHaveAttribute('data-connection', 'interrupted');
  await redis.restart();
  await untilLive(page);
  await expect(notice).toHaveCount(0);
  await hub.store('stats-update', { activeUsers: 3 });
  await expect(stat(page, 'activeUsers').locator('.stat-value')).toHaveText('3');
  expect(watched.errors).toEqual([]);
  expect(watched.network.filter((line) => line.includes('WebSocket')), 'the connection stayed').toEqual([]);
  await hub.stop();
  await redis.stop();
});

test('a refusal has its reason', async ({ page }) => {
  const hub = await Hub.start({ flags: ['--viewer-access', 'off'] });
  await page.goto(hub.url);
  await expect(dashboard(page)).toHaveAttribute('data-connection', 'refused');
  await expect(page.locator('.notice')).toContainText('this hub issues no tokens to viewers');
  await hub.stop();
});

test('an unknown dashboard is named', async ({ page, hub }) => {
  await page.goto(`${hub.url}/?dashboard=nope`);
  await expect(page.getByRole('alert')).toHaveText('No dashboard named nope');
  await expect(page.locator('.stat')).toHaveCount(0);
  await page.getByRole('link', { name: 'Live Dashboard' }).click();
  await untilLive(page);
});

test('an invalid setting is reported', async ({ page, hub, watched }) => {
  await page.goto(`${hub.url}/?theme=purple`);
  await expect(page.locator('body')).toContainText('theme');
  await expect(page.locator('body')).toContainText('purple');
  expect(watched.errors).toEqual([]);
});

test('a connection is renewed before its lifetime ends, without a gap', async ({ page }) => {
  await withoutWorkers(page);
  const hub = await Hub.start({ flags: ['--connection-lifetime', '12s'] });
  await page.goto(hub.url);
  await untilLive(page);
  const states = await page.evaluateHandle(() => {
    const main = document.querySelector('main.live-dashboard');
    const seen = [];
    new MutationObserver(() => seen.push(main.dataset.connection))
      .observe(main, { attributeFilter: ['data-connection'] });
    return seen;
  });
  const renewed = page.waitForEvent('websocket', { timeout: 30_000 });
  await (await renewed).waitForEvent('framereceived', { predicate: ({ payload }) => payload.includes('hotsock.subscribed') });
  await expect.poll(() => hub.subscriptions(), { timeout: 20_000 }).toBe(1);
  await hub.publish('stats-update', { activeUsers: 7 });
  await expect(stat(page, 'activeUsers').locator('.stat-value')).toHaveText('7');
  expect(await states.jsonValue(), 'it never stopped being live').toEqual([]);
  await hub.stop();
});

test('a newer version of the page is offered', async ({ page }) => {
  const built = process.env.LIVE_DASHBOARD_DX_PAGE;
  const changed = await mkdtemp(join(tmpdir(), 'live-dashboard-page-'));
  await cp(built, changed, { recursive: true });
  const hub = await Hub.start({ flags: ['--ui', built] });
  await page.goto(hub.url);
  await untilLive(page);
  const index = join(changed, 'index.html');
  await writeFile(index, `${await readFile(index, 'utf8')}<!-- newer -->`);
  await hub.kill();
  await hub.start({ flags: ['--ui', changed] });
  const offer = page.locator('.notice', { hasText: 'newer version' });
  await expect(offer).toBeVisible();
  await offer.getByRole('button', { name: 'Reload' }).press('Enter');
  await untilLive(page);
  await expect(offer).toHaveCount(0);
  await hub.stop();
  await rm(changed, { recursive: true });
});

test('connections that ended leave no workers behind', async ({ page, hub }) => {
  await page.goto(hub.url);
  await untilLive(page);
  for (let n = 0; n < 3; n += 1) {
    await hub.kill();
    await expect(dashboard(page)).toHaveAttribute('data-connection', 'reconnecting');
    await hub.start();
    await untilLive(page);
  }
  await expect.poll(() => page.workers().length).toBe(1);
});

test('a page whose workers fail connects from its own thread', async ({ page, hub }) => {
  // As Chromium reports a Content-Security-Policy that forbids them.
  await page.addInitScript(() => {
    globalThis.Worker = class {
      constructor() {
        setTimeout(() => this.onerror(new Event('error')));
      }

      postMessage() {}
    };
  });
  await openDrawn(page, hub.url);
  await untilLive(page);
  await hub.publish('stats-update', { activeUsers: 12 });
  await expect(stat(page, 'activeUsers')).toContainText('12');
});
