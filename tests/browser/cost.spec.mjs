// What a message costs, in counts that are the same on every machine: draws,
// layouts, and writes to the document. `cargo xtask bench page` measures the time.

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { Hub, expect, hide, stat, test } from './support/hub.mjs';
import { FRAME, StillPage } from './support/still.mjs';
import { layouts, settled } from './support/trace.mjs';

// Playwright's own recording reads sizes in the page.
test.use({ trace: 'off', screenshot: 'off' });

// Draws per second, if the layout does not set it.
const MAX_FPS = 5;
// Draws per second of ages and clocks, besides.
const TICKS = 1;
// A layout sets this one.
const OTHER_MAX_FPS = 2;

// What the browser may lay out for one message of each kind, and for a second in
// which the ages of five alerts change. The page has some 350 objects.
const LAYOUTS = {
  stats: { count: 1, dirty: 50, invalidated: 20 },
  point: { count: 1, dirty: 28, invalidated: 80 },
  alert: { count: 1, dirty: 40, invalidated: 50 },
  second: { count: 1, dirty: 12, invalidated: 6 },
};

// Writes to attributes of a card besides its two texts: its sparkline's line, area
// and dot.
const CARD_ATTRIBUTES = 3;
// Changes of a card's children: a tint for a changed value.
const CARD_CHILDREN = 0;
// Writes to a bar that changes.
const BAR_ATTRIBUTES = 1;
// Changes of a chart's children with a new point: a bar of each of two series and a time
// come, and the oldest ones go.
const CHART_CHILDREN = 6;
// Changes of children with a new alert: the line, the oldest one, their number and
// what is announced.
const ALERT_CHILDREN = 4;
// All writes with a new alert: these, and the ranks of the others.
const ALERT_WRITES = 12;

const count = (writes, wanted) => writes.filter(({ type }) => type === wanted).length;

const value = (page, key) => stat(page, key).locator('.stat-value');

// The same number of digits in all; each value is larger than before, by more than
// last time; no threshold is crossed.
const stats = (n) => ['stats-update', {
  activeUsers: 2000 + 50 * n ** 2, requestsPerSec: 5000 + 50 * n ** 2, errorRate: 0.02 + n ** 2 / 1000, avgLatency: 40 + n ** 2,
}];
// 20 points until the first; none is the largest one.
const point = (n) => ['chart-data', { timestamp: 1709901234 + 3 * n, requests: n < 0 ? 4200 + 100 * (n % 4) : 3900 + n, errors: 40 + n }];
const alert = (n) => ['alert', { level: 'warning', message: `Message ${n}` }];

// Half between two ticks of ages and clocks; a chart may be drawn again after a second.
const QUIET = 500;
const QUIET_CHART = 1500;

// A page with something of everything, its clock stopped and its animations ended.
async function filled(page, hub, quiet = QUIET) {
  const still = await StillPage.open(page, hub);
  for (let n = -18; n < 2; n += 1) await still.deliver(stats(Math.abs(n) % 2), point(n));
  await still.deliver(...[-2, -1, 0, 1, 2].map(alert), stats(2));
  await expect(value(page, 'activeUsers')).toHaveText('2,200');
  await still.stop();
  // Ages and clocks tick also when the clock stops.
  await still.run(quiet);
  await settled(page);
  await still.takeWrites();
  return still;
}

// Draws in each second of a load of 200 messages per second, and the last state.
async function load(page, still, seconds) {
  const draws = [];
  for (let second = 0; second < seconds; second += 1) {
    for (let step = 0; step < 20; step += 1) {
      const first = (20 * second + step) * 10;
      await still.deliver(...Array.from({ length: 10 }, (_, n) => ['stats-update', { activeUsers: 1000 + first + n }]));
      await still.run(50);
    }
    draws.push((await still.takeDraws()).length);
  }
  await still.run(1000);
  const last = 1000 + 200 * seconds - 1;
  await expect(value(page, 'activeUsers'), 'the last state is drawn').toHaveText(last.toLocaleString('en'));
  return draws;
}

test('under load the page draws at most five times a second', async ({ page, hub }) => {
  const still = await filled(page, hub);
  for (const draws of await load(page, still, 3)) {
    expect(draws).toBeLessThanOrEqual(MAX_FPS + TICKS);
    expect(draws).toBeGreaterThanOrEqual(MAX_FPS / 2);
  }
});

test('a layout sets how often the page draws', async ({ page }) => {
  const layouts = await mkdtemp(join(tmpdir(), 'live-dashboard-layouts-'));
  await writeFile(join(layouts, 'slow.toml'), `title = "Slow"
channel = "dashboard"
max_fps = ${OTHER_MAX_FPS}
[[stat]]
key = "activeUsers"
label = "Active users"
`);
  const hub = await Hub.start({ flags: ['--dashboards', layouts] });
  const still = await StillPage.open(page, hub, '/?dashboard=slow');
  await still.stop();
  for (const draws of await load(page, still, 2)) {
    expect(draws).toBeLessThanOrEqual(OTHER_MAX_FPS + TICKS);
    expect(draws).toBeGreaterThanOrEqual(OTHER_MAX_FPS / 2);
  }
  await hub.stop();
  await rm(layouts, { recursive: true });
});

