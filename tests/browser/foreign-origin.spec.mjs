// Attacks through a viewer's browser: a page of a foreign origin gets nothing from the hub,
// and nothing that a publisher or a layout says runs in the page.

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import config from './playwright.config.mjs';
import { Hub, dashboard, expect, fill, stat, test as base, untilLive } from './support/hub.mjs';

// A hub on a loopback address admits pages of loopback addresses: this name is of none.
const FOREIGN = 'evil.example';

const { launchOptions } = config.use;
base.use({
  launchOptions: { ...launchOptions, args: [...launchOptions.args, `--host-resolver-rules=MAP ${FOREIGN} 127.0.0.1`] },
});

// The address of a page of a foreign origin; it frames the address in its query.
const test = base.extend({
  foreign: async ({}, use) => {
    const server = createServer(({ url }, response) => {
      const framed = new URL(url, 'http://x').searchParams.get('frame');
      const frame = framed ? `<iframe src="${framed}"></iframe>` : '';
      response.writeHead(200, { 'content-type': 'text/html' }).end(`<title>foreign</title>${frame}`);
    });
    await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
    await use(`http://${FOREIGN}:${server.address().port}/`);
    server.closeAllConnections();
    server.close();
  },
});

// What a script of a page gets from a hub: `opened` by a WebSocket, the texts of answers, and
// which of them it could run as scripts.
async function plunder({ hub, token }) {
  const opened = await new Promise((resolve) => {
    const socket = new WebSocket(`${hub.replace('http', 'ws')}/v1?token=${token}`);
    socket.onopen = () => resolve(true);
    socket.onclose = () => resolve(false);
  });
  const texts = {};
  const scripts = [];
  for (const [method, path, body] of [
    ['POST', '/live-dashboard', '{}'],
    ['POST', '/connection/listMessages', '{}'],
    ['POST', '/publish', '{"channel":"dashboard","event":"alert","data":{"message":"from a page"}}'],
    ['GET', '/dashboards'],
    ['GET', '/channels/dashboard'],
    ['GET', '/metrics'],
    ['GET', '/'],
  ]) {
    for (const mode of ['cors', 'no-cors']) {
      const text = await fetch(hub + path, { method, body, mode, credentials: 'include' }).then((answer) => answer.text(), () => '');
      if (text !== '') texts[`${mode} ${path}`] = text;
    }
    if (method === 'POST') continue;
    await new Promise((resolve) => {
      const script = Object.assign(document.createElement('script'), { src: hub + path, onerror: resolve });
      script.onload = () => resolve(scripts.push(path));
      document.head.append(script);
    });
  }
  return { opened, texts, scripts };
}

test('a page of a foreign origin gets neither messages nor tokens', async ({ page, hub, foreign }) => {
  await fill(hub, {}, 60);
  // A token that it may have from elsewhere.
  const answer = await fetch(`${hub.url}/live-dashboard`, { method: 'POST', body: '{}' });
  const stolen = { hub: hub.url, token: (await answer.json()).token };
  await page.goto(foreign);
  expect(await page.evaluate(plunder, stolen)).toEqual({ opened: false, texts: {}, scripts: [] });

  // The hub's own page gets all of it by the same requests.
  await page.goto(hub.url);
  const own = await page.evaluate(plunder, stolen);
  expect(own.opened).toBe(true);
  expect(JSON.parse(own.texts['cors /live-dashboard']).token).toBeTruthy();
  expect(own.texts['cors /']).toContain('<div id="main">');
  await untilLive(page);
  await expect(page.locator('.alert'), 'nothing was published').toHaveCount(3);
});

test('a name that an attacker resolves to the hub is not one of the hub\'s', async ({ page, hub }) => {
  const rebound = `http://${FOREIGN}:${new URL(hub.url).port}`;
  expect((await page.goto(rebound)).status()).toBe(421);
  await expect(dashboard(page)).toHaveCount(0);
  const status = await page.evaluate(async () => (await fetch('/live-dashboard', { method: 'POST', body: '{}' })).status);
  expect(status).toBe(421);
});

