// The nginx of examples/portal: its configuration with other ports and files, without TLS.

import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const EXAMPLE = new URL('../../../examples/portal/', import.meta.url);
const FILES = ['index.html', 'portal.css', 'portal.js'];

export const USER = { username: 'alice', password: 'correct horse' };

export class Nginx {
  #process;
  #directory;
  // The portal's origin.
  url;

  // In front of the hub at this address; `port` is free.
  static async start(hubUrl, port) {
    const nginx = new Nginx();
    nginx.url = `http://portal.example:${port}`;
    nginx.#directory = await mkdtemp(join(tmpdir(), 'live-dashboard-nginx-'));
    const path = (name) => join(nginx.#directory, name);
    for (const name of FILES) {
      const text = await readFile(new URL(name, EXAMPLE), 'utf8');
      await writeFile(path(name), text.replaceAll('http://127.0.0.1:8400', `${nginx.url}/live`));
    }
    await writeFile(path('htpasswd'), `${USER.username}:{PLAIN}${USER.password}\n`);
    let site = await readFile(new URL('nginx.conf', EXAMPLE), 'utf8');
    for (const [theirs, ours] of [
      ['listen 443 ssl', `listen 127.0.0.1:${port}`],
      ['    ssl_certificate /etc/ssl/certs/portal.example.pem;\n', ''],
      ['    ssl_certificate_key /etc/ssl/private/portal.example.key;\n', ''],
      ['http://127.0.0.1:8400', hubUrl],
      ['/etc/nginx/portal.htpasswd', path('htpasswd')],
      ['/srv/portal', nginx.#directory],
    ]) {
      if (!site.includes(theirs)) throw new Error(`${theirs} is not in the example`);
      site = site.replaceAll(theirs, ours);
    }
    const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
    await writeFile(path('nginx.conf'), `
      daemon off; master_process off; pid ${path('pid')}; error_log stderr crit;
      events {}
      http {
        access_log off;
        types { text/html html; text/css css; text/javascript js; }
        ${temporary.map((name) => `${name}_temp_path ${path(name)};`).join('\n')}
        ${site}
      }`);
    nginx.#process = spawn('nginx', ['-p', nginx.#directory, '-e', 'stderr', '-c', path('nginx.conf')], {
      // Debian has it where only root looks.
      env: { ...process.env, PATH: `${process.env.PATH}:/usr/sbin` },
      stdio: ['ignore', 'inherit', 'inherit'],
    });
    await nginx.#listening(port);
    return nginx;
  }

  async #listening(port) {
    const failed = new Promise((_, reject) => {
      this.#process.once('error', () => reject(new Error('nginx is not installed: on Debian, the package nginx-light')));
      this.#process.once('exit', () => reject(new Error('nginx ended')));
    });
    const connected = () => new Promise((resolve) => {
      const socket = connect(port, '127.0.0.1', () => { socket.destroy(); resolve(true); });
      socket.on('error', () => resolve(false));
    });
    const listens = (async () => { while (!await connected()); })();
    failed.catch(() => {});
    await Promise.race([listens, failed]);
  }

  async stop() {
    const ended = new Promise((resolve) => this.#process.once('exit', resolve));
    this.#process.kill();
    await ended;
    await rm(this.#directory, { recursive: true, force: true });
  }
}

export async function freePort() {
  const server = createServer();
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}
