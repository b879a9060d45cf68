// The browser's timers.

export const sleep = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));