test('a page of a foreign origin cannot frame the hub\'s', async ({ page, hub, foreign }) => {
  await page.goto(`${foreign}?frame=${encodeURIComponent(hub.url)}`);
  await expect.poll(() => page.frames().some((frame) => frame.url().startsWith('chrome-error:'))).toBe(true);
  expect(await hub.subscriptions()).toBe(0);
});

test('a page of a foreign origin that opens the hub\'s can neither read nor change it', async ({ page, hub, foreign }) => {
  await page.context().addInitScript(() => {
    globalThis.heard = [];
    addEventListener('message', ({ data }) => globalThis.heard.push(data));
  });
  await page.goto(foreign);
  const opening = page.waitForEvent('popup');
  await page.evaluate((url) => { globalThis.opened = open(url); }, `${hub.url}/?theme=light`);
  const opened = await opening;
  await untilLive(opened);
  const readable = await page.evaluate(() => {
    globalThis.opened.postMessage({ type: 'theme-change', theme: 'dark' }, '*');
    return ['document', 'localStorage', 'heard'].filter((name) => {
      try {
        return globalThis.opened[name] !== undefined;
      } catch {
        return false;
      }
    });
  });
  expect(readable).toEqual([]);
  await expect.poll(() => opened.evaluate(() => globalThis.heard.length)).toBe(1);
  // The page has drawn what came after the message.
  await hub.publish('stats-update', { activeUsers: 5 });
  await expect(stat(opened, 'activeUsers').locator('.stat-value')).toHaveText('5');
  await expect(dashboard(opened)).toHaveAttribute('data-theme', 'light');
  expect(await page.evaluate(() => globalThis.heard)).toEqual([]);
});

// Markup that would run if it was not text, with the name of its place.
const markup = (place) => `</script><img src=x onerror=globalThis.ran=1><b>${place}</b>`;
// Addresses that would run if they were links, or lead to a page that looks like one's own.
const ADDRESSES = ['javascript:globalThis.ran=1', ' JavaScript:globalThis.ran=1', 'java\tscript:globalThis.ran=1', 'data:text/html,<script>1</script>'];

const LAYOUT = {
  title: markup('title'),
  note: markup('note'),
  channel: 'dashboard',
  row: { title: markup('section') },
  stat: { key: 'users', label: markup('card'), unit: markup('unit of a card') },
  gauge: { title: markup('gauge'), key: 'load', unit: markup('unit of a gauge') },
  table: { title: markup('table'), key: 'rows' },
  list: { title: markup('list'), key: 'sizes' },
  status: { title: markup('status'), items: [{ key: 'state', label: markup('tile') }] },
  timeline: { title: markup('timeline'), items: [{ key: 'state', label: markup('line') }] },
  text: {
    title: markup('text'),
    text: [`# ${markup('heading')}`, ...ADDRESSES.map((address) => `[link](${address})`), '[link](http://x.example/"onmouseover="globalThis.ran=1)'].join('\n\n'),
  },
  chart: { title: markup('chart'), series: [{ key: 'requests', label: markup('series') }] },
  clock: { title: markup('clock') },
  alerts: { title: markup('alerts') },
};
const STATS = {
  users: 1284,
  load: 82,
  rows: [{ [markup('column')]: markup('cell') }],
  sizes: { [markup('entry')]: 5 },
  state: markup('state'),
};
// A notice tells the beginning of an unknown level.
const LEVEL = '<img src=. onerror=r=1>';
const ALERTS = ADDRESSES.map((url, n) => ({ level: LEVEL, message: markup(`alert ${n}`), url }));
// The names of all places whose text the page shows for as long as it is there.
const PLACES = JSON.stringify([LAYOUT, STATS, ALERTS]).match(/(?<=<b>).*?(?=<)/g);

