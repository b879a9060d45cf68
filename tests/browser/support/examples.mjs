// The examples of docs/dashboards.md: pictures with the layouts that they are of, and
// the messages that fill them.

import { readFile } from 'node:fs/promises';

const FILE = new URL('../../../docs/dashboards.md', import.meta.url);

const PARTS = /!\[[^\]]*\]\(panels\/(?<picture>[\w-]+)\.png\)|```toml\n(?<toml>.*?)```|```sh\n(?<command>live-dashboard-hub publish .*?)```/gs;

// `examples` have a `name` and a `toml`, `messages` an `event` and its `data`, in order.
// What precedes the first picture is none of them.
export async function readExamples() {
  const [examples, messages] = [[], []];
  for (const { groups } of (await readFile(FILE, 'utf8')).matchAll(PARTS)) {
    const last = examples.at(-1);
    if (groups.picture) {
      examples.push({ name: groups.picture });
    } else if (groups.toml && last && !last.toml) {
      last.toml = groups.toml;
    } else if (groups.command && last) {
      messages.push(message(groups.command));
    }
  }
  // The other kinds of chart have the same keys.
  const bars = examples.find(({ name }) => name === 'chart-bars');
  for (const example of examples.filter(({ toml }) => !toml)) {
    example.toml = bars.toml.replace('"bars"', `"${example.name.replace('chart-', '')}"`);
  }
  return { examples, messages };
}

function message(command) {
  const now = Math.floor(Date.now() / 1000);
  const { event, data } = command.match(/--event (?<event>\S+).*--data '(?<data>.*)'\n/s).groups;
  return { event, data: JSON.parse(data.replace("'$(date +%s)'", now)) };
}
