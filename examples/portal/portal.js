// The portal's theme switch, and a badge with the state of the dashboard.

const button = document.querySelector("#theme");

button.addEventListener("click", () => {
  const isDark = button.getAttribute("aria-pressed") === "false";
  button.setAttribute("aria-pressed", isDark);
  // With `theme="auto"` the dashboards follow the portal's `color-scheme`.
  document.documentElement.dataset.theme = isDark ? "dark" : "light";
});

document.querySelector("#operations").addEventListener("live-dashboard:state", ({ detail }) => {
  document.querySelector("#badge").textContent = detail.state === "ok" ? "" : detail.text;
});
