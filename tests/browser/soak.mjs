// The soak: a page in Chromium, published to at a steady rate for a while. Its
// DOM nodes must stay as many after the first minute, and its memory, looked
// at after each forced collection, must not grow by 50 KB a minute or more.
//
//   node soak.mjs [MINUTES] [MESSAGES_A_SECOND]

import { chromium } from '@playwright/test';

import { Hub } from './support/hub.mjs';

const [minutes, rate] = [Number(process.argv[2] ?? 10), Number(process.argv[3] ?? 50)];
const LOOK_EVERY = 15_000;
const SLOPE_LIMIT = 50;

const hub = await Hub.start();
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM,
  args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking'],
});
const page = await browser.newPage();
await page.goto(hub.url);
await page.locator('main.live-dashboard[data-connection=live]').waitFor();

// What is measured stands apart from the page: its own debugger session.
const debug = await page.context().newCDPSession(page);
await debug.send('HeapProfiler.enable');

async function look() {
  await debug.send('HeapProfiler.collectGarbage');
  const { usedSize } = await debug.send('Runtime.getHeapUsage');
  const { nodes } = await debug.send('Memory.getDOMCounters');
  return { minute: (performance.now() - begun) / 60_000, bytes: usedSize + await wasmBytes(), nodes };
}

// The linear memory of the page's module is no part of the script heap.
async function wasmBytes() {
  const { result: prototype } = await debug.send('Runtime.evaluate', { expression: 'WebAssembly.Memory.prototype' });
  const { objects } = await debug.send('Runtime.queryObjects', { prototypeObjectId: prototype.objectId });
  const { result } = await debug.send('Runtime.callFunctionOn', {
    objectId: objects.objectId,
    functionDeclaration: 'function () { return this.reduce((sum, memory) => sum + memory.buffer.byteLength, 0); }',
    returnByValue: true,
  });
  for (const { objectId } of [prototype, objects]) await debug.send('Runtime.releaseObject', { objectId });
  return result.value;
}

const begun = performance.now();
const ends = begun + minutes * 60_000;
let published = 0;
let failed;

async function publish() {
  const kinds = ['stats-update', 'chart-data', 'alert'];
  while (performance.now() < ends) {
    const due = Math.floor((performance.now() - begun) / 1000 * rate);
    for (; published < due; published += 1) {
      const event = kinds[published % 10 === 9 ? 2 : published % 2];
      await hub.publish(event, {
        'stats-update': { activeUsers: 1000 + published % 500, requestsPerSec: 4000 + published % 999, errorRate: published % 7 / 100, avgLatency: 30 + published % 90 },
        'chart-data': { timestamp: Math.floor(Date.now() / 1000), requests: 4000 + published % 999, errors: published % 20 },
        alert: { level: ['info', 'warning', 'error'][published % 3], message: `Message ${published}` },
      }[event]);
    }
    await new Promise((resolve) => setTimeout(resolve, 1000 / rate));
  }
}

const publishing = publish().catch((error) => { failed = error; });
const looks = [];
while (performance.now() < ends && !failed) {
  await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY));
  looks.push(await look());
}
await publishing;
await browser.close();
await hub.stop();
if (failed) throw failed;

const settled = looks.filter(({ minute }) => minute >= 1);
const slope = regression(settled.map(({ minute, bytes }) => [minute, bytes / 1024]));
const nodes = [...new Set(settled.map((one) => one.nodes))];
console.log(`${published} messages in ${minutes} min; ${settled.length} looks after the first minute`);
const promises = [
  [Math.max(...nodes) === Math.min(...nodes), `DOM nodes: ${nodes.join(', ')}`],
  [slope.value < SLOPE_LIMIT, `memory grows by ${slope.value.toFixed(1)} KB a minute (95%: ${(slope.value - slope.half).toFixed(1)} to ${(slope.value + slope.half).toFixed(1)}; below ${SLOPE_LIMIT})`],
];
for (const [kept, words] of promises) console.log(`${kept ? 'ok  ' : 'FAIL'} ${words}`);
process.exitCode = promises.every(([kept]) => kept) ? 0 : 1;

// The slope of a least-squares line, and half of its 95% interval.
function regression(points) {
  const n = points.length;
  const mean = (of) => points.reduce((sum, point) => sum + of(point), 0) / n;
  const [x, y] = [mean((p) => p[0]), mean((p) => p[1])];
  const spread = points.reduce((sum, p) => sum + (p[0] - x) ** 2, 0);
  const value = points.reduce((sum, p) => sum + (p[0] - x) * (p[1] - y), 0) / spread;
  const rest = points.reduce((sum, p) => sum + (p[1] - y - value * (p[0] - x)) ** 2, 0);
  return { value, half: 1.96 * Math.sqrt(rest / (n - 2) / spread) };
}
