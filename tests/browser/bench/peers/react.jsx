// The dashboard as a React page: a state update for each message, or, with
// `?batched=1`, for the messages of a frame.

import { useEffect, useReducer } from 'react';
import { createRoot } from 'react-dom/client';

import { ALERTS, BARS, METRICS, subscribe, trend } from './feed.js';

const EMPTY = { live: false, stats: {}, previous: {}, points: [], alerts: [] };

function apply(state, { event, data }) {
  switch (event) {
    case 'hotsock.subscribed':
      return { ...state, live: true };
    case 'stats-update':
      return { ...state, previous: state.stats, stats: { ...state.stats, ...data } };
    case 'chart-data':
      return { ...state, points: [...state.points, data].slice(-BARS) };
    case 'alert': {
      const time = new Date().toLocaleTimeString();
      return { ...state, alerts: [{ ...data, time }, ...state.alerts].slice(0, ALERTS) };
    }
    default:
      return state;
  }
}

function perFrame(dispatch) {
  let waiting = [];
  return (message) => {
    waiting.push(message);
    if (waiting.length > 1) return;
    requestAnimationFrame(() => {
      dispatch(waiting);
      waiting = [];
    });
  };
}

function Card({ metric, value, previous }) {
  const over = metric.limit !== undefined && value > metric.limit;
  return (
    <div className="box">
      <div>{metric.label}</div>
      <span className={over ? 'value over' : 'value'}>{metric.text(value ?? 0)}</span>
      <span>{trend(value, previous)}</span>
    </div>
  );
}

function Dashboard() {
  const [state, dispatch] = useReducer((before, messages) => messages.reduce(apply, before), EMPTY);
  useEffect(() => {
    const batched = new URLSearchParams(location.search).has('batched');
    subscribe(batched ? perFrame(dispatch) : (message) => dispatch([message]));
  }, []);
  const { live, stats, previous, points, alerts } = state;
  const most = Math.max(1, ...points.map(({ requests }) => requests));
  return (
    <>
      <h1 data-live={live}>{live ? '● ' : '○ '}Dashboard</h1>
      <div className="cards">
        {METRICS.map((metric) => (
          <Card key={metric.key} metric={metric} value={stats[metric.key]} previous={previous[metric.key]} />
        ))}
      </div>
      <div className="box bars">
        {points.map(({ requests }, n) => (
          <div key={n} title={`${requests} requests`} style={{ height: `${(100 * requests) / most}%` }} />
        ))}
      </div>
      <div className="box">
        {alerts.length === 0 ? 'No alerts' : alerts.map(({ level, message, time }, n) => (
          <div key={n}><b>{level}</b> {message} <i>{time}</i></div>
        ))}
      </div>
    </>
  );
}

createRoot(document.getElementById('root')).render(<Dashboard />);
