// The portal of examples/portal, at an origin of its own, with the address of the test's hub.

import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { extname } from 'node:path';

import { Hub, test as base } from './hub.mjs';

const FILES = new URL('../../../examples/portal/', import.meta.url);
const TYPES = { '.html': 'text/html', '.css': 'text/css', '.js': 'text/javascript' };
const HUB = 'http://127.0.0.1:8400';

export class Portal {
  #server;
  #hub;
  url;
  // Handlers by path, in addition to the files.
  routes = {};

  // `hub` returns the hub's address: the portal is there first.
  static async start(hub, host = 'portal.example') {
    const portal = new Portal();
    portal.#hub = hub;
    portal.#server = createServer((request, response) => {
      const path = new URL(request.url, 'http://x').pathname;
      const route = portal.routes[path];
      if (route) route(request, response);
      else portal.#serve(path === '/' ? 'index.html' : path.slice(1), response);
    });
    await new Promise((resolve) => portal.#server.listen(0, '127.0.0.1', resolve));
    portal.url = `http://${host}:${portal.#server.address().port}`;
    return portal;
  }

  async read(name) {
    const text = await readFile(new URL(name, FILES), 'utf8');
    return text.replaceAll(HUB, this.#hub());
  }

  async #serve(name, response) {
    try {
      const text = await this.read(name);
      response.writeHead(200, { 'content-type': TYPES[extname(name)] }).end(text);
    } catch {
      response.writeHead(404).end();
    }
  }

  stop() {
    this.#server.closeAllConnections();
    this.#server.close();
  }
}

// A portal, and a hub that allows it to show dashboards. `hubFlags` are more of its flags.
export const test = base.extend({
  hubFlags: [['--viewer-access', 'open'], { option: true }],
  portal: async ({}, use) => {
    let hub;
    const portal = await Portal.start(() => hub.url);
    portal.useHub = (one) => { hub = one; };
    await use(portal);
    portal.stop();
  },
  hub: async ({ portal, hubFlags }, use) => {
    const hub = await Hub.start({ flags: ['--allowed-origin', portal.url, ...hubFlags] });
    portal.useHub(hub);
    await use(hub);
    await hub.stop();
  },
});

// The dashboard in an element of the portal.
export const framed = (page, element) => page.frameLocator(`${element} iframe`).locator('main.live-dashboard');

export const messageOf = (page, element) => page.locator(`${element} p[role="status"]`);
