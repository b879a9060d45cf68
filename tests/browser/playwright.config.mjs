// How the browser tests run. `cargo xtask test --only browser` starts them and
// says by the environment what they test:
//
// LIVE_DASHBOARD_HUB      the hub's binary, with the page inside
// LIVE_DASHBOARD_DX_PAGE  the directory of the page that dx built
// CHROMIUM                the browser
// LIVE_DASHBOARD_PICTURES where the documentation's pictures go; without it, none are taken

import { defineConfig } from '@playwright/test';

const needed = ['LIVE_DASHBOARD_HUB', 'LIVE_DASHBOARD_DX_PAGE', 'CHROMIUM'];
const missing = needed.filter((name) => !process.env[name]);
if (missing.length > 0) {
  throw new Error(`not set: ${missing.join(', ')}; start these tests by cargo xtask test --only browser`);
}

export default defineConfig({
  testDir: '.',
  testMatch: '*.spec.mjs',
  testIgnore: process.env.LIVE_DASHBOARD_PICTURES ? [] : ['pictures.spec.mjs'],
  forbidOnly: true,
  fullyParallel: true,
  workers: 2,
  retries: 0,
  timeout: 60_000,
  expect: { timeout: 15_000 },
  reporter: [['list'], ['./support/cargo-reporter.mjs']],
  outputDir: 'test-results',
  use: {
    browserName: 'chromium',
    headless: true,
    trace: 'retain-on-failure',
    screenshot: 'only-on-failure',
    launchOptions: {
      executablePath: process.env.CHROMIUM,
      args: [
        '--no-sandbox', // a container's root has none
        '--disable-gpu',
        '--disable-quic',
        '--host-resolver-rules=MAP *.example 127.0.0.1', // origins that are no loopback ones
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
        '--no-first-run',
      ],
    },
  },
});
