// Dashboards inside a portal of another origin, with a strict Content-Security-Policy.

import { expect, fill } from './support/hub.mjs';
import { framed, messageOf, test } from './support/portal.mjs';

async function open(page, portal, path = '/') {
  await page.goto(portal.url + path);
  await untilAllLive(page);
}

async function untilAllLive(page) {
  for (const element of ['#operations', '#errors', '#alerts']) {
    await expect(framed(page, element)).toHaveAttribute('data-connection', 'live');
  }
}

// Waits until the frame is as high as its content; returns the height.
async function height(page, element) {
  let height;
  await expect(async () => {
    const content = await framed(page, element).evaluate((main) => main.getBoundingClientRect().height);
    height = await page.locator(`${element} iframe`).evaluate((frame) => frame.getBoundingClientRect().height);
    expect(Math.abs(height - content)).toBeLessThanOrEqual(1);
  }).toPass();
  return height;
}

test('dashboards have the height of their content, and the portal\'s looks', async ({ page, hub, portal, watched }, info) => {
  await page.setViewportSize({ width: 1400, height: 900 });
  await fill(hub, { errorRate: 0.062 }, 3600);
  await open(page, portal);
  for (const element of ['#operations', '#errors', '#alerts']) {
    expect(await height(page, element)).toBeGreaterThan(80);
    const wider = await framed(page, element).evaluate(({ ownerDocument: { documentElement } }) =>
      documentElement.scrollWidth - documentElement.clientWidth);
    expect(wider).toBe(0);
  }
  await page.screenshot({ path: info.outputPath('light.png'), fullPage: true });
  const colour = (property) => framed(page, '#operations').evaluate((main, name) => getComputedStyle(main)[name], property);
  expect(await colour('backgroundColor')).toBe('rgb(251, 247, 240)');
  expect(await colour('fontFamily')).toContain('Georgia');
  await page.getByRole('button', { name: 'Dark' }).click();
  await expect(framed(page, '#operations')).toHaveAttribute('data-theme', 'dark');
  await expect(framed(page, '#errors')).toHaveAttribute('data-theme', 'dark');
  await expect.poll(() => colour('backgroundColor')).toBe('rgb(27, 22, 17)');
  await page.screenshot({ path: info.outputPath('dark.png'), fullPage: true });
  await page.setViewportSize({ width: 360, height: 800 });
  await height(page, '#operations');
  await page.screenshot({ path: info.outputPath('phone.png'), fullPage: true });
  expect(watched.errors).toEqual([]);
});
