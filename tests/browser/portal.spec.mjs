// Dashboards inside a portal of another origin, with a strict Content-Security-Policy.

import { Hub, expect, fill, stat, test as base } from './support/hub.mjs';
import { Nginx, USER, freePort } from './support/nginx.mjs';
import { Portal, framed, messageOf, test } from './support/portal.mjs';

const ALL = ['#operations', '#errors', '#alerts'];

async function open(page, portal) {
  await page.goto(portal.url);
  for (const element of ALL) await untilLive(page, element);
}

const untilLive = (page, element) => expect(framed(page, element)).toHaveAttribute('data-connection', 'live');

const frameOf = (page, element) => page.frameLocator(`${element} iframe`);

// Waits until the frame is as high as its content; returns the height.
async function height(page, element) {
  let height;
  // Frames outside of the viewport are not laid out.
  await page.locator(element).scrollIntoViewIfNeeded();
  await expect(async () => {
    const content = await framed(page, element).evaluate((main) => main.getBoundingClientRect().height);
    height = await page.locator(`${element} iframe`).evaluate((frame) => frame.getBoundingClientRect().height);
    expect(Math.abs(height - content)).toBeLessThanOrEqual(1);
  }).toPass();
  return height;
}

// The whole portal; frames outside of the viewport are not painted.
async function picture(page, info, name) {
  const { width } = page.viewportSize();
  await page.setViewportSize({ width, height: await page.evaluate(() => document.documentElement.scrollHeight) });
  await page.screenshot({ path: info.outputPath(`${name}.png`) });
}

const style = (page, element, property) =>
  framed(page, element).evaluate((main, name) => getComputedStyle(main)[name], property);

// Changes the first dashboard's attributes; `null` removes one.
const change = (page, attributes) => page.locator('#operations').evaluate((element, all) => {
  for (const [name, value] of Object.entries(all)) {
    if (value === null) element.removeAttribute(name);
    else element.setAttribute(name, value);
  }
}, attributes);

test('dashboards have the height of their content, and the portal\'s looks', async ({ page, hub, portal, watched }, info) => {
  await page.setViewportSize({ width: 1400, height: 900 });
  await fill(hub, { errorRate: 0.062 }, 3600);
  await open(page, portal);
  await expect(frameOf(page, '#alerts').locator('.alert')).toHaveCount(3);
  for (const element of ALL) {
    expect(await height(page, element)).toBeGreaterThan(80);
    const [wider, overflow] = await framed(page, element).evaluate(({ ownerDocument: { documentElement } }) =>
      [documentElement.scrollWidth - documentElement.clientWidth, getComputedStyle(documentElement).overflowY]);
    expect(wider).toBe(0);
    expect(overflow, 'no scrollbar while it grows').toBe('hidden');
  }
  await picture(page, info, 'light');
  expect(await style(page, '#operations', 'backgroundColor')).toBe('rgb(251, 247, 240)');
  expect(await style(page, '#operations', 'fontFamily')).toContain('Georgia');
  await page.getByRole('button', { name: 'Dark' }).click();
  for (const element of ALL) await expect(framed(page, element)).toHaveAttribute('data-theme', 'dark');
  // Of another scheme than its element, a frame would not be transparent.
  expect(await framed(page, '#errors').evaluate(({ ownerDocument }) => getComputedStyle(ownerDocument.documentElement).colorScheme)).toBe('dark');
  await expect.poll(() => style(page, '#operations', 'backgroundColor')).toBe('rgb(27, 22, 17)');
  await picture(page, info, 'dark');
  await page.setViewportSize({ width: 360, height: 800 });
  for (const element of ALL) await height(page, element);
  await picture(page, info, 'phone');
  expect(watched.errors).toEqual([]);
});

