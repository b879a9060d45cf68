// How the page is meant to look in every state and shape: each is compared with a
// reference picture.

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { Hub, expect, test, untilLive } from './support/hub.mjs';
import { expectReference } from './support/reference.mjs';

const PAGES = [
  { size: 'phone', width: 320, height: 640, theme: 'light', fullPage: true },
  { size: 'page', width: 1280, height: 800, theme: 'dark', fullPage: true },
  { size: 'wall', width: 1920, height: 1080, theme: 'dark', query: '&kiosk=1' },
];
const WALLS = [PAGES[1], PAGES[2]];
const LARGE = { size: 'large', width: 3840, height: 2160, theme: 'light', query: '&kiosk=1' };

const card = (key, more = '') => `[[stat]]\nkey = "${key}"\nlabel = "${key}"\n${more}\n`;
const chart = (title, more = 'series = [{ key = "a" }, { key = "b" }]') => `[[chart]]\ntitle = "${title}"\n${more}\n`;
const many = (count, make) => Array.from({ length: count }, (_, n) => make(n)).join('');

const USUAL = card('users', 'format = "integer"\nbetter = "higher"')
  + card('rate', 'format = "integer"\nbetter = "higher"')
  + card('errors', 'format = "percent"\nbetter = "lower"\nwarning = 0.03\ncritical = 0.05')
  + card('latency', 'format = "milliseconds"\nbetter = "lower"\nwarning = 100')
  + chart('Requests');

const STATES = [{ key: 'db', label: 'Database' }, { key: 'cache', label: 'Cache' }, { key: 'mail', label: 'Mail relay' }];
const items = `items = [${STATES.map(({ key, label }) => `{ key = "${key}", label = "${label}" }`).join(', ')}]`;
const KINDS = `
[[row]]
title = "Machines"
[[gauge]]
title = "Load"
key = "load"
unit = "%"
better = "lower"
warning = 70
critical = 90
${card('power', 'format = "si"\nunit = "W"')}
[[clock]]
title = "Vienna"
[[row]]
[[status]]
title = "Services"
${items}
[[timeline]]
title = "Last hour"
${items}
[[text]]
title = "On call"
text = """
# Eve
Call **first**, then write.
- a list
- [a link](https://wiki.example)
"""
[[row]]
[[table]]
title = "Paths"
key = "paths"
sort = "-ms"
[[list]]
title = "Customers"
key = "customers"
[[alerts]]
`;
const CHARTS = `[[row]]\n${['bars', 'stacked', 'grouped'].map((kind) => chart(kind, `kind = "${kind}"\nseries = [{ key = "a" }, { key = "b" }]`)).join('')}
[[row]]\n${['lines', 'areas', 'points'].map((kind) => chart(kind, `kind = "${kind}"\nseries = [{ key = "a" }, { key = "b" }]`)).join('')}`;

const LONG = 'A label that has more words than there is room for in any card of any page';
const EXTREMES = `[[stat]]\nkey = "huge"\nlabel = "${LONG}"\n${card('tiny')}${card('negative')}${card('large', 'format = "bytes"')}
${chart(LONG, `kind = "lines"\nseries = [${many(6, (n) => `{ key = "s${n}", label = "${LONG.slice(0, 30 + n)}" }, `)}]`)}`;

const now = () => Date.now() / 1000;
const points = async (hub, channel, count = 20) => {
  for (let n = 0; n < count; n += 1) {
    const value = (phase) => 500 + Math.round(400 * Math.sin(n / 3 + phase));
    const series = Object.fromEntries(Array.from({ length: 6 }, (_, s) => [`s${s}`, value(s)]));
    await hub.publish('chart-data', { timestamp: Math.floor(now()) - 3 * (count - n), a: value(0), b: value(2) / 3, ...series }, channel);
  }
};
const usual = (errors, latency) => async (hub, channel) => {
  for (const more of [0, 4]) {
    await hub.publish('stats-update', { users: 1280 + more, rate: 4521, errors, latency: latency + more }, channel);
  }
  await points(hub, channel);
};
const alerts = async (hub, channel) => {
  for (const [level, message] of [['info', 'Deployed'], ['warning', 'Slow'], ['error', 'Database down']]) {
    await hub.publish('alert', { level, message, key: level, status: 'firing' }, channel);
  }
};
const panels = async (hub, channel) => {
  for (const [load, db, cache, mail] of [[40, 'up', 'up', true], [56, 'down', 'degraded', true], [75, 'up', 'up', false]]) {
    await hub.publish('stats-update', { load, db, cache, mail, power: 1284 }, channel);
  }
  await hub.publish('stats-update', {
    paths: [{ path: '/', ms: 45 }, { path: '/search', ms: 912 }, { path: '/login', ms: 80 }],
    customers: { Acme: 18234, Globex: 9120, Initech: 4100 },
  }, channel);
  await alerts(hub, channel);
};

// What is drawn last: pictures are drawn less often than numbers.
const CHART = ['.legend strong', '520'];
const FEED = ['.alert >> nth=2', /./];

