// What the page listens to. Each source reads a value of an event, or `undefined` to ignore it.

/** What a message of the page's own origin requests: a theme or a range. */
function request({ origin, data }) {
  if (origin !== location.origin) return undefined;
  if (data?.type === "theme-change") return data.theme;
  if (data?.type === "range-change") return data.range;
}

const sources = {
  visibility: [document, "visibilitychange", () => document.visibilityState !== "hidden"],
  escape: [document, "keydown", ({ key }) => (key === "Escape" ? true : undefined)],
  message: [window, "message", request],
};

/** Calls back with each value of a source until `stop()`. */
export class Listener {
  constructor(source, callback) {
    const [target, event, read] = sources[source];
    const handle = (event) => {
      const value = read(event);
      if (value !== undefined) callback(value);
    };
    target.addEventListener(event, handle);
    this.stop = () => target.removeEventListener(event, handle);
  }
}

export const isVisible = () => sources.visibility[2]();
