// What a page costs beside its peers, on the same hub's stream. Only the
// comparison means something on another machine.
//
//   node bench/measure.mjs PEERS SECONDS ROUNDS RATES
//
// `cargo xtask bench page` starts it; PEERS is the directory of the built peers,
// RATES are messages per second, with commas between.

import http from 'node:http';

import { chromium } from '@playwright/test';

import { Hub } from '../support/hub.mjs';
import { documentNodes, memory } from '../support/memory.mjs';
import { Load } from './load.mjs';
import { serve } from './peers.mjs';

const [directory, seconds, rounds, rates] = process.argv.slice(2);
const WARM_UP = 3;
const STARTS = 5;
// A slow line, as Chromium's developer tools have it, and a quarter of a processor.
const LINE = { offline: false, latency: 150, downloadThroughput: 1.6e6 / 8, uploadThroughput: 750e3 / 8 };
const CPU_SLOWDOWN = 4;

const peers = await serve(directory);
const hub = await Hub.start({ flags: ['--allowed-origin', peers.url] });
// Also if this program fails.
process.on('exit', () => hub.kill());
const load = new Load(hub);
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM,
  args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking'],
});

const peer = (file, query = '') => ({ url: `${peers.url}/${file}?hub=${hub.url}${query}`, value: '.value', live: '[data-live=true]' });
const PAGES = {
  'this page': { url: hub.url, value: '.stat-value', live: '.connection-badge[data-state=live]' },
  'React, an update a message': peer('react.html'),
  'React, an update a frame': peer('react.html', '&batched=1'),
  'hand-placed DOM writes': peer('dom.html'),
};
// The better of these is what the others are compared with.
const REACT = Object.keys(PAGES).filter((name) => name.startsWith('React'));

// Visits to the page in one second, below the hub's cap on drawings.
const DRAWINGS = 40;

const median = (numbers) => numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)];
const shown = (number, decimals = 0) => number.toLocaleString('en', { minimumFractionDigits: decimals, maximumFractionDigits: decimals });

// Milliseconds of main thread per 1,000 messages, and what the page then keeps.
async function work({ url, live }, rate) {
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
  await page.goto(url);
  await page.locator(live).waitFor();
  const debug = await page.context().newCDPSession(page);
  await debug.send('Performance.enable');
  const metrics = async () => {
    const { metrics: all } = await debug.send('Performance.getMetrics');
    return Object.fromEntries(all.map(({ name, value }) => [name, value]));
  };
  await load.run(rate, WARM_UP);
  const before = await metrics();
  const messages = await load.run(rate, Number(seconds));
  // The last state is drawn a little later.
  await page.waitForTimeout(300);
  const after = await metrics();
  const per1000 = (name) => (after[name] - before[name]) * 1e6 / messages;
  const seen = {
    task: per1000('TaskDuration'),
    script: per1000('ScriptDuration'),
    style: per1000('RecalcStyleDuration'),
    layout: per1000('LayoutDuration'),
    nodes: await documentNodes(page),
    memory: await memory(debug) / 1e6,
  };
  await page.close();
  return seen;
}

// Milliseconds from the start of a visit until something is drawn, until a number is
// there, and until the page says that it is connected; and the bytes until then.
async function start({ url, value, live }) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  const page = await context.newPage();
  const debug = await context.newCDPSession(page);
  await debug.send('Network.enable');
  await debug.send('Network.emulateNetworkConditions', LINE);
  await debug.send('Emulation.setCPUThrottlingRate', { rate: CPU_SLOWDOWN });
  let bytes = 0;
  debug.on('Network.loadingFinished', ({ encodedDataLength }) => { bytes += encodedDataLength; });
  await page.addInitScript((selectors) => {
    globalThis.startup = {};
    const look = () => {
      if ([...document.querySelectorAll(selectors.value)].some(({ textContent }) => /[1-9]/.test(textContent))) startup.value ??= performance.now();
      if (document.querySelector(selectors.live)) startup.live ??= performance.now();
      startup.paint ??= performance.getEntriesByName('first-contentful-paint')[0]?.startTime;
      if (!startup.value || !startup.live || !startup.paint) requestAnimationFrame(look);
    };
    look();
  }, { value, live });
  await page.goto(url, { waitUntil: 'commit' });
  await page.waitForFunction(() => startup.value && startup.live && startup.paint, null, { polling: 200 });
  const { paint, value: written, live: connected } = await page.evaluate(() => startup);
  await context.close();
  // What is in the HTML is not seen before it is painted.
  return { paint, value: Math.max(paint, written), live: Math.max(paint, connected), bytes };
}

