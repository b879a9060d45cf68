// Notifications, sound, a screen that stays on, and the tab's icon.

/** Whether the page may show notifications; asks the viewer if they have not decided. */
export const mayNotify = async () => (await Notification.requestPermission()) === "granted";

/** Shows a notification in place of an earlier one with the same tag. */
export function notify(title, body, tag) {
  const notification = new Notification(title, { body, tag });
  // A click brings the page to the front.
  notification.onclick = () => window.focus();
}

let audio;

/** Plays two short tones. */
export function chime() {
  audio ??= new AudioContext();
  audio.resume();
  tone(880, 0);
  tone(660, 0.18);
}

/** Plays a fading tone; `pitch` is in Hertz, `delay` in seconds. */
function tone(pitch, delay) {
  const start = audio.currentTime + delay;
  const end = start + 0.4;
  const oscillator = audio.createOscillator();
  const volume = audio.createGain();
  oscillator.frequency.value = pitch;
  volume.gain.setValueAtTime(0.2, start);
  volume.gain.exponentialRampToValueAtTime(0.001, end);
  oscillator.connect(volume).connect(audio.destination);
  oscillator.start(start);
  oscillator.stop(end);
}

/** Resolves to what keeps the screen on until its `release()`. */
export const keepScreenOn = () => navigator.wakeLock.request("screen");

/** Sets the icon in the page's tab, an SVG image, unless it is set already. */
export function setIcon(svg) {
  const icon = document.querySelector("link[rel=icon]");
  const address = `data:image/svg+xml,${svg.replaceAll("#", "%23")}`;
  if (icon && icon.href !== address) icon.href = address;
}
