// What the hub's page does in a frame; index.html loads this only there. "Embed" in README.md
// has the messages. The other end may be embed.js.
//
// `frame-ancestors`, which the hub sends with its page, lets only pages of allowed origins
// frame it: the parent is one. Messages of other windows are ignored, and what the parent is
// told reaches nobody else.
{
  const settings = new URLSearchParams(location.search);
  const find = (selector) => document.querySelector(selector);
  const tell = (type, more, ports) => parent.postMessage({ type, ...more }, "*", ports);

  // Looks. A value of another shape than these has no effect: none of them can load
  // anything, or refer to another property.
  const isColor = (value) =>
    /^(#[\da-f]+|[a-z]+|(rgb|hsl|hwb|lab|lch|oklab|oklch|color)a?\([-\d.%,/ a-z]+\))$/i.test(value) &&
    CSS.supports("color", value);
  const isFont = (value) => /^[\w\s,"'-]{1,200}$/.test(value) && CSS.supports("font-family", value);
  const isRadius = (value) => /^\d{1,2}(\.\d+)?(px|r?em)$|^0$/.test(value);
  const PROPERTIES = {
    font: [isFont, "font-family"],
    radius: [isRadius, "--round"],
    ground: [isColor, "--ground"],
    panel: [isColor, "--panel"],
    raised: [isColor, "--raised", "--grid"],
    text: [isColor, "--text"],
    muted: [isColor, "--soft"],
    line: [isColor, "--line"],
    accent: [isColor, "--info", "--series-0"],
  };
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(":root, :root .live-dashboard {}");
  if (settings.get("embed") === "1") {
    sheet.insertRule("html { overflow: hidden }");
    sheet.insertRule("html, html body, html #main, :root .live-dashboard:not([data-kiosk]) { height: auto; min-height: 0 }");
  }
  // The portal is around the panel's round corners.
  if (settings.get("panel")) sheet.insertRule("html body, :root .live-dashboard { background: none }");
  // For whoever publishes, and for whoever came to choose a dashboard.
  sheet.insertRule(":root :is(.unshown, [data-unknown] :is(.top, .index)) { display: none }");
  document.adoptedStyleSheets.push(sheet);
  const { style } = [...sheet.cssRules].at(-1);

  function dress(values) {
    for (const [name, [isValid, ...properties]] of Object.entries(PROPERTIES)) {
      const value = String(values?.[name] ?? "");
      for (const property of properties) style.setProperty(property, isValid(value) ? value : "");
    }
  }

  // What the parent asks for. The page's code may not run yet: until it has done it, it is
  // asked again whenever something changes.
  let theme;
  let range;

  function follow(value) {
    if (!/^(dark|light)$/.test(value)) return;
    theme = value;
    // Of another scheme than its element, a frame is not transparent.
    document.documentElement.style.colorScheme = theme;
  }

  const request = (what, value) => postMessage({ type: `${what}-change`, [what]: value }, location.origin);

  function ask(page) {
    if (theme && page.dataset.theme !== theme) request("theme", theme);
    const wanted = (button) => button.textContent.replace(/\s/g, "").toLowerCase() === range;
    const button = [...document.querySelectorAll(".top .switch button")].find(wanted);
    if (button?.getAttribute("aria-pressed") === "true") range = undefined;
    else if (button) request("range", button.textContent);
  }

  // What the parent is told.
  let told = "";
  let height = 0;
  let timer = 0;

  function report() {
    timer = 0;
    const page = find(".live-dashboard");
    if (!page) return;
    ask(page);
    const root = document.documentElement;
    // Without a drawing, what is there before the first connection is not the content.
    const isFilled = page.dataset.connection !== "connecting" || find("#live-dashboard-snapshot");
    const now = settings.get("embed") === "1" ? Math.ceil(root.getBoundingClientRect().height) : root.scrollHeight;
    if (isFilled && now > 0 && now !== height) {
      height = now;
      tell("live-dashboard:height", { height });
    }
    const unknown = find("[data-unknown] [role=alert]");
    const line = unknown ?? find(".state");
    const state = {
      state: unknown ? "not-found" : line?.dataset.state,
      connection: page.dataset.connection,
      text: (unknown ?? line?.querySelector(".state-word"))?.textContent,
      reason: find('.connection-badge[data-state="refused"]')?.title,
    };
    const text = JSON.stringify(state);
    if (line && text !== told) {
      told = text;
      tell("live-dashboard:state", state);
    }
  }

  function reportSoon() {
    timer ||= setTimeout(report, 0);
  }

  addEventListener("message", ({ source, data }) => {
    if (source !== parent) return;
    if (data?.type === "theme-change") follow(data.theme);
    else if (data?.type === "live-dashboard:settings") {
      dress(data.style);
      range = String(data.range ?? "").toLowerCase();
    } else return;
    reportSoon();
  });

  const changes = { subtree: true, childList: true, attributeFilter: ["data-state", "data-connection", "data-theme"] };
  new MutationObserver(reportSoon).observe(document.documentElement, changes);
  new ResizeObserver(report).observe(document.documentElement);

  // Tokens from the parent: the page's own request for one is answered by it.
  if (settings.get("tokens") === "parent") {
    const { fetch } = window;
    const here = location.href.split(/[?#]/)[0];
    const endpoint = new URL("live-dashboard", here).href;
    window.fetch = (url, options) =>
      new URL(url, here).href === endpoint ? requestToken(options) : fetch.call(window, url, options);
  }

  async function requestToken({ body, signal }) {
    const { dashboard } = JSON.parse(body);
    const { port1, port2 } = new MessageChannel();
    const answer = await new Promise((resolve, reject) => {
      port1.onmessage = ({ data }) => resolve(data);
      signal.onabort = () => reject(signal.reason);
      tell("token-request", { dashboard }, [port2]);
    });
    port1.close();
    if (answer?.token) return new Response(JSON.stringify(answer));
    const { status = 403, message } = answer ?? {};
    // The page names the hub's endpoint, which was not asked.
    const text = status < 500 ? message : `the page around this one has no token: ${message}`;
    const refusal = JSON.stringify({ error: { code: "REFUSED", message: text } });
    return new Response(refusal, { status: status >= 400 && status < 600 ? status : 502 });
  }

  follow(settings.get("theme"));
  dress(Object.fromEntries(new URLSearchParams(location.hash.slice(1))));
  tell("theme-wanted");
}
