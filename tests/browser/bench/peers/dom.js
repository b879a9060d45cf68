// The dashboard by hand: the elements are made once, and a frame writes only what
// changed, in boxes of fixed sizes. About the least that a page can cost.

import { ALERTS, BARS, METRICS, subscribe, trend } from './feed.js';

const [title, cards, bars, alerts] = document.querySelectorAll('h1, .cards, .bars, .alerts');

function add(parent, html) {
  const element = document.createElement('div');
  element.innerHTML = html;
  parent.append(element);
  return element;
}

const shown = METRICS.map((metric) => {
  const card = add(cards, `<div>${metric.label}</div><span class="value">0</span> <span>–</span>`);
  card.className = 'box';
  const [value, change] = [...card.querySelectorAll('span')].map((span) => span.firstChild);
  return { metric, value, change };
});
const drawnBars = Array.from({ length: BARS }, () => add(bars, ''));
const drawnAlerts = Array.from({ length: ALERTS }, () => add(alerts, '&nbsp;').firstChild);

let stats = {};
let points = [];
let newest = [];
const changed = new Set();

function draw() {
  if (changed.has('stats-update')) {
    for (const card of shown) {
      const now = stats[card.metric.key];
      if (now === undefined || now === card.last) continue;
      card.value.data = card.metric.text(now);
      card.change.data = trend(now, card.last);
      card.last = now;
    }
  }
  if (changed.has('chart-data')) {
    const most = Math.max(1, ...points.map(({ requests }) => requests));
    for (const [n, bar] of drawnBars.entries()) {
      const point = points[points.length - BARS + n];
      write(bar.style, 'transform', `scaleY(${point ? point.requests / most : 0})`);
    }
  }
  if (changed.has('alert')) {
    for (const [n, { level, message, time }] of newest.entries()) write(drawnAlerts[n], 'data', `${level} ${message} ${time}`);
  }
  changed.clear();
}

function write(target, key, text) {
  if (target[key] !== text) target[key] = text;
}

subscribe(({ event, data }) => {
  switch (event) {
    case 'hotsock.subscribed':
      title.textContent = '● Dashboard';
      title.dataset.live = true;
      return;
    case 'stats-update':
      stats = { ...stats, ...data };
      break;
    case 'chart-data':
      points = [...points, data].slice(-BARS);
      break;
    case 'alert':
      newest = [{ ...data, time: new Date().toLocaleTimeString() }, ...newest].slice(0, ALERTS);
      break;
    default:
      return;
  }
  if (changed.size === 0) requestAnimationFrame(draw);
  changed.add(event);
});
