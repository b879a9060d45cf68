// Accessibility: axe-core finds no violation in any state and theme; values have
// AAA contrast; everything works by keyboard; reduced motion is respected.

import { AxeBuilder } from '@axe-core/playwright';

import { Hub, dashboard, expect, fill, test, untilLive } from './support/hub.mjs';

const LINES = {
  title: 'Lines',
  stat: [{ key: 'activeUsers', label: 'Users', format: 'integer' }],
  chart: [{
    title: 'Latency', points: 20, kind: 'lines', format: 'milliseconds', better: 'lower', warning: 90, critical: 120,
    series: ['requests', 'errors', 'c', 'd', 'e', 'f'].map((key) => ({ key })),
  }],
};

// How a page gets into each state.
const STATES = {
  empty: async () => {},
  ok: async ({ page, hub }) => {
    await fill(hub, { avgLatency: 45 });
    await page.getByRole('button', { name: 'Acknowledge: Latency spike detected' }).click();
  },
  warning: async ({ hub }) => { await fill(hub); },
  critical: async ({ hub }) => {
    await fill(hub, { errorRate: 0.062 });
    await hub.publish('alert', { level: 'error', message: 'Disk full', key: 'disk', status: 'firing', url: 'https://x.example/' });
  },
  stale: async ({ page, hub }) => {
    await page.clock.install();
    await page.reload();
    await untilLive(page);
    await fill(hub, { avgLatency: 45 });
    // What is wrong would be told first.
    await page.getByRole('button', { name: 'Acknowledge: Latency spike detected' }).click();
    await page.clock.fastForward(45_000);
  },
  disconnected: async ({ page, hub }) => {
    await fill(hub);
    await expect(page.locator('.alert')).toHaveCount(3);
    await hub.kill();
  },
};
const DATA_STATE = { empty: 'waiting' };

for (const theme of ['dark', 'light']) {
  for (const [state, enter] of Object.entries(STATES)) {
    test(`${state}, ${theme}`, async ({ page, hub }, info) => {
      await page.emulateMedia({ reducedMotion: 'reduce' });
      await page.setViewportSize({ width: 1280, height: 800 });
      await page.goto(`${hub.url}/?theme=${theme}`);
      await untilLive(page);
      await enter({ page, hub });
      await expect(page.locator('.state')).toHaveAttribute('data-state', DATA_STATE[state] ?? state);
      await page.screenshot({ path: info.outputPath(`${state}-${theme}.png`) });
      expect(await violations(page)).toEqual([]);
      expect(await contrasts(page), 'AAA for values').toEqual([]);
    });
  }

  test(`everything open, ${theme}`, async ({ page, hub }, info) => {
    await page.emulateMedia({ reducedMotion: 'reduce' });
    await page.setViewportSize({ width: 1280, height: 1000 });
    await page.goto(`${hub.url}/?theme=${theme}`);
    await untilLive(page);
    await fill(hub, { errorRate: 0.062 });
    for (let n = 0; n < 8; n += 1) await hub.publish('alert', { level: 'error', message: `Error ${n}` });
    await page.getByRole('button', { name: 'Show all 11' }).click();
    await page.getByRole('button', { name: 'Acknowledge: Error 7' }).click();
    await page.getByText('Data table').click();
    await page.locator('.settings summary').click();
    await page.getByRole('slider').focus();
    await expect(page.locator('.reading')).toBeVisible();
    await page.screenshot({ path: info.outputPath(`open-${theme}.png`) });
    expect(await violations(page)).toEqual([]);
  });

  test(`lines and bands, ${theme}`, async ({ page }, info) => {
    const hub = await Hub.start();
    await page.route('**/live-dashboard', async (route) => {
      const answer = await route.fetch();
      await route.fulfill({ response: answer, json: { ...await answer.json(), layout: LINES } });
    });
    await page.setViewportSize({ width: 1280, height: 800 });
    // With this setting the hub draws nothing, and the page requests a token.
    const tokenUrl = encodeURIComponent(`${hub.url}/live-dashboard`);
    await page.goto(`${hub.url}/?theme=${theme}&token_url=${tokenUrl}`);
    await untilLive(page);
    for (let n = 0; n < 20; n += 1) {
      const value = (k) => Math.round(70 + 12 * k + 15 * Math.sin(n / 3 + k));
      await hub.publish('chart-data', {
        timestamp: 1709901200 + n * 3 + (n > 12 ? 60 : 0),
        requests: value(0), errors: value(1), c: value(2), d: value(3), e: value(4) - 60, f: value(5) - 80,
      });
    }
    await hub.publish('stats-update', { activeUsers: 5 });
    await expect(page.locator('.line[data-series]')).toHaveCount(6);
    await expect(page.locator('.band')).toHaveCount(2);
    await expect(page.locator('.gap')).toHaveCount(1);
    const dashes = await page.locator('.line[data-series]').evaluateAll((lines) =>
      lines.map((line) => getComputedStyle(line).strokeDasharray));
    expect(new Set(dashes).size, 'lines differ without colour').toBe(6);
    await page.screenshot({ path: info.outputPath(`lines-${theme}.png`) });
    expect(await violations(page)).toEqual([]);
    await hub.stop();
  });

  test(`the wall, ${theme}`, async ({ page, hub }) => {
    await page.emulateMedia({ reducedMotion: 'reduce' });
    await page.setViewportSize({ width: 1920, height: 1080 });
    await page.goto(`${hub.url}/?kiosk=1&theme=${theme}`);
    await untilLive(page);
    await fill(hub);
    await expect(page.locator('.alert')).toHaveCount(3);
    expect(await violations(page)).toEqual([]);
  });

  test(`a phone, ${theme}`, async ({ page, hub }) => {
    await page.emulateMedia({ reducedMotion: 'reduce' });
    await page.setViewportSize({ width: 320, height: 700 });
    await page.goto(`${hub.url}/?theme=${theme}`);
    await untilLive(page);
    await fill(hub);
    await expect(page.locator('.alert')).toHaveCount(3);
    const wider = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    expect(wider, 'no horizontal overflow').toBe(0);
    expect(await violations(page)).toEqual([]);
  });
}

