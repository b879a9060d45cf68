// Browsers that cannot run the page: the drawn numbers, a sentence, and a reload.

import { expect, fill, openDrawn, stat, test } from './support/hub.mjs';

const sentence = (page) => page.locator('.cannot-run');

async function expectDrawing(page, text) {
  await expect(sentence(page)).toContainText(text);
  await expect(sentence(page)).toContainText('reloads every 30 s');
  await expect(stat(page, 'activeUsers')).toBeVisible();
  await expect(stat(page, 'activeUsers')).toContainText('1,284');
}

for (const [what, prevent, text] of [
  [
    'without WebAssembly',
    (page) => page.addInitScript(() => delete window.WebAssembly),
    'no WebAssembly',
  ],
  ['if the code does not load', (page) => page.route('**/*.wasm', (route) => route.abort()), 'failed to run'],
  [
    'if the code is damaged',
    (page) => page.route('**/*.wasm', (route) => route.fulfill({ contentType: 'application/wasm', body: 'x' })),
    'failed to run',
  ],
  ['if the script does not load', (page) => page.route('**/*.js', (route) => route.abort()), 'failed to run'],
  [
    'if the browser does not know the language',
    (page) => page.route('**/*.js', (route) => route.fulfill({ contentType: 'text/javascript', body: '¿que?' })),
    'failed to run',
  ],
  [
    'if the code stops while it starts',
    (page) => page.addInitScript(() => {
      const real = WebAssembly.instantiateStreaming;
      WebAssembly.instantiateStreaming = async (...arguments_) => {
        const { module, instance } = await real.apply(WebAssembly, arguments_);
        const exports = { ...instance.exports };
        for (const name of Object.keys(exports)) {
          if (typeof exports[name] !== 'function') continue;
          exports[name] = () => {
            throw new WebAssembly.RuntimeError('unreachable');
          };
        }
        return { module, instance: { exports } };
      };
    }),
    'failed to run',
  ],
]) {
  test(what, async ({ page, hub }) => {
    await fill(hub, {}, 3600);
    await prevent(page);
    await page.clock.install();
    await openDrawn(page, hub.url);
    await expectDrawing(page, text);
    await hub.store('stats-update', { activeUsers: 7 });
    // A hub under load may serve a page without a drawing; the next one comes.
    await expect(async () => {
      const reloaded = page.waitForEvent('load');
      await page.clock.runFor(30_000);
      await reloaded;
      await expect(stat(page, 'activeUsers')).toContainText('7', { timeout: 1_000 });
    }).toPass();
  });
}

test('while the hub is away, the drawing stays', async ({ page, hub }) => {
  await fill(hub, {}, 3600);
  await page.addInitScript(() => delete window.WebAssembly);
  await page.clock.install();
  await openDrawn(page, hub.url);
  await expectDrawing(page, 'no WebAssembly');
  await hub.kill();
  const failed = page.waitForEvent('requestfailed');
  await page.clock.runFor(30_000);
  await failed;
  await expectDrawing(page, 'no WebAssembly');
});

test('without JavaScript', async ({ browser, hub }) => {
  await fill(hub, {}, 3600);
  const page = await browser.newPage({ javaScriptEnabled: false });
  await openDrawn(page, hub.url);
  await expectDrawing(page, 'JavaScript is off');
  await expect(page.locator('head meta[http-equiv=refresh]')).toHaveAttribute('content', '30');
  await page.close();
});
