// The page in the viewer's language.

import { dashboard, expect, stat, test, untilLive } from './support/hub.mjs';

const LOCALES = [
  { locale: 'en-US', users: '1,284', rate: '2.0%', ago: /ago|now/, dir: 'ltr', tick: '1,000' },
  { locale: 'de-DE', users: '1.284', rate: '2,0\u{a0}%', ago: /vor|jetzt/, dir: 'ltr', tick: '1.000' },
  { locale: 'ar-EG', users: '1,284', rate: /^\u{200e}?2\.0\u{200e}?%/u, ago: /قبل|الآن/, dir: 'rtl', tick: '1,000' },
  { locale: 'fa-IR', users: '1,284', rate: /^\u{200e}?2\.0\u{200e}?%/u, ago: /پیش|اکنون/, dir: 'rtl', tick: '1,000' },
];

for (const { locale, users, rate, ago, dir, tick } of LOCALES) {
  test.describe(locale, () => {
    test.use({ locale, timezoneId: 'Europe/Vienna' });

    test('numbers, ages and direction', async ({ page, hub, watched }, info) => {
      await page.setViewportSize({ width: 1280, height: 800 });
      await page.goto(hub.url);
      await untilLive(page);
      await hub.publish('stats-update', { activeUsers: 1284, errorRate: 0.02 });
      await hub.publish('chart-data', { timestamp: 1709901234, requests: 1000, errors: 12 });
      await hub.publish('alert', { level: 'info', message: 'one' });
      await expect(stat(page, 'activeUsers').locator('.stat-value')).toHaveText(users);
      await expect(stat(page, 'errorRate').locator('.stat-value')).toHaveText(rate);
      await expect(page.locator('.alert time')).toHaveText(ago);
      await expect(dashboard(page)).toHaveAttribute('dir', dir);
      const digits = await dashboard(page).evaluate((main) => main.innerHTML.match(/\p{Nd}/gu).filter((digit) => !/[0-9]/.test(digit)));
      expect(digits, 'one set of digits').toEqual([]);
      await expect(page.locator('.ticks span').first()).toHaveText(tick);
      const wider = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
      expect(wider, 'nothing hangs over the side').toBe(0);
      const [badge, title] = await Promise.all(['.connection-badge', 'h1'].map((part) => page.locator(part).boundingBox()));
      expect(badge.x > title.x, 'the page runs in its direction').toBe(dir === 'ltr');
      await page.screenshot({ path: info.outputPath(`${locale}.png`) });
      expect(watched.errors).toEqual([]);
    });
  });
}

test.describe('the viewer’s place', () => {
  test.use({ locale: 'en-GB', timezoneId: 'Asia/Kathmandu' });

  test('has its own time', async ({ page, hub }) => {
    await page.goto(hub.url);
    await untilLive(page);
    await hub.publish('chart-data', { timestamp: 1709901234, requests: 1000, errors: 12 });
    await page.getByRole('slider').focus();
    await expect(page.locator('.reading-time')).toHaveText('18:18:54');
  });
});
