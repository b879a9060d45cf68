// The page that takes over what the hub drew into it.

import { dashboard, expect, fill, openDrawn, stat, test, untilLive } from './support/hub.mjs';

// Holds the page's code back, so that what was drawn can be looked at; returns a function
// that lets it through.
async function hold(page) {
  let release;
  const held = new Promise((resolve) => {
    release = resolve;
  });
  await page.route('**/*.wasm', async (route) => {
    await held;
    await route.continue();
  });
  return release;
}

// The drawn page, with its code held back.
async function open(page, hub, query = '') {
  await fill(hub, {}, 3600);
  const release = await hold(page);
  await openDrawn(page, `${hub.url}/${query}`);
  await expect(stat(page, 'activeUsers')).toContainText('1,284');
  await expect(dashboard(page)).toHaveAttribute('data-connection', 'connecting');
  return release;
}

test('nodes, selection and focus stay, and nothing moves', async ({ page, hub, watched }) => {
  const release = await open(page, hub);
  await page.evaluate(() => {
    const value = document.querySelector('[data-stat="activeUsers"] .stat-value');
    getSelection().selectAllChildren(value);
    document.querySelector('summary').focus();
    window.drawn = [...document.querySelectorAll('#main *')];
    window.rewritten = [];
    new MutationObserver((records) => {
      for (const { type, target, attributeName, oldValue, addedNodes, removedNodes } of records) {
        const value = type === 'attributes' ? target.getAttribute(attributeName) : target.data;
        const same = type !== 'childList' && value === oldValue;
        // HTML has no empty texts: they get their nodes now.
        const drawn = [...addedNodes, ...removedNodes].some((node) => node.data !== '');
        const card = target.parentElement?.closest('.stat');
        if (same || (drawn && card)) window.rewritten.push(`${type} ${value}`);
      }
    }).observe(document.getElementById('main'), {
      subtree: true,
      childList: true,
      attributes: true,
      attributeOldValue: true,
      characterData: true,
      characterDataOldValue: true,
    });
    window.shift = 0;
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) window.shift += entry.value;
    }).observe({ type: 'layout-shift', buffered: true });
  });
  release();
  await untilLive(page);
  const after = await page.evaluate(() => ({
    selected: String(getSelection()).trim(),
    focused: document.activeElement.localName,
    gone: window.drawn.filter((node) => !node.isConnected && !node.closest('.connection-badge')).length,
    rewritten: window.rewritten,
    shift: window.shift,
  }));
  expect(after).toEqual({ selected: '1,284', focused: 'summary', gone: 0, rewritten: [], shift: 0 });
  expect(watched.errors).toEqual([]);
});

test('the taken-over page is live and works', async ({ page, hub, watched }) => {
  const release = await open(page, hub);
  release();
  await untilLive(page);
  await hub.store('stats-update', { activeUsers: 9001 });
  await expect(stat(page, 'activeUsers')).toContainText('9,001');
  await page.getByRole('button', { name: 'Errors' }).click();
  await expect(page.locator('.alerts')).toContainText('Error rate above 5%');
  await expect(page.locator('.alerts')).not.toContainText('Latency spike detected');
  await page.locator('summary', { hasText: 'Data table' }).click();
  await expect(page.locator('.data-rows tbody tr')).toHaveCount(20);
  expect(watched.errors).toEqual([]);
});

test('it connects while its code is loading, once', async ({ page, hub, watched }) => {
  const release = await open(page, hub);
  await expect.poll(() => hub.subscriptions()).toBe(1);
  await hub.publish('stats-update', { activeUsers: 7777 });
  release();
  await untilLive(page);
  await expect(stat(page, 'activeUsers')).toContainText('7,777');
  expect(await hub.subscriptions()).toBe(1);
  await page.goto('about:blank');
  await expect.poll(() => hub.subscriptions()).toBe(0);
  expect(watched.errors).toEqual([]);
});

test('it tells that it is connected while its code is loading', async ({ page, hub, watched }) => {
  const release = await open(page, hub);
  const badge = page.locator('.connection-badge');
  await expect(badge).toHaveText('Connected');
  // As it looks to the viewer: without the marks of the drawing.
  const look = () => badge.evaluate((element) => {
    const copy = element.cloneNode(true);
    for (const marked of [copy, ...copy.querySelectorAll('*')]) marked.removeAttribute('data-node-hydration');
    return copy.outerHTML.replace(/<!--.*?-->/g, '');
  });
  const early = await look();
  await page.evaluate(() => {
    window.words = new Set();
    const note = () => {
      window.words.add(document.querySelector('.connection-badge').textContent);
      requestAnimationFrame(note);
    };
    note();
  });
  release();
  await untilLive(page);
  expect(await page.evaluate(() => [...window.words])).toEqual(['Connected']);
  expect(await look()).toBe(early);
  expect(watched.errors).toEqual([]);
});

test('it tells that it is no longer connected while its code is loading', async ({ page, hub }) => {
  await open(page, hub);
  const badge = page.locator('.connection-badge');
  await expect(badge).toHaveText('Connected');
  await hub.kill();
  await expect(badge).toHaveText('Connecting');
  await expect(badge).toHaveAttribute('data-state', 'connecting');
});

test('it connects with the token in the page and fetches only what is newer', async ({ page, hub, watched }) => {
  const release = await open(page, hub);
  await hub.store('alert', { level: 'error', message: 'While the page was loading' });
  const requests = [];
  page.on('request', (request) => requests.push(`${new URL(request.url()).pathname} ${request.postData()}`));
  release();
  await untilLive(page);
  await expect(page.locator('.alerts')).toContainText('While the page was loading');
  expect(requests.filter((request) => request.startsWith('/live-dashboard '))).toEqual([]);
  const first = requests.find((request) => request.startsWith('/connection/listMessages'));
  expect(first).toContain('"after":');
  expect(watched.errors).toEqual([]);
});

test('a wall is taken over too', async ({ page, hub, watched }) => {
  const release = await open(page, hub, '?kiosk=1');
  const main = await dashboard(page).elementHandle();
  release();
  await untilLive(page);
  expect(await main.evaluate((node) => node.isConnected)).toBe(true);
  expect(watched.errors).toEqual([]);
});

for (const [what, change] of [
  ['a node is missing', () => document.querySelector('h1').remove()],
  ['a node is another', () => {
    const [title, other] = [document.querySelector('h1'), document.createElement('h2')];
    other.dataset.nodeHydration = title.dataset.nodeHydration;
    title.replaceWith(other);
  }],
  ['the marks are gone', () => {
    for (const node of document.querySelectorAll('[data-node-hydration]')) {
      node.removeAttribute('data-node-hydration');
    }
  }],
]) {
  test(`a drawing that does not fit is replaced: ${what}`, async ({ page, hub, watched }) => {
    const release = await open(page, hub);
    await page.evaluate(change);
    release();
    await untilLive(page);
    await expect(page.locator('h1')).toHaveCount(1);
    await expect(dashboard(page)).toHaveCount(1);
    await expect(stat(page, 'activeUsers')).toContainText('1,284');
    expect(watched.errors).toEqual([]);
  });
}
