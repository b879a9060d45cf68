// The hub's messages as a page without a library reads them, and the four numbers.

export function subscribe(onMessage) {
  const hub = new URLSearchParams(location.search).get('hub');
  fetch(`${hub}/live-dashboard`, { method: 'POST', body: '{}' })
    .then((answer) => answer.json())
    .then(({ token, channel }) => {
      const socket = new WebSocket(`${hub.replace('http', 'ws')}/v1?token=${token}`);
      socket.onmessage = ({ data }) => {
        const message = JSON.parse(data);
        if (message.event === 'hotsock.connected') {
          socket.send(JSON.stringify({ event: 'hotsock.subscribe', channel }));
        } else {
          onMessage(message);
        }
      };
    });
}

export const BARS = 20;
export const ALERTS = 5;

export const METRICS = [
  { key: 'activeUsers', label: 'Active Users', text: (value) => value.toLocaleString() },
  { key: 'requestsPerSec', label: 'Requests/sec', text: (value) => value.toLocaleString() },
  { key: 'errorRate', label: 'Error Rate', text: (value) => `${(100 * value).toFixed(1)}%`, limit: 0.05 },
  { key: 'avgLatency', label: 'Avg Latency', text: (value) => `${value} ms`, limit: 100 },
];

export function trend(value, previous) {
  if (previous === undefined || value === previous) return '–';
  return value > previous ? '▲' : '▼';
}
