// The page around the dashboard.

const query = () => new URLSearchParams(location.search);

export const queryParameter = (name) => query().get(name) ?? undefined;

export const pageDirectory = () => (location.origin + location.pathname).replace(/\/[^/]*$/, "");

export function otherSettings() {
  const settings = query();
  settings.delete("dashboard");
  return settings.toString();
}

export function setTitle(title) {
  if (document.title !== title) document.title = title;
}

export const focus = (selector) => document.querySelector(selector)?.focus();

export const reload = () => location.reload();

export const isFramed = () => parent !== self;

export const embedded = (id) => document.getElementById(id)?.textContent;

export function loadedAt() {
  const now = performance.now();
  const [navigation] = performance.getEntriesByType("navigation");
  return Date.now() - now + (navigation?.responseStart ?? now);
}

const adopted = new Set();

/** To a Content-Security-Policy, a constructed stylesheet is not an inline style. */
export function adoptStylesheet(css, id) {
  if (adopted.has(css) || document.getElementById(id)) return;
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(css);
  document.adoptedStyleSheets.push(sheet);
  adopted.add(css);
}
