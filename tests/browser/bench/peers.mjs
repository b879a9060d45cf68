// Serves the peers as a hub serves its page: compressed.

import { readFileSync, readdirSync } from 'node:fs';
import http from 'node:http';
import { extname, join } from 'node:path';
import { brotliCompressSync } from 'node:zlib';

const TYPES = { '.html': 'text/html', '.js': 'text/javascript' };

// Returns the server and its address.
export async function serve(directory) {
  const files = new Map(readdirSync(directory).map((name) => [`/${name}`, {
    type: TYPES[extname(name)],
    body: brotliCompressSync(readFileSync(join(directory, name))),
  }]));
  const server = http.createServer(({ url }, response) => {
    const file = files.get(new URL(url, 'http://peers').pathname);
    if (!file) return response.writeHead(404).end();
    return response.writeHead(200, { 'content-type': file.type, 'content-encoding': 'br' }).end(file.body);
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { server, url: `http://127.0.0.1:${server.address().port}` };
}
