// The soak: publishes to a page in Chromium at a steady rate. Once the page has as many
// points as it keeps, the number of DOM nodes must stay constant, and memory after forced
// garbage collection must grow by less than 50 KB per minute.
//
//   node soak.mjs [MINUTES] [MESSAGES_PER_SECOND]

import { chromium } from '@playwright/test';

import { Hub } from './support/hub.mjs';
import { memory, documentNodes } from './support/memory.mjs';

const [minutes, rate] = [Number(process.argv[2] ?? 10), Number(process.argv[3] ?? 50)];
const SAMPLE_INTERVAL = 15_000;
const SLOPE_LIMIT = 50;

const hub = await Hub.start();
// Also if this program fails.
process.on('exit', () => hub.kill());
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM,
  args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking'],
});
const page = await browser.newPage();
await page.goto(hub.url);
await page.locator('main.live-dashboard[data-connection=live]').waitFor();

// Measurements use a debugger session of their own, apart from the page.
const debug = await page.context().newCDPSession(page);

async function sample() {
  const bytes = await memory(debug);
  return { minute: (performance.now() - begun) / 60_000, bytes, nodes: await documentNodes(page) };
}

// The published pattern repeats after this many messages: alert levels, crossed
// thresholds, the points' places between two labels of the time axis. Samples
// are taken only at these repetitions, so that node counts are comparable.
const ROUND = 300;

// Four of ten messages are points. The page keeps 2,000 of them: until this many messages
// have arrived, its memory grows.
const FULL = 2000 / 0.4;

// Points are one second apart, start at a full minute and end before now.
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
const samples = [];
let published = 0;
let nextSample = SAMPLE_INTERVAL;
while (performance.now() < ends) {
  const due = Math.floor((performance.now() - begun) / 1000 * rate);
  while (published < due) {
    const last = published;
    await hub.publish(...message(last));
    published += 1;
    if (published % ROUND === 0 && performance.now() - begun >= nextSample) {
      await page.getByText(`Message ${last}`, { exact: true }).first().waitFor();
      samples.push({ published, ...await sample() });
      nextSample += SAMPLE_INTERVAL;
    }
  }
  await new Promise((resolve) => setTimeout(resolve, 1000 / rate));
}
await browser.close();
await hub.stop();

const settled = samples.filter((one) => one.published >= FULL);
const slope = regression(settled.map(({ minute, bytes }) => [minute, bytes / 1024]));
const nodes = [...new Set(settled.map((one) => one.nodes))];
console.log(`${published} messages in ${minutes} min; ${settled.length} samples after the first ${FULL}`);
const promises = [
  [Math.max(...nodes) === Math.min(...nodes), `DOM nodes: ${nodes.join(', ')}`],
  [slope.value < SLOPE_LIMIT, `memory grows by ${slope.value.toFixed(1)} KB per minute (95%: ${(slope.value - slope.half).toFixed(1)} to ${(slope.value + slope.half).toFixed(1)}; below ${SLOPE_LIMIT})`],
];
for (const [kept, text] of promises) console.log(`${kept ? 'ok  ' : 'FAIL'} ${text}`);
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
