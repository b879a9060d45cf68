// A hub with several dashboards: the list, and layouts that change.

import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { AxeBuilder } from '@axe-core/playwright';

import { Hub, dashboard, expect, stat, test as base, untilLive, withoutWorkers } from './support/hub.mjs';

const OPS = `title = "Operations"
[[stat]]
key = "queue"
label = "Queue"
format = "integer"
`;

// A hub with a directory of layouts, and a function that saves one like an editor.
const test = base.extend({
  layouts: async ({}, use) => {
    const directory = await mkdtemp(join(tmpdir(), 'live-dashboard-layouts-'));
    const save = async (name, text) => {
      await writeFile(join(directory, `.${name}`), text);
      await rename(join(directory, `.${name}`), join(directory, `${name}.toml`));
    };
    await save('ops', OPS);
    await use({ directory, save });
    await rm(directory, { recursive: true });
  },
  hub: async ({ layouts }, use) => {
    const hub = await Hub.start({ flags: ['--dashboards', layouts.directory] });
    await use(hub);
    await hub.stop();
  },
});

const link = (page, name) => page.getByRole('link', { name });

test('dashboards are reachable by keyboard, and back', async ({ page, hub, watched }) => {
  await withoutWorkers(page);
  await page.goto(`${hub.url}/?theme=dark`);
  await expect(page).toHaveTitle('Dashboards');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Dashboards');
  await expect(page.getByRole('link')).toHaveCount(2);
  expect(watched.requests.filter((url) => url.startsWith('ws')), 'no connection for a list').toEqual([]);
  await page.keyboard.press('Tab');
  await expect(link(page, 'Live Dashboard')).toBeFocused();
  await page.keyboard.press('Tab');
  await expect(link(page, 'Operations')).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(`${hub.url}/?dashboard=ops&theme=dark`);
  await untilLive(page);
  await expect(page).toHaveTitle(/Operations/);
  await hub.publish('stats-update', { queue: 7 }, 'dashboard-ops');
  await expect(stat(page, 'queue').locator('.stat-value')).toHaveText('7');
  await link(page, 'All dashboards').press('Enter');
  await expect(page).toHaveURL(`${hub.url}/?theme=dark`);
  await expect(page.getByRole('link')).toHaveCount(2);
  await page.goBack();
  await untilLive(page);
  expect(watched.errors).toEqual([]);
});

for (const [theme, width] of [['dark', 1280], ['light', 320]]) {
  test(`the list, ${theme}, ${width} wide`, async ({ page, hub }, info) => {
    await page.setViewportSize({ width, height: 640 });
    await page.goto(`${hub.url}/?theme=${theme}`);
    await expect(page.getByRole('link')).toHaveCount(2);
    const { violations } = await new AxeBuilder({ page }).analyze();
    expect(violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)])).toEqual([]);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
    await page.screenshot({ path: info.outputPath(`choice-${theme}.png`) });
    await link(page, 'Operations').click();
    await untilLive(page);
    await expect(link(page, 'All dashboards')).toBeVisible();
    await page.screenshot({ path: info.outputPath(`way-back-${theme}.png`) });
  });
}

for (const width of [360, 1280]) {
  test(`the link to the list causes no layout shift at ${width} px`, async ({ page, hub }) => {
    await page.setViewportSize({ width, height: 800 });
    await page.addInitScript(() => {
      globalThis.shifts = [];
      new PerformanceObserver((list) => {
        for (const { value, sources } of list.getEntries()) {
          globalThis.shifts.push([value, ...sources.map(({ node }) => node?.className)]);
        }
      }).observe({ type: 'layout-shift', buffered: true });
    });
    await page.goto(`${hub.url}/?dashboard=default`);
    await untilLive(page);
    await expect(link(page, 'All dashboards')).toBeVisible();
    expect(await page.evaluate(() => globalThis.shifts)).toEqual([]);
  });
}

test('a wall shows the default dashboard without a link to the list', async ({ page, hub }) => {
  await page.goto(`${hub.url}/?kiosk=1`);
  await untilLive(page);
  await expect(page.getByRole('link')).toHaveCount(0);
});

test('instead of an unknown dashboard there is the list, drawn or not', async ({ page, hub, watched }) => {
  for (const path of ['?dashboard=nope', 'index.html?dashboard=nope']) {
    await page.goto(`${hub.url}/${path}`);
    await expect(page.getByRole('alert')).toHaveText('No dashboard named nope');
    await expect(link(page, /Operations/)).toBeVisible();
  }
  expect(watched.errors).toEqual([]);
});

test('a changed layout arrives without a reload, also on a new channel', async ({ page, hub, layouts }) => {
  await page.goto(`${hub.url}/?dashboard=ops`);
  await untilLive(page);
  await page.evaluate(() => { window.notReloaded = true; });
  await hub.publish('stats-update', { queue: 7, workers: 3 }, 'dashboard-ops');
  await expect(stat(page, 'queue').locator('.stat-value')).toHaveText('7');

  await layouts.save('ops', `${OPS}[[stat]]\nkey = "workers"\nlabel = "Workers"\n`);
  await expect(stat(page, 'workers')).toBeVisible();
  await expect(stat(page, 'queue').locator('.stat-value'), 'what stays keeps its value').toHaveText('7');

  await layouts.save('ops', 'title = "Broken"\nstat = 5\n');
  await layouts.save('other', 'title = "Other"\n');
  await expect(async () => {
    const answer = await fetch(`${hub.url}/dashboards`);
    expect(await answer.text()).toContain('Other');
  }).toPass();
  await expect(stat(page, 'workers'), 'a broken file changes nothing').toBeVisible();

  await layouts.save('ops', `channel = "elsewhere"\n${OPS.replace('Operations', 'Moved')}`);
  await expect(page).toHaveTitle(/Moved/);
  await untilLive(page);
  await hub.publish('stats-update', { queue: 9 }, 'elsewhere');
  await expect(stat(page, 'queue').locator('.stat-value')).toHaveText('9');
  expect(await page.evaluate(() => window.notReloaded)).toBe(true);
});