test('on the next visit nothing moves', async ({ page, hub, portal }) => {
  await fill(hub, {}, 3600);
  await open(page, portal);
  await expect(frameOf(page, '#alerts').locator('.alert')).toHaveCount(3);
  for (const element of ALL) await height(page, element);
  await page.addInitScript(() => {
    window.shifts = [];
    // Before, the portal's own style decides how much room there is.
    customElements.whenDefined('live-dashboard').then(() => requestAnimationFrame(() => requestAnimationFrame(() => {
      new PerformanceObserver((list) => {
        for (const { value, sources } of list.getEntries()) {
          const moved = sources.map(({ node, previousRect, currentRect }) =>
            `${node?.id || node?.nodeName}: ${previousRect.y} to ${currentRect.y}, ${previousRect.height} to ${currentRect.height}`);
          window.shifts.push({ value, moved });
        }
      }).observe({ type: 'layout-shift' });
    })));
  });
  await open(page, portal);
  await expect(frameOf(page, '#alerts').locator('.alert')).toHaveCount(3);
  for (const element of ALL) await height(page, element);
  expect(await page.evaluate(() => window.shifts)).toEqual([]);
});

test('the height follows the content both ways', async ({ page, hub, portal }) => {
  await open(page, portal);
  const before = await height(page, '#alerts');
  for (let n = 0; n < 5; n += 1) await hub.publish('alert', { level: 'info', message: `Alert ${n}`, key: `${n}` });
  await expect(frameOf(page, '#alerts').locator('.alert')).toHaveCount(5);
  const full = await height(page, '#alerts');
  expect(full).toBeGreaterThan(before + 100);
  // A wider frame needs less height, and gets no more than that.
  await page.locator('#operations').evaluate((element) => { element.style.width = '340px'; });
  await expect.poll(() => framed(page, '#operations').evaluate((main) => main.clientWidth)).toBe(340);
  const narrow = await height(page, '#operations');
  await page.locator('#operations').evaluate((element) => { element.style.width = ''; });
  await expect.poll(() => framed(page, '#operations').evaluate((main) => main.clientWidth)).toBeGreaterThan(340);
  expect(await height(page, '#operations')).toBeLessThan(narrow);
});

test('an unknown dashboard is not found, and no list of the others is in its place', async ({ page, hub, portal }) => {
  await open(page, portal);
  await change(page, { dashboard: 'nope' });
  await expect(page.locator('#operations')).toHaveAttribute('data-state', 'not-found');
  const frame = frameOf(page, '#operations');
  await expect(frame.getByRole('alert')).toHaveText('No dashboard named nope');
  await expect(frame.locator('.index, .top').filter({ visible: true })).toHaveCount(0);
});

test('one panel alone', async ({ page, hub, portal }, info) => {
  await fill(hub, {}, 3600);
  await open(page, portal);
  const errors = frameOf(page, '#errors');
  await expect(errors.locator('.stat')).toHaveCount(1);
  await expect(errors.locator('.stat')).toContainText('2.0%');
  await expect(errors.locator('.top')).toBeHidden();
  await expect(errors.locator('.state')).toBeHidden();
  await expect(errors.locator('.panel')).toHaveCount(0);
  expect(await style(page, '#errors', 'backgroundColor'), 'that of the portal').toBe('rgba(0, 0, 0, 0)');
  await expect(frameOf(page, '#alerts').locator('.alert')).toHaveCount(3);
  await expect(frameOf(page, '#alerts').locator('.stat')).toHaveCount(0);
  await change(page, { panel: 'requests' });
  await expect(frameOf(page, '#operations').locator('.chart')).toHaveCount(1);
  await expect(frameOf(page, '#operations').locator('.stat')).toHaveCount(0);
  await untilLive(page, '#operations');
  await height(page, '#operations');
  await picture(page, info, 'panels');
  await change(page, { panel: 'nonsense' });
  await expect(framed(page, '#operations')).toContainText('has no panel “nonsense”');
});