// A name, a layout, what is published, the state that the page is then in, the text of what is drawn
// last, and the sizes.
const SCENES = [
  { name: 'empty', layout: USUAL, state: 'waiting', sizes: PAGES },
  { name: 'first', layout: USUAL, state: 'ok', sizes: WALLS, publish: (hub, channel) => hub.publish('stats-update', { users: 3 }, channel) },
  { name: 'well', layout: USUAL, state: 'ok', sizes: [...PAGES, LARGE], publish: usual(0.02, 45), shown: [CHART] },
  { name: 'warning', layout: USUAL, state: 'warning', sizes: PAGES, publish: usual(0.02, 130), shown: [CHART] },
  { name: 'critical', layout: USUAL, state: 'critical', sizes: [...PAGES, LARGE], publish: async (...to) => { await usual(0.07, 130)(...to); await alerts(...to); }, shown: [CHART, FEED] },
  { name: 'demo', layout: `note = "Demo data"\n${USUAL}`, state: 'ok', sizes: PAGES, publish: usual(0.02, 45), shown: [CHART] },
  {
    name: 'stale', layout: `stale_after = "1s"\n${USUAL}`, state: 'critical', sizes: PAGES,
    publish: async (hub, channel, page) => {
      await usual(0.02, 45)(hub, channel);
      await expect(page.locator('.state')).toHaveAttribute('data-state', 'stale');
      await alerts(hub, channel);
    },
    shown: [CHART, FEED],
  },
  ...[1, 4, 7, 12].flatMap((cards) => [1, 4].map((charts) => ({
    name: `cards-${cards}-charts-${charts}`,
    layout: many(cards, (n) => card(`c${n}`)) + many(charts, (n) => chart(`Chart ${n}`)),
    state: 'ok',
    sizes: WALLS,
    publish: async (hub, channel) => {
      await hub.publish('stats-update', Object.fromEntries(Array.from({ length: cards }, (_, n) => [`c${n}`, 17 * n + 3])), channel);
      await points(hub, channel);
    },
    shown: [CHART],
  }))),
  { name: 'panels', layout: KINDS, state: 'critical', sizes: [...PAGES, LARGE], publish: panels, shown: [['.lane-word', /up/], FEED] },
  { name: 'charts', layout: CHARTS, state: 'ok', sizes: PAGES, publish: (hub, channel) => points(hub, channel), shown: [CHART] },
  {
    name: 'extremes', layout: EXTREMES, state: 'ok', sizes: PAGES,
    publish: async (hub, channel) => {
      await hub.publish('stats-update', { huge: 123456789012, tiny: 0.000412, negative: -1234.5, large: 5e15 }, channel);
      await points(hub, channel);
    },
    shown: [CHART],
  },
];

let directory;
let hub;
test.beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'live-dashboard-layouts-'));
  for (const { name, layout } of SCENES) {
    const head = layout.includes('stale_after') ? '' : 'stale_after = "1h"\n';
    await writeFile(join(directory, `${name}.toml`), `title = "${name}"\n${head}${layout}`);
  }
  hub = await Hub.start({ flags: ['--dashboards', directory] });
});
test.afterAll(async () => {
  await hub.stop();
  await rm(directory, { recursive: true });
});

// Everything is drawn, also what appears late.
const settle = (page) => page.evaluate(async () => {
  const finite = document.getAnimations().filter((one) => one.effect.getComputedTiming().iterations !== Infinity);
  await Promise.all(finite.map((one) => one.finished));
  await new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)));
});

for (const { name, state, sizes, publish, shown = [] } of SCENES) {
  for (const { size, width, height, theme, query = '', fullPage } of sizes) {
    test(`${name} on a ${size}`, async ({ page, context }, info) => {
      await page.emulateMedia({ reducedMotion: 'reduce' });
      await page.setViewportSize({ width, height });
      await page.goto(`${hub.url}/?dashboard=${name}&theme=${theme}${query}`);
      await untilLive(page);
      await publish?.(hub, `dashboard-${name}`, page);
      await expect(page.locator('.state')).toHaveAttribute('data-state', state);
      for (const [element, text] of shown) await expect(page.locator(element).first()).toHaveText(text);
      await settle(page);
      const tool = await context.newPage();
      await page.bringToFront();
      await expectReference(page, tool, `${name}-${size}`, info, { fullPage });
    });
  }
}

test('disconnected on a page', async ({ page, context }, info) => {
  const own = await Hub.start();
  await page.emulateMedia({ reducedMotion: 'reduce' });
  await page.setViewportSize({ width: 1280, height: 800 });
  await page.goto(`${own.url}/?theme=dark`);
  await untilLive(page);
  await own.publish('stats-update', { activeUsers: 1284, requestsPerSec: 4521, errorRate: 0.02, avgLatency: 45 });
  await expect(page.locator('.state')).toHaveAttribute('data-state', 'ok');
  await own.kill();
  await expect(page.locator('.state')).toHaveAttribute('data-state', 'disconnected');
  await expectReference(page, await context.newPage(), 'disconnected-page', info);
  await own.stop();
});

test.describe('right to left', () => {
  test.use({ locale: 'ar-EG' });
  const scenes = [['critical', async (...to) => { await usual(0.07, 130)(...to); await alerts(...to); }], ['panels', panels]];
  for (const [name, publish] of scenes) {
    test(`${name} on a page`, async ({ page, context }, info) => {
      await page.emulateMedia({ reducedMotion: 'reduce' });
      await page.setViewportSize({ width: 1280, height: 800 });
      await page.goto(`${hub.url}/?dashboard=${name}&theme=light`);
      await untilLive(page);
      await publish(hub, `dashboard-${name}`);
      await expect(page.locator('main')).toHaveAttribute('dir', 'rtl');
      await expect(page.locator('.alert')).toHaveCount(3);
      await settle(page);
      await expectReference(page, await context.newPage(), `${name}-rtl`, info);
    });
  }
});
