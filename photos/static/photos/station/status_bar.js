// What stands at the top: network, what is saved and sent, the camera, the battery and the time.

import { byId, parts, slots } from "./dom.js";
import { clockOf } from "./clock.js";
import { text } from "./texts.js";

const bar = document.querySelector(".rig-bar");
const TICK = 10_000;

export function startStatusBar() {
  tick();
  setInterval(tick, TICK);
  showBattery();
}

export function showSending({ network, session }) {
  for (const line of bar.querySelectorAll("[data-network]")) line.hidden = (line.dataset.network === "yes") !== network;
  parts(bar, { session: session === "log_in" || session === "other_user" });
}

export function showCounts(counts) {
  byId("open-outbox").hidden = false;
  slots(bar, counts);
  parts(bar, { refused: counts.refused > 0 });
}

export function showUnit(unit) {
  slots(bar, { unit });
}

export function showCamera(label) {
  parts(bar, { camera: Boolean(label) });
  slots(bar, { camera: label });
}

function tick() {
  slots(bar, { clock: clockOf(Date.now()) });
}

async function showBattery() {
  const battery = await navigator.getBattery?.();
  if (!battery) return;
  const show = () => {
    slots(bar, { battery: text("battery", { percent: Math.round(100 * battery.level) }) });
    bar.querySelector('[data-part="battery"]').classList.toggle("is-warn", battery.level < 0.2 && !battery.charging);
  };
  parts(bar, { battery: true });
  for (const change of ["levelchange", "chargingchange"]) battery.addEventListener(change, show);
  show();
}