test('after quiet a message is drawn in the next frame, the one after it later', async ({ page, hub }) => {
  const still = await filled(page, hub);
  const shown = value(page, 'activeUsers');
  await still.deliver(['stats-update', { activeUsers: 3001 }]);
  await still.run(FRAME);
  expect(await shown.textContent(), 'in the next frame').toBe('3,001');
  await still.deliver(['stats-update', { activeUsers: 3002 }]);
  await still.run(2 * FRAME);
  expect(await shown.textContent(), 'not at once').toBe('3,001');
  await still.run(1000 / MAX_FPS);
  expect(await shown.textContent(), 'but soon').toBe('3,002');
});

test('a hidden tab draws nothing, and the last state on return', async ({ page, hub }) => {
  const still = await filled(page, hub);
  await hide(page, true);
  await still.run(1000);
  await still.takeWrites();
  for (let n = 3; n < 6; n += 1) {
    await still.deliver(stats(n), point(n), alert(n));
    await still.run(1000);
  }
  expect(await still.takeWrites()).toEqual([]);
  await hide(page, false);
  await still.run(2 * FRAME);
  expect(await value(page, 'activeUsers').textContent()).toBe('3,250');
  await expect(page.locator('.alert-message').first()).toHaveText('Message 5');
  await expect(page.locator(`.bar[data-timestamp="${point(5)[1].timestamp}"]`).first()).toBeAttached();
});

for (const [kind, message] of Object.entries({ stats, point, alert })) {
  test(`layouts of one message: ${kind}`, async ({ page, hub }) => {
    const still = await filled(page, hub, QUIET_CHART);
    expectLayouts(LAYOUTS[kind], await layouts(page, async () => {
      await still.deliver(message(3));
      await still.run(200);
    }));
    expect(await still.takeDraws(), 'it is drawn once').toHaveLength(1);
  });
}

test('layouts of a second without a message', async ({ page, hub }) => {
  const still = await filled(page, hub);
  // Not yet stale, and the ages of the alerts are told in seconds.
  await still.deliver(stats(3));
  await still.run(5000);
  await settled(page);
  await still.takeWrites();
  expectLayouts(LAYOUTS.second, await layouts(page, () => still.run(1000)));
  expect(await still.takeDraws(), 'the ages are drawn once').toHaveLength(1);
});

function expectLayouts(limits, { forced, ...seen }) {
  expect(forced, 'no script asks for a size').toEqual([]);
  for (const [name, limit] of Object.entries(limits)) {
    expect(seen[name], `${name} of ${JSON.stringify(seen)}`).toBeLessThanOrEqual(limit);
  }
}

test('a number and its change are one write each', async ({ page, hub }) => {
  const still = await filled(page, hub);
  await still.deliver(stats(3));
  await still.run(200);
  const writes = await still.takeWrites();
  for (const key of Object.keys(stats(3)[1])) {
    const ofCard = writes.filter(({ card }) => card === key);
    const shown = `${key}: ${JSON.stringify(ofCard)}`;
    expect(count(ofCard, 'characterData'), shown).toBe(2);
    expect(count(ofCard, 'childList'), shown).toBeLessThanOrEqual(CARD_CHILDREN);
    expect(ofCard.length, shown).toBeLessThanOrEqual(2 + CARD_CHILDREN + CARD_ATTRIBUTES);
  }
  expect(writes.filter(({ card }) => !card), 'nothing else is written').toEqual([]);
});

test('a bar is one write', async ({ page, hub }) => {
  const still = await filled(page, hub, QUIET_CHART);
  await still.deliver(point(2));
  await still.run(200);
  const writes = await still.takeWrites();
  const ofBars = writes.filter(({ name }) => name === 'bar');
  expect(ofBars.length).toBeGreaterThan(0);
  const elements = ofBars.map(({ element }) => element);
  const most = Math.max(...elements.map((one) => elements.filter((other) => other === one).length));
  expect(most, JSON.stringify(ofBars)).toBeLessThanOrEqual(BAR_ATTRIBUTES);
  expect(count(writes, 'childList'), JSON.stringify(writes)).toBeLessThanOrEqual(CHART_CHILDREN);
});

test('a new alert is one line more', async ({ page, hub }) => {
  const still = await filled(page, hub, QUIET_CHART);
  await still.deliver(alert(3));
  await still.run(200);
  const writes = await still.takeWrites();
  expect(count(writes, 'childList'), JSON.stringify(writes)).toBeLessThanOrEqual(ALERT_CHILDREN);
  expect(writes.length, JSON.stringify(writes)).toBeLessThanOrEqual(ALERT_WRITES);
});

test('a card has one animation at most, of its opacity', async ({ page, hub }) => {
  const still = await filled(page, hub);
  for (const n of [3, 4, 5]) {
    await still.deliver(stats(n));
    await still.run(200);
    const animations = await page.evaluate(() => document.getAnimations().map(({ effect }) => ({
      card: effect.target.closest('.stat')?.dataset.stat,
      properties: Object.keys(Object.assign({}, ...effect.getKeyframes())).filter((name) => !['offset', 'computedOffset', 'easing', 'composite'].includes(name)),
    })));
    const cards = animations.map(({ card }) => card);
    expect(cards.length, 'one a card').toBe(new Set(cards).size);
    for (const { properties } of animations) expect(properties).toEqual(['opacity']);
  }
});