test('attributes change the dashboard while it runs', async ({ page, hub, portal, watched }, info) => {
  await fill(hub, {}, 3600);
  await open(page, portal);
  const entries = await page.evaluate(() => history.length);
  const main = await framed(page, '#operations').elementHandle();
  await change(page, { theme: 'dark' });
  await expect(framed(page, '#operations')).toHaveAttribute('data-theme', 'dark');
  await expect(framed(page, '#errors')).toHaveAttribute('data-theme', 'light');
  await change(page, { range: '1h' });
  const pressed = (name) => frameOf(page, '#operations').getByRole('button', { name, exact: true });
  await expect(pressed('1 h')).toHaveAttribute('aria-pressed', 'true');
  await pressed('5 min').click();
  await change(page, { theme: 'light' });
  await expect(framed(page, '#operations')).toHaveAttribute('data-theme', 'light');
  expect(await main.evaluate((node) => node.isConnected), 'without loading it again').toBe(true);
  await change(page, { compact: '' });
  await expect(framed(page, '#operations')).toHaveAttribute('data-compact', 'true');
  await untilLive(page, '#operations');
  await expect(frameOf(page, '#operations').locator('.top')).toBeHidden();
  await page.setViewportSize({ width: 320, height: 800 });
  await height(page, '#operations');
  await picture(page, info, 'compact');
  await change(page, { compact: null, dashboard: 'none-such' });
  await expect(framed(page, '#operations').or(messageOf(page, '#operations'))).toContainText('none-such');
  await change(page, { dashboard: 'default' });
  await untilLive(page, '#operations');
  expect(await page.evaluate(() => history.length)).toBe(entries);
  await expect.poll(() => hub.subscriptions()).toBe(3);
  expect(watched.errors).toEqual([]);
});

test('removed, it closes its connection; put back, it is live again', async ({ page, hub, portal }) => {
  await open(page, portal);
  await expect.poll(() => hub.subscriptions()).toBe(3);
  const element = await page.evaluateHandle(() => document.querySelector('#operations'));
  await element.evaluate((node) => node.remove());
  await expect.poll(() => hub.subscriptions()).toBe(2);
  await element.evaluate((node) => document.querySelector('section').prepend(node));
  await untilLive(page, '#operations');
  await expect.poll(() => hub.subscriptions()).toBe(3);
});

test('the portal shows the state, also while the hub is away', async ({ page, hub, portal, hubFlags }, info) => {
  await fill(hub, { avgLatency: 45 }, 3600);
  await open(page, portal);
  const badge = page.locator('#badge');
  await hub.publish('alert', { level: 'error', message: 'Disk full', key: 'disk', status: 'firing' });
  await expect(badge).toHaveText('Critical');
  await expect(page.locator('#operations')).toHaveAttribute('data-state', 'critical');
  await hub.kill();
  await expect(badge).toHaveText('Disconnected');
  await expect(frameOf(page, '#errors').locator('.notice')).toBeVisible();
  await picture(page, info, 'gone');
  await hub.start({ flags: ['--allowed-origin', portal.url, ...hubFlags] });
  await expect(badge).not.toHaveText('Disconnected', { timeout: 30_000 });
  await untilLive(page, '#operations');
});

test('without scripts, and before the element is defined, there is a link', async ({ browser, page, hub, portal }) => {
  const context = await browser.newContext({ javaScriptEnabled: false });
  const still = await context.newPage();
  await still.goto(portal.url);
  const link = (where) => where.getByRole('link', { name: 'Dashboard of operations' });
  await expect(link(still)).toBeVisible();
  await expect(link(still)).toHaveAttribute('href', `${hub.url}/?dashboard=default`);
  await context.close();
  await page.route('**/embed.js', (route) => route.abort());
  await page.goto(portal.url);
  await expect(link(page)).toBeVisible();
});

