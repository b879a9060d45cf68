// <live-dashboard>: a dashboard of the hub that serves this script, in a frame. "Embed" in
// README.md says what it takes and tells. The other end is frame.js.
(() => {
  const NAME = "live-dashboard";
  const { src, nonce } = document.currentScript ?? {};
  if (customElements.get(NAME)) return;

  const STYLE = ["font", "radius", "ground", "panel", "raised", "text", "muted", "line", "accent"];
  const system = matchMedia("(prefers-color-scheme: dark)");
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(`
    :host { display: block; overflow: auto }
    [hidden] { display: none !important }
    iframe { display: block; width: 100%; height: 40rem; border: 0 }
    :host([compact]) iframe { height: 24rem }
    :host([panel]) iframe { height: 9rem }
    p { margin: 0; padding: 1em 1.125em; border: 1px solid; font: 1rem/1.45 var(--live-dashboard-font, system-ui, sans-serif);
      border-radius: var(--live-dashboard-radius, .75em); border-color: var(--live-dashboard-line, #8886);
      background: var(--live-dashboard-panel, Canvas); color: var(--live-dashboard-text, CanvasText); overflow-wrap: anywhere }
    a { color: var(--live-dashboard-accent, LinkText) }`);

  /** Whether the hub answers; with `crossOrigin`, whether it does to pages of this origin. */
  const reach = (hub, crossOrigin = null) =>
    new Promise((resolve) => {
      const script = document.createElement("script");
      script.onload = script.onerror = ({ type }) => {
        script.remove();
        resolve(type === "load");
      };
      Object.assign(script, { crossOrigin, nonce: nonce ?? "", src: `${hub}embed.js?${Date.now()}` });
      document.head.append(script);
    });

  customElements.define(NAME, class extends HTMLElement {
    static observedAttributes = "aria-label compact dashboard hub panel range theme token-url".split(" ");

    #root = this.attachShadow({ mode: "open" });
    #frame;
    #message;
    #observer = new MutationObserver(() => this.#update());
    #timer;
    #shrink;
    #hub;
    #address;
    /** The frame's page runs, and its `load` is still to come. */
    #begun;
    #runs;
    /** The portal's Content-Security-Policy forbids the frame. */
    #forbidden;

    connectedCallback() {
      this.#root.adoptedStyleSheets = [sheet];
      this.#frame = document.createElement("iframe");
      this.#frame.allow = "clipboard-write";
      this.#frame.onload = () => {
        this.#frame.loaded = true;
        if (!this.#begun) this.#wait(1000);
        this.#begun = false;
      };
      this.#message = document.createElement("p");
      this.#message.setAttribute("role", "status");
      this.#say();
      this.#update();
      this.#root.replaceChildren(this.#frame, this.#message);
      for (const type of ["load", "message"]) addEventListener(type, this);
      document.addEventListener("securitypolicyviolation", this);
      system.addEventListener("change", this);
      // Themes are often attributes of one of these.
      for (const node of [document.documentElement, document.body]) this.#observer.observe(node, { attributes: true });
    }

    disconnectedCallback() {
      clearTimeout(this.#timer);
      clearTimeout(this.#shrink);
      for (const type of ["load", "message"]) removeEventListener(type, this);
      document.removeEventListener("securitypolicyviolation", this);
      system.removeEventListener("change", this);
      this.#observer.disconnect();
      this.#root.replaceChildren();
      this.#frame = this.#address = undefined;
    }

    attributeChangedCallback() {
      if (this.#frame) this.#update();
    }

    /** Loads the page again, such as after a sign-in. */
    reload() {
      const { theme, style } = this.#looks();
      this.#begun = this.#runs = this.#forbidden = false;
      this.#frame.style.visibility = "hidden";
      this.#wait(20_000);
      const address = `${this.#address}&theme=${theme}#${new URLSearchParams(style)}`;
      // Without an entry in the history. The first page may miss it.
      if (this.#frame.loaded) this.#frame.contentWindow.location.replace(address);
      else this.#frame.src = address;
    }

    #update() {
      const name = this.getAttribute("dashboard");
      this.#hub = new URL(this.getAttribute("hub")?.replace(/\/*$/, "/") ?? new URL(".", src), document.baseURI).href;
      const query = new URLSearchParams({ embed: 1 });
      for (const key of ["dashboard", "panel"]) if (this.getAttribute(key)) query.set(key, this.getAttribute(key));
      if (this.hasAttribute("compact")) query.set("compact", 1);
      if (this.tokens || this.hasAttribute("token-url")) query.set("tokens", "parent");
      this.#frame.title = this.getAttribute("aria-label") ?? `Live dashboard ${name ?? ""}`.trim();
      const address = `${this.#hub}?${query}`;
      if (address !== this.#address) {
        this.#address = address;
        const height = this.#known();
        this.#frame.style.height = height ? `${height}px` : "";
        this.reload();
      } else if (this.#runs) this.#send();
    }

    /** The theme, and the custom properties that are set. */
    #looks() {
      const computed = getComputedStyle(this);
      const [dark, light] = [/dark/, /light/].map((scheme) => scheme.test(computed.colorScheme));
      const own = dark === light ? system.matches : dark;
      const set = this.getAttribute("theme");
      const theme = /^(dark|light)$/.test(set) ? set : own ? "dark" : "light";
      this.#frame.style.colorScheme = theme;
      const style = {};
      for (const name of STYLE) {
        const value = computed.getPropertyValue(`--live-dashboard-${name}`).trim();
        if (value) style[name] = value;
      }
      return { theme, style };
    }

    #send() {
      const { theme, style } = this.#looks();
      this.#post({ type: "theme-change", theme });
      this.#post({ type: "live-dashboard:settings", range: this.getAttribute("range"), style });
    }

    #post(message) {
      this.#frame.contentWindow.postMessage(message, new URL(this.#hub).origin);
    }

    handleEvent({ type, source, origin, data, ports, effectiveDirective, blockedURI }) {
      const hub = new URL(this.#hub).origin;
      // With the page, its style has loaded.
      if (/^(change|load)$/.test(type)) this.#update();
      if (type === "securitypolicyviolation" && /^frame-src|^child-src|^default-src/.test(effectiveDirective) && blockedURI.startsWith(hub)) {
        this.#forbidden = true;
        this.#wait(0);
      }
      if (type !== "message" || source !== this.#frame.contentWindow || origin !== hub) return;
      if (data.type === "theme-wanted") {
        clearTimeout(this.#timer);
        this.#begun = this.#runs = true;
        this.#frame.style.visibility = "";
        this.#say();
        this.#send();
      } else if (data.type === "token-request") this.#token(ports[0], data.dashboard);
      else if (data.type === "live-dashboard:height") {
        // A page that is being filled is lower for a moment.
        const isLower = data.height < this.#frame.clientHeight;
        clearTimeout(this.#shrink);
        this.#shrink = setTimeout(() => this.#resize(data), isLower ? 2000 : 0);
      } else if (data.type === "live-dashboard:state") {
        this.#say(data.connection === "refused" ? `The hub refused this dashboard: ${data.reason}` : "");
        this.#tell(data);
      }
    }

    #resize(data) {
      this.#frame.style.height = `${data.height}px`;
      this.#known(data.height);
      this.#tell(data);
    }

    /** The height that the page had in a window as wide; remembers a new one. */
    #known(height) {
      const key = `${NAME} ${this.#address} ${innerWidth}`;
      try {
        if (height) localStorage[key] = height;
        return localStorage[key];
      } catch {} // The viewer forbids it.
    }

    #tell(detail) {
      if (detail.state) this.dataset.state = detail.state;
      this.dispatchEvent(new CustomEvent(detail.type ?? `${NAME}:state`, { detail, bubbles: true }));
    }

    async #token(port, dashboard) {
      let answer;
      try {
        const url = this.getAttribute("token-url");
        if (this.tokens) answer = await this.tokens({ dashboard });
        else {
          const body = JSON.stringify({ dashboard });
          const response = await fetch(url, { method: "POST", headers: { "content-type": "application/json" }, body });
          answer = await response.json().catch(() => ({}));
          if (!response.ok) answer = { status: response.status, message: answer.error?.message };
        }
      } catch ({ message }) {
        answer = { status: 503, message };
      }
      port.postMessage({ ...answer, type: "token" });
    }

    #wait(milliseconds) {
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => this.#explain(), milliseconds);
    }

    /** Says why the page does not run, and tries again later. */
    async #explain() {
      const [hub, address] = [this.#hub, this.#address];
      const { origin } = new URL(hub);
      let [state, text, pause] = ["blocked", `This page's Content-Security-Policy forbids the frame: it must have frame-src ${origin}.`, 60_000];
      if (!this.#forbidden) {
        if (!(await reach(hub))) [state, text, pause] = ["unreachable", `The hub at ${origin} cannot be reached. Trying again.`, 5000];
        else if (!(await reach(hub, "anonymous")))
          [state, text] = ["not-allowed", `The hub does not allow pages of ${location.origin} to show its dashboards: it needs --allowed-origin ${location.origin}.`];
        else [state, text] = ["not-started", "The hub answers, but its page did not start here. It may need a sign-in."];
      }
      if (address !== this.#address || this.#runs && this.#begun) return;
      this.#runs = false;
      this.#say(text);
      this.#tell({ state, text: "Unavailable", reason: text });
      this.#timer = setTimeout(() => this.reload(), pause);
    }

    /** Shows a text and a link, or the frame. */
    #say(text) {
      const link = document.createElement("a");
      Object.assign(link, { href: this.#address ?? "", target: "_blank", textContent: "Open the dashboard" });
      this.#message.replaceChildren(text ?? "", " ", link);
      this.#message.hidden = !text;
      this.#frame.hidden = Boolean(text);
    }
  });
})();
