// A Redis of the test's own, which survives kills.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export class Redis {
  #child;
  #directory;
  #port;

  static async start() {
    const redis = new Redis();
    const free = createServer().listen(0, '127.0.0.1');
    await once(free, 'listening');
    redis.#port = free.address().port;
    free.close();
    redis.#directory = await mkdtemp(join(tmpdir(), 'live-dashboard-redis-'));
    await redis.restart();
    return redis;
  }

  get url() {
    return `redis://127.0.0.1:${this.#port}`;
  }

  async restart() {
    const flags = ['--port', this.#port, '--bind', '127.0.0.1', '--appendonly', 'yes', '--appendfsync', 'always'];
    this.#child = spawn('redis-server', flags.map(String), { cwd: this.#directory, stdio: 'ignore' });
    for (;;) {
      const socket = connect(this.#port, '127.0.0.1');
      const outcome = await Promise.race([once(socket, 'connect').then(() => true, () => false), once(this.#child, 'exit')]);
      socket.destroy();
      if (outcome === true) return;
      if (outcome !== false) throw new Error('redis-server ended: on Debian, install the package redis-server');
    }
  }

  async kill() {
    const ended = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await ended;
  }

  async stop() {
    await this.kill();
    await rm(this.#directory, { recursive: true, force: true });
  }
}
