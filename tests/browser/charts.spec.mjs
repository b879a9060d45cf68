// Charts: exact values by pointer, touch and keyboard; ranges; gaps; the table.

import { bars, expect, test, untilLive } from './support/hub.mjs';

const START = 1709901200;

async function publish(hub, count, step = 3, first = 0) {
  for (let n = first; n < first + count; n += 1) {
    await hub.publish('chart-data', { timestamp: START + n * step, requests: 1000 + n * 100, errors: n });
  }
}

test.beforeEach(async ({ page, hub }) => {
  await page.goto(hub.url);
  await untilLive(page);
  await publish(hub, 20);
  await expect(bars(page, 'requests')).toHaveCount(20);
});

test('the crosshair shows the values under the pointer', async ({ page }) => {
  const plot = page.locator('.pointer');
  const { width, height } = await plot.boundingBox();
  await plot.hover({ position: { x: width * (4.5 / 20), y: height / 2 } });
  const reading = page.locator('.reading');
  await expect(reading).toContainText('Requests1,400');
  await expect(reading).toContainText('Errors4');
  await plot.hover({ position: { x: width - 2, y: 5 } });
  await expect(reading).toContainText('Requests2,900');
  const box = await reading.boundingBox();
  const canvas = await plot.boundingBox();
  expect(box.x, 'it stays within the chart').toBeGreaterThanOrEqual(canvas.x);
  expect(box.x + box.width).toBeLessThanOrEqual(canvas.x + canvas.width);
  await page.locator('h1').hover();
  await expect(reading).toHaveCount(0);
});

test('a part that is marked with the pointer is shown larger', async ({ page }) => {
  const { x, y, width, height } = await page.locator('.pointer').boundingBox();
  const drag = async (from, to) => {
    await page.mouse.move(x + width * (from / 20), y + height / 2);
    await page.mouse.down();
    await page.mouse.move(x + width * (to / 20), y + height / 2, { steps: 3 });
  };
  await drag(4.5, 8.5);
  await expect(page.locator('.selection')).toBeVisible();
  await page.mouse.up();
  await expect(bars(page, 'requests')).toHaveCount(5);
  await expect(bars(page, 'requests').first()).toHaveAttribute('data-timestamp', String(START + 12));
  await expect(page.locator('.selection')).toHaveCount(0);
  await page.getByRole('button', { name: 'Show all' }).click();
  await expect(bars(page, 'requests')).toHaveCount(20);
  // A click marks nothing.
  await drag(4.5, 4.6);
  await page.mouse.up();
  await expect(page.getByRole('button', { name: 'Show all' })).toHaveCount(0);
  await expect(bars(page, 'requests')).toHaveCount(20);
});

test('the keyboard moves from point to point', async ({ page }) => {
  const slider = page.getByRole('slider', { name: /Requests/ });
  await slider.focus();
  const reading = page.locator('.reading');
  await expect(reading).toContainText('2,900');
  await page.keyboard.press('ArrowLeft');
  await expect(reading).toContainText('2,800');
  await expect(slider).toHaveAttribute('aria-valuetext', /Requests 2,800, Errors 18$/);
  await page.keyboard.press('Home');
  await expect(reading).toContainText('1,000');
  await page.keyboard.press('ArrowRight');
  await expect(reading).toContainText('1,100');
  await page.keyboard.press('End');
  await expect(reading).toContainText('2,900');
  await page.keyboard.press('Escape');
  await expect(reading).toHaveCount(0);
  const outline = await page.locator('.pointer').evaluate((pointer) => getComputedStyle(pointer).outlineStyle);
  expect(outline, 'focus can be seen').toBe('solid');
});

test('the crosshair stays on its point when new points arrive', async ({ page, hub }) => {
  await page.getByRole('slider', { name: /Requests/ }).focus();
  await page.keyboard.press('ArrowLeft');
  await expect(page.locator('.reading')).toContainText('2,800');
  await publish(hub, 2, 3, 20);
  await expect(bars(page, 'requests').last()).toHaveAttribute('data-timestamp', String(START + 63));
  await expect(page.locator('.reading')).toContainText('2,800');
});

test('touch shows values', async ({ browser, hub }) => {
  const context = await browser.newContext({ hasTouch: true, viewport: { width: 360, height: 780 } });
  const page = await context.newPage();
  await page.goto(hub.url);
  await untilLive(page);
  await publish(hub, 20, 3, 30);
  await expect(bars(page, 'requests')).toHaveCount(20);
  const plot = page.locator('.pointer');
  await plot.scrollIntoViewIfNeeded();
  const { width } = await plot.boundingBox();
  await plot.tap({ position: { x: width * (9.5 / 20), y: 40 } });
  await expect(page.locator('.reading')).toContainText('Requests4,900');
  await context.close();
});

test('the range survives a reload, and an hour is reduced to peaks', async ({ page, hub }) => {
  await publish(hub, 180, 10, 7);
  const range = (name) => page.getByRole('group', { name: 'Chart range' }).getByRole('button', { name, exact: true });
  await range('5 min').click();
  await expect.poll(() => bars(page, 'requests').count()).toBe(31);
  await range('1 h').click();
  await expect(range('1 h')).toHaveAttribute('aria-pressed', 'true');
  await expect.poll(() => bars(page, 'requests').count()).toBeLessThanOrEqual(121);
  await page.getByRole('slider', { name: /Requests/ }).focus();
  await expect(page.locator('.reading')).toContainText('peak of 30 s');
  await page.reload();
  await untilLive(page);
  await expect(range('1 h')).toHaveAttribute('aria-pressed', 'true');
});

test('a pause is shown as a gap', async ({ page, hub }) => {
  await publish(hub, 5, 3, 100);
  await expect(page.locator('.gap')).toHaveCount(1);
  await expect(page.locator('.gap title')).toHaveText(/^No data between \d\d:\d\d:\d\d and \d\d:\d\d:\d\d$/);
});

test('the table has the same points and can be copied', async ({ page, context }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await page.getByText('Data table').click();
  const rows = page.locator('.data tbody tr');
  await expect(rows).toHaveCount(20);
  await expect(rows.first()).toContainText('2,900');
  await page.getByRole('button', { name: 'Copy' }).click();
  await expect(page.getByRole('button', { name: 'Copied' })).toBeVisible();
  const copied = await page.evaluate(() => navigator.clipboard.readText());
  const lines = copied.split('\n');
  expect(lines).toHaveLength(21);
  expect(lines[0]).toBe('time\trequests\terrors');
  expect(lines[1]).toBe('2024-03-08T12:34:17Z\t2900\t19');
});