test('it says that the hub is away, and shows the dashboard when it is back', async ({ page, hub, portal, hubFlags }, info) => {
  // The script is in the browser's cache.
  await open(page, portal);
  const script = await (await fetch(`${hub.url}/embed.js`)).text();
  await page.route('**/embed.js', (route) => route.fulfill({ contentType: 'text/javascript', body: script }));
  await hub.kill();
  await page.goto(portal.url);
  await expect(messageOf(page, '#operations')).toContainText(`The hub at ${hub.url} cannot be reached`);
  await expect(page.locator('#operations')).toHaveAttribute('data-state', 'unreachable');
  await expect(page.locator('#operations iframe')).toBeHidden();
  await picture(page, info, 'away');
  await hub.start({ flags: ['--allowed-origin', portal.url, ...hubFlags] });
  await expect(framed(page, '#operations')).toHaveAttribute('data-connection', 'live', { timeout: 40_000 });
  await expect(messageOf(page, '#operations')).toBeHidden();
});

test('it says that the hub does not allow the portal\'s origin', async ({ page, hub }, info) => {
  const stranger = await Portal.start(() => hub.url, 'stranger.example');
  await page.goto(stranger.url);
  await expect(messageOf(page, '#operations')).toContainText(`needs --allowed-origin ${stranger.url}`);
  await expect(page.locator('#operations')).toHaveAttribute('data-state', 'not-allowed');
  await picture(page, info, 'not-allowed');
  expect(await hub.subscriptions()).toBe(0);
  stranger.stop();
});

test('it says that the portal\'s own policy forbids the frame', async ({ page, hub, portal }) => {
  portal.routes['/strict'] = async (_, response) => {
    const text = await portal.read('index.html');
    response.writeHead(200, { 'content-type': 'text/html' }).end(text.replace(`frame-src 'self' ${hub.url};`, 'frame-src https://other.example;'));
  };
  await page.goto(`${portal.url}/strict`);
  await expect(messageOf(page, '#operations')).toContainText(`must have frame-src ${hub.url}`);
});

test.describe('if the hub refuses viewers', () => {
  test.use({ hubFlags: ['--viewer-access', 'off'] });

  test('it says so in place of an empty dashboard', async ({ page, hub, portal }, info) => {
    await page.goto(portal.url);
    await expect(messageOf(page, '#operations')).toContainText('The hub refused this dashboard: this hub issues no tokens');
    await expect(page.locator('#operations iframe')).toBeHidden();
    await expect(messageOf(page, '#operations').getByRole('link')).toHaveAttribute('href', new RegExp(`^${hub.url}/\\?`));
    await picture(page, info, 'refused');
  });
});

