// The browser's local storage, clipboard and downloads.

export const stored = (key) => localStorage.getItem(key) ?? undefined;

export const store = (key, text) => localStorage.setItem(key, text);

export const copy = (text) => navigator.clipboard.writeText(text);

/** Hands the viewer a file. */
export function save(name, text) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type: "text/csv" }));
  link.download = name;
  link.click();
  URL.revokeObjectURL(link.href);
}
