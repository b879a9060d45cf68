// A stand-in for a Hotsock installation: page, token endpoint and WebSocket at
// separate addresses, without our hub's extensions.

import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { extname, join, normalize } from 'node:path';

import { WebSocketServer } from 'ws';

import { bars, expect, stat, test, untilLive } from './support/hub.mjs';

const TYPES = { '.html': 'text/html', '.js': 'text/javascript', '.wasm': 'application/wasm' };

function listen(server) {
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server.address().port)));
}

test('the page works with a Hotsock installation at three addresses', async ({ page, watched }) => {
  const root = process.env.LIVE_DASHBOARD_DX_PAGE;
  const pages = createServer(async (request, response) => {
    const path = normalize(new URL(request.url, 'http://x').pathname).replace(/\/$/, '/index.html');
    try {
      const content = await readFile(join(root, path));
      response.writeHead(200, { 'content-type': TYPES[extname(path)] ?? 'application/octet-stream' }).end(content);
    } catch {
      response.writeHead(404).end();
    }
  });
  const tokens = createServer((request, response) => {
    const cors = { 'access-control-allow-origin': '*', 'access-control-allow-headers': 'content-type' };
    if (request.method !== 'POST') return response.writeHead(204, cors).end();
    response.writeHead(200, { ...cors, 'content-type': 'application/json' })
      .end('{"token":"aaa.bbb.ccc","channel":"dashboard-abc123"}');
  });
  const sockets = createServer((request, response) => response.writeHead(403).end('{"message":"Forbidden"}'));
  const asked = [];
  const open = [];
  new WebSocketServer({ server: sockets, path: '/v1' }).on('connection', (socket, request) => {
    open.push(socket);
    asked.push(new URL(request.url, 'http://x').searchParams.get('token'));
    socket.send('{"event":"hotsock.connected","data":{"connectionId":"JCnTZd_KoAMCF-A=","connectionExpiresAt":"2099-10-13T19:09:23Z","connectionSecret":"1FfpK4PHV1B7ZryUSCsN"},"meta":{"uid":null,"umd":null}}');
    socket.on('message', (text) => {
      const { event, channel } = JSON.parse(text);
      if (event === 'hotsock.ping') socket.send('{"event":"hotsock.pong","data":"{}"}');
      if (event !== 'hotsock.subscribe') return;
      socket.send(JSON.stringify({ event: 'hotsock.subscribed', channel, data: {}, meta: { uid: null, umd: null } }));
      const send = (id, name, data) => socket.send(JSON.stringify({ id, event: name, channel, data }));
      send('01J66BCPSDHYZQ38BW5M357YX5', 'stats-update', { activeUsers: 1284 });
      send('01J66BCPSDHYZQ38BW5M357YX6', 'chart-data', { timestamp: 1709901234, requests: 4521, errors: 12 });
    });
  });
  const [pagePort, tokenPort, socketPort] = await Promise.all([pages, tokens, sockets].map(listen));

  const query = new URLSearchParams({
    token_url: `http://127.0.0.1:${tokenPort}/live-dashboard`,
    socket_url: `ws://127.0.0.1:${socketPort}/v1`,
  });
  await page.goto(`http://127.0.0.1:${pagePort}/?${query}`);
  await untilLive(page);
  await expect(stat(page, 'activeUsers').locator('.stat-value')).toHaveText('1,284');
  await expect(bars(page, 'requests')).toHaveCount(1);
  expect(asked).toEqual(['aaa.bbb.ccc']);
  open[0].terminate();
  await expect.poll(() => asked.length, 'it comes back with a fresh token').toBe(2);
  await untilLive(page);
  expect(watched.errors).toEqual([]);
  for (const socket of open) socket.terminate();
  for (const server of [pages, tokens, sockets]) server.close();
});