// What a drawing of the page costs the hub: milliseconds from the request to the
// encoded HTML, and bytes.
async function drawing() {
  const totals = async () => {
    const text = await (await fetch(`${hub.url}/metrics`)).text();
    const total = (name) => Number(text.match(new RegExp(`^live_dashboard_${name} (.+)$`, 'm'))[1]);
    return { drawn: total('pages_drawn_total'), seconds: total('pages_drawing_seconds_total') };
  };
  const before = await totals();
  let bytes = 0;
  for (let n = 0; n < DRAWINGS; n += 1) {
    const answer = await new Promise((resolve, reject) => {
      http.get(hub.url, { headers: { 'accept-encoding': 'br' } }, resolve).on('error', reject);
    });
    for await (const chunk of answer) bytes += chunk.length;
  }
  const after = await totals();
  const drawn = after.drawn - before.drawn;
  return { drawn, milliseconds: 1000 * (after.seconds - before.seconds) / drawn, bytes: bytes / DRAWINGS };
}

function medians(all) {
  return Object.fromEntries(Object.keys(all[0]).map((key) => [key, median(all.map((one) => one[key]))]));
}

// Rows are the pages, by name.
function table(title, columns, rows) {
  const name = Math.max(...Object.keys(PAGES).map(({ length }) => length));
  const width = Math.max(...columns.map(({ length }) => length), 9) + 2;
  console.log(`\n${title}`);
  for (const [first, cells] of [['', columns], ...Object.entries(rows)]) {
    console.log(first.padEnd(name) + cells.map((cell) => cell.padStart(width)).join(''));
  }
}

const each = (pages, cells) => Object.fromEntries(Object.entries(pages).map(([name, all]) => [name, cells(medians(all))]));

const runs = {};
for (let round = 0; round < Number(rounds); round += 1) {
  for (const rate of rates.split(',').map(Number)) {
    const seen = {};
    for (const [name, page] of Object.entries(PAGES)) seen[name] = await work(page, rate);
    const react = Math.min(...REACT.map((name) => seen[name].task));
    for (const [name, one] of Object.entries(seen)) ((runs[rate] ??= {})[name] ??= []).push({ ...one, ratio: one.task / react });
  }
}
for (const [rate, pages] of Object.entries(runs)) {
  table(
    `${shown(Number(rate))} messages per second: milliseconds of main thread per 1,000 messages`,
    ['all', 'script', 'style', 'layout', '× React', 'nodes', 'memory, MB'],
    each(pages, ({ task, script, style, layout, ratio, nodes, memory: megabytes }) =>
      [...[task, script, style, layout].map((time) => shown(time)), shown(ratio, 2), shown(nodes), shown(megabytes, 1)]),
  );
}

const feed = setInterval(() => load.publish(), 50);
const starts = {};
for (let n = 0; n < STARTS; n += 1) {
  for (const [name, page] of Object.entries(PAGES)) (starts[name] ??= []).push(await start(page));
}
clearInterval(feed);
table(
  `A visit at 1.6 Mbit/s, 150 ms, a quarter of the processor: milliseconds, medians of ${STARTS}`,
  ['first paint', 'first value', 'live', 'bytes'],
  each(starts, ({ paint, value, live, bytes }) => [paint, value, live, bytes].map((number) => shown(number))),
);
const { drawn, milliseconds, bytes } = await drawing();
console.log(`\nThe hub drew ${drawn} of ${DRAWINGS} visits: ${shown(milliseconds, 1)} ms and ${shown(bytes)} bytes (brotli) each`);
await browser.close();
await hub.stop();
peers.server.close();
