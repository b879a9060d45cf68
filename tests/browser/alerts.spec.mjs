// Alerts: acknowledging, muting, filtering, announcements, notifications.

import { Hub, expect, hide, test, untilLive } from './support/hub.mjs';

const messages = (page) => page.locator('.alert .alert-message');

test.beforeEach(async ({ page, hub }) => {
  await page.goto(hub.url);
  await untilLive(page);
});

test('up to 100 alerts are shown on demand', async ({ page, hub }) => {
  for (let n = 1; n <= 110; n += 1) await hub.publish('alert', { level: 'info', message: `number ${n}` });
  await expect(messages(page).first()).toHaveText('number 110');
  await expect(messages(page)).toHaveCount(5);
  const more = page.getByRole('button', { name: 'Show all 100' });
  await more.press('Enter');
  await expect(messages(page)).toHaveCount(100);
  await expect(messages(page).last()).toHaveText('number 11');
  await page.getByRole('button', { name: 'Show the newest 5' }).press('Enter');
  await expect(messages(page)).toHaveCount(5);
});

test('a truncated message can be expanded', async ({ page, hub }) => {
  await hub.publish('alert', { level: 'warning', message: 'Every word of a long message is there for those who ask. '.repeat(9) });
  const message = messages(page).first();
  const hidden = () => message.evaluate((text) => text.scrollHeight - text.clientHeight);
  await expect.poll(hidden).toBeGreaterThan(0);
  await page.getByRole('button', { name: 'Show in full' }).press('Enter');
  await expect.poll(hidden).toBe(0);
  await page.getByRole('button', { name: 'Show less' }).press('Enter');
  await expect.poll(hidden).toBeGreaterThan(0);
});

test('the severity filters', async ({ page, hub }) => {
  for (const [level, message] of [['info', 'one'], ['warning', 'two'], ['error', 'three']]) {
    await hub.publish('alert', { level, message });
  }
  await expect(messages(page)).toHaveText(['three', 'two', 'one']);
  const filter = (name) => page.getByRole('group', { name: 'Filter by severity' }).getByRole('button', { name });
  await filter('Warnings 1').click();
  await expect(messages(page)).toHaveText(['two']);
  await filter('Errors 1').click();
  await expect(messages(page)).toHaveText(['three']);
  await filter('All 3').click();
  await expect(messages(page)).toHaveText(['three', 'two', 'one']);
});

test('acknowledged and muted alerts survive a reload', async ({ page, hub }) => {
  await hub.publish('alert', { level: 'error', message: 'Disk full', key: 'disk', status: 'firing' });
  await hub.publish('stats-update', { activeUsers: 1 });
  await expect(page.locator('.state')).toHaveAttribute('data-state', 'critical');
  await page.getByRole('button', { name: 'Acknowledge: Disk full' }).click();
  await expect(page.locator('.alert')).toHaveAttribute('data-acknowledged', 'true');
  await expect(page.locator('.state'), 'acknowledged alerts do not count').toHaveAttribute('data-state', 'ok');
  await hub.publish('alert', { level: 'info', message: 'chatter', key: 'chatter' });
  await page.getByRole('button', { name: 'Mute: chatter' }).click();
  await expect(messages(page)).toHaveText(['Disk full']);
  const kept = await page.evaluate(() => Object.values(localStorage).join());
  expect(kept).toContain('muted key chatter');
  await page.reload();
  await untilLive(page);
  await hub.publish('alert', { level: 'info', message: 'more chatter', key: 'chatter' });
  await hub.publish('alert', { level: 'info', message: 'news' });
  await expect(messages(page).first()).toHaveText('news');
  await expect(messages(page).filter({ hasText: 'chatter' })).toHaveCount(0);
  await page.getByRole('button', { name: 'Muted 1' }).click();
  await expect(messages(page)).toHaveText(['more chatter']);
  await page.getByLabel('Settings', { exact: true }).first().click();
  await page.getByRole('button', { name: 'Unmute all (1)' }).click();
  await page.getByRole('button', { name: 'All 2' }).click();
  await expect(messages(page).filter({ hasText: 'chatter' })).toHaveCount(1);
});

test('muting by keyboard keeps the focus in the feed', async ({ page, hub }) => {
  await hub.publish('alert', { level: 'info', message: 'chatter', key: 'chatter' });
  await page.getByRole('button', { name: 'Mute: chatter' }).press('Enter');
  await expect(messages(page)).toHaveCount(0);
  await expect(page.locator('section.alerts')).toBeFocused();
});

test('an alert without a status counts until it is acknowledged', async ({ page, hub }) => {
  await hub.publish('stats-update', { activeUsers: 1 });
  await expect(page.locator('.state')).toHaveAttribute('data-state', 'ok');
  await hub.publish('alert', { level: 'error', message: 'Payment provider answers with 503' });
  await expect(page.locator('.state')).toHaveAttribute('data-state', 'critical');
  await expect(page.locator('.state-detail')).toHaveText('Payment provider answers with 503');
  await page.getByRole('button', { name: /^Acknowledge/ }).click();
  await expect(page.locator('.state')).toHaveAttribute('data-state', 'ok');
});