async function violations(page) {
  const { violations: found } = await new AxeBuilder({ page }).analyze();
  return found.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 120)).join(' | ')}`);
}

// The values whose contrast with their card is below 7:1.
function contrasts(page) {
  return page.locator('.stat-value > span:not(.visually-hidden)').evaluateAll((values) => {
    const luminance = (colour) => {
      const channels = colour.match(/[\d.]+/g).slice(0, 3).map((channel) => {
        const share = channel / 255;
        return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
      });
      return 0.2126 * channels[0] + 0.7152 * channels[1] + 0.0722 * channels[2];
    };
    return values.flatMap((value) => {
      const [text, card] = [getComputedStyle(value).color, getComputedStyle(value.closest('.stat')).backgroundColor].map(luminance);
      const contrast = (Math.max(text, card) + 0.05) / (Math.min(text, card) + 0.05);
      return contrast < 7 ? [`${value.textContent}: ${contrast.toFixed(2)}`] : [];
    });
  });
}

test('everything is reachable by keyboard, with visible focus', async ({ page, hub }) => {
  await page.goto(hub.url);
  await untilLive(page);
  await fill(hub);
  await hub.publish('alert', { level: 'info', message: 'linked', url: 'https://x.example/' });
  await expect(page.locator('.alert')).toHaveCount(4);
  const wanted = await page.locator('button, summary, input, a, time[tabindex]').locator('visible=true').count();
  const reached = new Set();
  for (let n = 0; n < wanted + 5; n += 1) {
    await page.keyboard.press('Tab');
    const focused = await page.evaluate(() => {
      const element = document.activeElement;
      if (element === document.body || element === null) return null;
      // The slider's focus is outlined on the chart.
      const shown = element.matches('.slider') ? element.nextElementSibling : element;
      const style = getComputedStyle(shown);
      element.dataset.reached ??= String(Math.random());
      return { id: element.dataset.reached, seen: style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 1, html: element.outerHTML.slice(0, 80) };
    });
    if (focused === null) continue;
    expect(focused.seen, focused.html).toBe(true);
    reached.add(focused.id);
  }
  expect(reached.size).toBeGreaterThanOrEqual(wanted);
});

test('numbers arrive without animations', async ({ page, hub }) => {
  await page.goto(hub.url);
  await untilLive(page);
  await fill(hub);
  await expect(page.locator('.change').first()).toBeAttached();
  expect(await page.evaluate(() => document.getAnimations().length)).toBe(0);
});

test('there are no animations with reduced motion', async ({ page, hub }) => {
  // A token that never comes: the page goes on connecting.
  await page.route('**/token', () => {});
  await page.emulateMedia({ reducedMotion: 'reduce' });
  await page.goto(`${hub.url}/?token_url=${encodeURIComponent(`${hub.url}/token`)}`);
  await expect(page.locator('.connection-badge[data-state="connecting"]')).toBeVisible();
  const running = () => page.evaluate(() => document.getAnimations().length);
  expect(await running()).toBe(0);
  await page.emulateMedia({ reducedMotion: 'no-preference' });
  await expect.poll(running, 'without it there are').toBeGreaterThan(0);
});