test.describe('tokens from a portal that signs its users in', () => {
  test.use({ hubFlags: ['--viewer-access', 'proxy-header:x-forwarded-user', '--trusted-proxy', '127.0.0.1', '--connection-lifetime', '12s'] });

  // The portal's endpoint: it asks the hub in the name of its user.
  function issueTokens(portal, hub) {
    const issued = [];
    portal.routes['/token'] = async (request, response) => {
      const user = request.headers.cookie?.match(/session=(\w+)/)?.[1];
      let body = '';
      for await (const part of request) body += part;
      if (request.method !== 'POST' || user !== 'alice') {
        response.writeHead(401, { 'content-type': 'application/json' });
        return response.end('{"error":{"code":"SIGNED_OUT","message":"Your session has ended."}}');
      }
      const answer = await fetch(`${hub.url}/live-dashboard`, {
        method: 'POST', headers: { 'x-forwarded-user': user }, body,
      });
      issued.push(JSON.parse(body).dashboard);
      response.writeHead(answer.status, { 'content-type': 'application/json' }).end(await answer.text());
    };
    return issued;
  }

  // Only the first dashboard, with these attributes.
  async function openOne(page, portal, attributes) {
    await page.addInitScript((all) => {
      if (top === self) document.addEventListener('DOMContentLoaded', () => {
        document.querySelector('aside').remove();
        const element = document.querySelector('#operations');
        for (const [name, value] of Object.entries(all)) element.setAttribute(name, value);
      });
    }, attributes);
    await page.context().clearCookies();
    await page.context().addCookies([{ name: 'session', value: 'alice', url: portal.url }]);
    await page.goto(portal.url);
  }

  test('from its endpoint, renewed silently; a refusal is told', async ({ page, hub, portal, watched }) => {
    const issued = issueTokens(portal, hub);
    await openOne(page, portal, { 'token-url': '/token' });
    await untilLive(page, '#operations');
    expect(issued[0]).toBe('default');
    // Chromium blocks it here, and cookies: the frame is a third party's.
    const storage = await framed(page, '#operations').evaluate(() => {
      try {
        return typeof localStorage;
      } catch ({ name }) {
        return name;
      }
    });
    expect(storage).toBe('SecurityError');
    await page.locator('#operations').evaluate((element) => {
      window.states = [];
      element.addEventListener('live-dashboard:state', ({ detail }) => window.states.push(detail.connection));
    });
    await expect.poll(() => issued.length, { timeout: 30_000 }).toBeGreaterThan(2);
    expect(await page.evaluate(() => window.states.filter((state) => state !== 'live'))).toEqual([]);
    expect((await page.context().cookies(hub.url)).filter(({ domain }) => domain === '127.0.0.1')).toEqual([]);
    expect(watched.errors).toEqual([]);
    await page.context().clearCookies();
    await expect(messageOf(page, '#operations')).toContainText('Your session has ended.', { timeout: 30_000 });
  });

  test('an endpoint that fails is told, and asked again', async ({ page, hub, portal }) => {
    await openOne(page, portal, { 'token-url': 'http://nowhere.example/token' });
    await expect(frameOf(page, '#operations').locator('.notice')).toContainText('the page around this one has no token: Failed to fetch');
    issueTokens(portal, hub);
    await change(page, { 'token-url': '/token' });
    await untilLive(page, '#operations');
  });

  test('handed over by the page', async ({ page, hub, portal, watched }) => {
    issueTokens(portal, hub);
    await page.addInitScript(() => document.addEventListener('DOMContentLoaded', () => {
      const element = document.querySelector('#operations');
      if (element) element.tokens = async ({ dashboard }) => (await fetch('/token', { method: 'POST', body: JSON.stringify({ dashboard }) })).json();
    }));
    await openOne(page, portal, {});
    await untilLive(page, '#operations');
    expect(watched.errors).toEqual([]);
  });

  test('handed over to a plain frame', async ({ page, hub, portal }) => {
    issueTokens(portal, hub);
    await openOne(page, portal, {});
    await page.evaluate((address) => {
      const frame = Object.assign(document.createElement('iframe'), { id: 'plain', src: address });
      addEventListener('message', async ({ source, data, ports }) => {
        if (source !== frame.contentWindow || data.type !== 'token-request') return;
        const answer = await fetch('/token', { method: 'POST', body: JSON.stringify({ dashboard: data.dashboard }) });
        ports[0].postMessage({ type: 'token', ...await answer.json() });
      });
      document.querySelector('section').replaceChildren(frame);
    }, `${hub.url}/?tokens=parent`);
    await expect(page.frameLocator('#plain').locator('main.live-dashboard')).toHaveAttribute('data-connection', 'live');
  });
});

