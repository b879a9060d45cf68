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
// Also where this program fails; the signal is sent at once.
process.on('exit', () => hub.kill());
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
  // Those of the document. What was taken out of it and is still held shows
  // in the memory.
  const nodes = await page.evaluate(() => {
    const walker = document.createTreeWalker(document);
    let count = 0;
    while (walker.nextNode()) count += 1;
    return count;
  });
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

// Everything that is published repeats itself in its shape after so many
// messages: the levels of the alerts, what is above a threshold, the points'
// places between two labels of the time axis. A look is taken only there, so
// that two of them may be compared node by node.
const ROUND = 300;

// Points are a second apart, begin at a full minute and do not lead into the
// future: of ten messages four are points.
let points = Math.floor((Date.now() / 1000 - minutes * 60 * rate * 0.4) / 60) * 60;

function message(n) {
  if (n % 10 === 9) return ['alert', { level: ['info', 'warning', 'error'][n % 3], message: `Message ${n}` }];
  if (n % 2 === 0) {
    return ['stats-update', {
      activeUsers: 1000 + n % ROUND,
      requestsPerSec: 4000 + n % 150,
      errorRate: n % 10 / 100,
      avgLatency: 30 + 2 * (n % 50),
    }];
  }
  points += 1;
  return ['chart-data', { timestamp: points, requests: 4000 + 6 * (n % 150), errors: 1 + n % 20 }];
}

const begun = performance.now();
const ends = begun + minutes * 60_000;
const looks = [];
let published = 0;
let nextLook = LOOK_EVERY;
while (performance.now() < ends) {
  const due = Math.floor((performance.now() - begun) / 1000 * rate);
  while (published < due) {
    const last = published;
    await hub.publish(...message(last));
    published += 1;
    if (published % ROUND === 0 && performance.now() - begun >= nextLook) {
      await page.getByText(`Message ${last}`, { exact: true }).first().waitFor();
      looks.push(await look());
      nextLook += LOOK_EVERY;
    }
  }
  await new Promise((resolve) => setTimeout(resolve, 1000 / rate));
}
await browser.close();
await hub.stop();

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