test('alerts with one key share a line, which resolves and links', async ({ page, hub }) => {
  const url = 'https://status.example/7';
  await hub.publish('alert', { level: 'error', message: 'Disk full', key: 'disk', status: 'firing', url });
  await expect(page.locator('.alert')).toHaveAttribute('data-status', 'firing');
  await hub.publish('alert', { level: 'error', message: 'Disk has room again', key: 'disk', status: 'resolved', url });
  await expect(page.locator('.alert')).toHaveCount(1);
  await expect(page.locator('.alert')).toHaveAttribute('data-status', 'resolved');
  const link = page.locator('.alert a');
  await expect(link).toHaveAttribute('href', url);
  await expect(link).toHaveAttribute('rel', /noopener/);
});

test('alerts are announced, numbers are not', async ({ page, hub }) => {
  const region = page.locator('.alerts [role="status"]');
  await expect(region).toHaveText('');
  await hub.publish('alert', { level: 'warning', message: 'Latency spike' });
  await expect(region).toHaveText('Warning: Latency spike');
  await hub.publish('stats-update', { activeUsers: 3 });
  await expect(page.locator('.stat-value').first()).toHaveText('3');
  expect(await page.locator('.stats [aria-live], .stats [role="status"], .chart [aria-live]').count()).toBe(0);
  await expect(region).toHaveText('Warning: Latency spike');
});

test('hover and focus show the exact time', async ({ page, hub }) => {
  await hub.publish('alert', { level: 'info', message: 'one' });
  const time = page.locator('.alert time');
  await expect(time).toHaveAttribute('title', /\d/);
  await expect(time).toHaveAttribute('datetime', /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
  // The next tab stop after the last filter.
  await page.getByRole('button', { name: 'Info 1' }).focus();
  await page.keyboard.press('Tab');
  await expect(time).toBeFocused();
  const shown = await time.evaluate((element) => getComputedStyle(element, '::after').content);
  expect(shown).toContain(await time.getAttribute('data-exact'));
});

test('the title and the icon count unseen alerts', async ({ page, hub }) => {
  await hub.publish('alert', { level: 'info', message: 'seen' });
  await expect(messages(page)).toHaveCount(1);
  // It is seen once it has been drawn.
  await page.evaluate(() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn))));
  await hide(page, true);
  await hub.publish('alert', { level: 'error', message: 'unseen' });
  await hub.publish('alert', { level: 'info', message: 'unseen too' });
  await expect(page).toHaveTitle(/^\(2\) ●/);
  await expect(page.locator('link[rel=icon]')).toHaveAttribute('href', />2<\/text>/);
  await hide(page, false);
  await expect(page).toHaveTitle(/^● /);
  await expect(page.locator('link[rel=icon]')).not.toHaveAttribute('href', /<text/);
});

test('notifications and sound are off by default and only for errors', async ({ browser, hub }) => {
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.addInitScript(() => {
    globalThis.called = [];
    globalThis.sounded = 0;
    globalThis.Notification = class {
      static async requestPermission() { return 'granted'; }
      constructor(title, { body }) { called.push(`${title}: ${body}`); }
    };
    const start = OscillatorNode.prototype.start;
    OscillatorNode.prototype.start = function (...when) { sounded += 1; return start.apply(this, when); };
  });
  await page.goto(hub.url);
  await untilLive(page);
  const list = messages(page);
  await hub.publish('alert', { level: 'error', message: 'unheard' });
  await expect(list).toHaveCount(1);
  expect(await page.evaluate(() => [called.length, sounded])).toEqual([0, 0]);
  await page.locator('.settings summary').press('Enter');
  await page.getByLabel('System notifications for errors').check();
  await page.getByLabel('Sound for errors').check();
  await expect.poll(() => page.evaluate(() => sounded), 'a sample').toBe(2);
  await page.keyboard.press('Escape');
  await expect(page.locator('.menu')).toBeHidden();
  await hub.publish('alert', { level: 'warning', message: 'only a warning' });
  await hub.publish('alert', { level: 'error', message: 'Disk full' });
  await expect.poll(() => page.evaluate(() => called)).toEqual(['Live Dashboard: Disk full']);
  expect(await page.evaluate(() => sounded)).toBe(4);
  await page.reload();
  await untilLive(page);
  await page.locator('.settings summary').click();
  await expect(page.getByLabel('Sound for errors'), 'it is kept').toBeChecked();
  await context.close();
});

test('notifications stay off if the browser refuses them', async ({ page }) => {
  await page.evaluate(() => {
    globalThis.Notification = class { static async requestPermission() { return 'denied'; } };
  });
  await page.locator('.settings summary').click();
  const choice = page.getByLabel('System notifications for errors');
  await choice.click();
  await expect(choice).not.toBeChecked();
});