test('messages of other windows change nothing', async ({ page, hub, portal }) => {
  await open(page, portal);
  const before = await height(page, '#operations');
  const foreign = await page.context().newPage();
  await foreign.route('http://foreign.example/', (route) => route.fulfill({ contentType: 'text/html', body: '<p>foreign</p>' }));
  await foreign.goto('http://foreign.example/');
  const [popup] = await Promise.all([
    foreign.context().waitForEvent('page'),
    foreign.evaluate((url) => { window.portal = open(url); }, portal.url),
  ]);
  for (const element of ALL) await untilLive(popup, element);
  await height(popup, '#operations');
  // Other windows reach no frame inside of an element, but this one.
  await popup.evaluate((src) => {
    document.querySelector('section').append(Object.assign(document.createElement('iframe'), { id: 'plain', src }));
  }, `${hub.url}/?theme=light`);
  const plain = popup.frameLocator('#plain').locator('main.live-dashboard');
  await expect(plain).toHaveAttribute('data-connection', 'live');
  const ground = () => plain.evaluate((main) => getComputedStyle(main).backgroundColor);
  const own = await ground();
  const reached = await foreign.evaluate(() => {
    for (let n = 0; n < window.portal.length; n += 1) {
      window.portal[n].postMessage({ type: 'theme-change', theme: 'dark' }, '*');
      window.portal[n].postMessage({ type: 'live-dashboard:settings', range: '1h', style: { ground: 'red' } }, '*');
    }
    window.portal.postMessage({ type: 'live-dashboard:height', height: 7 }, '*');
    window.portal.postMessage({ type: 'live-dashboard:state', state: 'ok', connection: 'refused', reason: 'x' }, '*');
    return window.portal.length;
  });
  expect(reached).toBe(1);
  // Something that happens later.
  await hub.publish('stats-update', { activeUsers: 7 });
  for (const frame of ['#operations iframe', '#plain']) {
    await expect(stat(popup.frameLocator(frame), 'activeUsers')).toContainText('7');
  }
  await expect(plain).toHaveAttribute('data-theme', 'light');
  expect(await ground()).toBe(own);
  await expect(plain.getByRole('button', { name: '1 h', exact: true })).toHaveAttribute('aria-pressed', 'false');
  expect(await height(popup, '#operations')).toBe(before);
  await expect(messageOf(popup, '#operations')).toBeHidden();
});

test('a frame that leads elsewhere is not listened to', async ({ page, hub, portal }) => {
  await page.route('http://foreign.example/', (route) => route.fulfill({
    contentType: 'text/html',
    body: `<script>
      parent.postMessage({ type: 'live-dashboard:state', state: 'ok', connection: 'live' }, '*');
      parent.postMessage('told', '*');
    </script>`,
  }));
  portal.routes['/loose'] = (_, response) => response.writeHead(200, { 'content-type': 'text/html' })
    .end(`<script src="${hub.url}/embed.js" async></script><live-dashboard id="operations"></live-dashboard>`);
  await page.goto(`${portal.url}/loose`);
  await untilLive(page, '#operations');
  const told = await page.locator('#operations').evaluate((element) => new Promise((resolve) => {
    let told = false;
    element.addEventListener('live-dashboard:state', () => { told = true; });
    addEventListener('message', ({ data }) => data === 'told' && resolve(told));
    element.shadowRoot.querySelector('iframe').src = 'http://foreign.example/';
  }));
  expect(told).toBe(false);
});

test('custom properties are validated', async ({ page, hub, portal, watched }) => {
  await open(page, portal);
  const set = (properties) => page.locator('#operations').evaluate((element, all) => {
    for (const [name, value] of Object.entries(all)) element.style.setProperty(`--live-dashboard-${name}`, value);
    element.setAttribute('theme', 'light');
  }, properties);
  const ground = () => style(page, '#operations', 'backgroundColor');
  const own = 'rgb(242, 244, 247)';
  await set({ ground: 'oklch(60% 0.1 200)', radius: '20px', font: '"Courier New", monospace' });
  await expect.poll(ground).toBe('oklch(0.6 0.1 200)');
  expect(await style(page, '#operations', 'fontFamily')).toBe('"Courier New", monospace');
  const radius = () => frameOf(page, '#operations').locator('.stat').first().evaluate((card) => getComputedStyle(card).borderRadius);
  expect(await radius()).toBe('20px');
  for (const bad of ['url(http://foreign.example/x.png)', 'var(--text)', 'red; background: blue', 'image-set("x")', 'notacolor', 'rgb(var(--x))']) {
    await set({ ground: 'red' });
    await expect.poll(ground).toBe('rgb(255, 0, 0)');
    // As a message, in which also what is no custom property arrives.
    await page.evaluate((value) => {
      const frame = document.querySelector('#operations').shadowRoot.querySelector('iframe');
      frame.contentWindow.postMessage({ type: 'live-dashboard:settings', style: { ground: value, radius: value, font: value } }, '*');
    }, bad);
    await expect.poll(ground, bad).toBe(own);
    expect(await radius(), bad).not.toBe('20px');
    if (bad !== 'notacolor') expect(await style(page, '#operations', 'fontFamily'), bad).toContain('system-ui');
  }
  expect(watched.requests.filter((address) => address.includes('foreign'))).toEqual([]);
  expect(watched.errors).toEqual([]);
});