const toml = (layout) => Object.entries(layout).map(([key, value]) => {
  if (typeof value === 'string') return `${key} = ${JSON.stringify(value)}\n`;
  const entries = Object.entries(value).map(([name, entry]) => {
    const list = Array.isArray(entry) && entry.map((item) => `{ key = ${JSON.stringify(item.key)}, label = ${JSON.stringify(item.label)} }`);
    return `${name} = ${list ? `[${list}]` : JSON.stringify(entry)}\n`;
  });
  return `[[${key}]]\n${entries.join('')}`;
}).join('');

// What of the page is not text.
const alive = (page) => page.evaluate(() => [
  ...document.querySelectorAll('img, b, iframe, object, embed, form'),
  ...[...document.querySelectorAll('*')].filter(({ attributes }) => [...attributes].some(({ name }) => name.startsWith('on'))),
  ...[...document.links].filter(({ protocol }) => !['http:', 'https:'].includes(protocol)),
].map(({ outerHTML }) => outerHTML.slice(0, 200)));

// A hub with the layout and the messages.
const hostile = test.extend({
  hub: async ({}, use) => {
    const directory = await mkdtemp(join(tmpdir(), 'live-dashboard-layouts-'));
    await writeFile(join(directory, 'default.toml'), toml(LAYOUT));
    const hub = await Hub.start({ flags: ['--dashboards', directory] });
    await hub.store('stats-update', STATS);
    await hub.store('chart-data', { timestamp: Math.floor(Date.now() / 1000), requests: 5 });
    for (const alert of ALERTS) await hub.store('alert', alert);
    await use(hub);
    await hub.stop();
    await rm(directory, { recursive: true });
  },
});

async function expectTexts(page) {
  const text = await page.locator('body').evaluate((body) => body.textContent);
  expect(PLACES.filter((place) => !text.includes(markup(place))), 'shown as text').toEqual([]);
  expect(await alive(page)).toEqual([]);
}

hostile('markup and addresses in texts stay texts in the drawn page', async ({ browser, hub }) => {
  const context = await browser.newContext({ javaScriptEnabled: false });
  const page = await context.newPage();
  await expect(async () => {
    await page.goto(hub.url);
    await expect(page.locator('.alert')).toHaveCount(ALERTS.length, { timeout: 1000 });
  }).toPass();
  await expectTexts(page);
  await context.close();
});

// A page at the second address is not drawn.
for (const path of ['/', '/index.html']) {
  hostile(`markup and addresses in texts stay texts in the live page at ${path}`, async ({ page, hub }) => {
    await page.addInitScript(() => {
      globalThis.violations = [];
      addEventListener('securitypolicyviolation', ({ violatedDirective }) => globalThis.violations.push(violatedDirective));
    });
    await page.goto(hub.url + path);
    await untilLive(page);
    await expect(page.locator('.alert')).toHaveCount(ALERTS.length);
    await hub.publish('stats-update', STATS);
    await hub.publish('alert', { level: LEVEL, message: 'live' });
    await expect(page.locator('.unshown')).toContainText(LEVEL);
    await expectTexts(page);
    await expect(page).toHaveTitle(new RegExp('<b>title</b>'));

    // The layout in a message is checked by no hub.
    const panel = (link, n) => ({ key: `k${n}`, label: `Card ${n}`, title: `Panel ${n}`, link, series: [{ key: 'requests' }] });
    const panels = [...ADDRESSES, 'https://wiki.example/'].map(panel);
    for (const [kind, shown, linked] of [
      ['stat', panels, ['https://wiki.example/']],
      ['chart', panels, ['https://wiki.example/']],
      ['gauge', panels, ['https://wiki.example/']],
      ['alerts', panels.slice(0, 1), []],
    ]) {
      await hub.publish('live-dashboard.layout', { title: kind, [kind]: shown, row: [{ panels: shown.map((_, n) => `${kind}.${n}`) }] });
      await expect(page.getByRole('heading', { level: 1 })).toHaveText(kind);
      expect(await page.evaluate(() => [...document.links].map(({ href }) => href)), kind).toEqual(linked);
    }
    expect(await page.evaluate(() => [globalThis.ran, globalThis.violations])).toEqual([undefined, []]);
  });
}