test('the keyboard goes through the frame', async ({ page, hub, portal }) => {
  await open(page, portal);
  await page.getByRole('button', { name: 'Dark' }).focus();
  await page.keyboard.press('Tab');
  const focused = () => page.evaluate(() => document.activeElement.id);
  expect(await focused()).toBe('operations');
  await expect(frameOf(page, '#operations').locator('.switch button').first()).toBeFocused();
  for (let n = 0; n < 30 && await focused() === 'operations'; n += 1) await page.keyboard.press('Tab');
  expect(await focused()).toBe('after');
  await page.keyboard.press('Shift+Tab');
  expect(await focused()).toBe('operations');
  const frame = page.locator('#operations iframe');
  await expect(frame).toHaveAttribute('title', 'Live dashboard default');
  await change(page, { 'aria-label': 'Operations' });
  await expect(frame).toHaveAttribute('title', 'Operations');
});

test.describe('behind nginx, below a path, with one sign-in', () => {
  const test = base.extend({
    httpCredentials: USER,
    port: async ({}, use) => use(await freePort()),
    hub: async ({ port }, use) => {
      const hub = await Hub.start({ flags: [
        '--viewer-access', 'proxy-header:x-forwarded-user', '--trusted-proxy', '127.0.0.1',
        '--public-origin', `http://portal.example:${port}`,
      ] });
      await use(hub);
      await hub.stop();
    },
    nginx: async ({ hub, port }, use) => {
      const nginx = await Nginx.start(hub.url, port);
      await use(nginx);
      await nginx.stop();
    },
  });

  test('the same page has its dashboards', async ({ page, hub, nginx, port, watched }) => {
    await fill(hub, {}, 3600);
    await open(page, nginx);
    expect(await page.locator('#operations iframe').getAttribute('src')).toMatch(`${nginx.url}/live/?`);
    await expect(frameOf(page, '#alerts').locator('.alert')).toHaveCount(3);
    await hub.publish('stats-update', { errorRate: 0.031 });
    await expect(frameOf(page, '#errors').locator('.stat')).toContainText('3.1%');
    await page.getByRole('button', { name: 'Dark' }).click();
    await expect(framed(page, '#errors')).toHaveAttribute('data-theme', 'dark');
    await height(page, '#operations');
    expect(watched.errors).toEqual([]);
    const stranger = await fetch(`http://127.0.0.1:${port}/live/`);
    expect(stranger.status, 'without a password').toBe(401);
  });

  test('the range that the portal sets is not saved as the viewer\'s choice', async ({ page, hub, nginx }) => {
    await open(page, nginx);
    const range = (name) => frameOf(page, '#operations').getByRole('button', { name, exact: true });
    await range('5 min').click();
    await change(page, { range: '1h' });
    await expect(range('1 h')).toHaveAttribute('aria-pressed', 'true');
    // Saves what else the viewer chose.
    await hub.publish('alert', { level: 'error', message: 'Disk full' });
    await frameOf(page, '#operations').getByRole('button', { name: /^Acknowledge/ }).click();
    await open(page, nginx);
    await expect(range('5 min')).toHaveAttribute('aria-pressed', 'true');
  });
});
