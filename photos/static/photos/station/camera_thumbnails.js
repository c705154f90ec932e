// What each camera sees, live and small, to choose from.

import { ask, cameras, close, rememberedLabel, SMALLEST_SIDE } from "./camera_tracks.js";
import { StationFault } from "./station_fault.js";

// Small, since several cameras share one cable.
const SMALL = { width: { ideal: 320 }, height: { ideal: 180 } };

const running = new Set();
let turn = 0;

// Fills a list with a button for each camera: li > button.camera-thumb[data-camera=<label>]
// (aria-current on the remembered one) > video, .camera-name, .camera-size, and .camera-fault
// [data-fault=<code>] with `words(code, params)` where it does not show. All are let go of before
// onPick(id). Returns a function that lets go of them and empties the list; `open` does so too.
export async function thumbnails(list, onPick, words = () => "") {
  stopThumbnails();
  const own = turn;
  const found = await allowed();
  if (own !== turn) return () => {};
  const shown = found.map((camera) => thumbnail(camera));
  const stop = () => {
    for (const { video } of shown) close(video);
    list.replaceChildren();
    running.delete(stop);
  };
  running.add(stop);
  shown.forEach(({ button }, at) => {
    button.addEventListener("click", () => {
      stop();
      onPick(found[at].deviceId);
    });
  });
  list.replaceChildren(...shown.map(({ item }) => item));
  await Promise.all(shown.map((one, at) => show(one, found[at], words)));
  return stop;
}

// The browser runs a camera as its first user asked (measured): one that is seen small here would
// be small for whoever opens it meanwhile.
export function stopThumbnails() {
  turn += 1;
  for (const stop of running) stop();
}

// Until a camera has been allowed, none has a name.
async function allowed() {
  const found = await cameras();
  if (found.length) return found;
  (await ask(SMALL)).stop();
  return cameras();
}

function thumbnail({ label }) {
  const [item, button, video] = ["li", "button", "video"].map((name) => document.createElement(name));
  const [name, size, fault] = ["name", "size", "fault"].map(part);
  Object.assign(button, { type: "button", className: "camera-thumb" });
  button.dataset.camera = label;
  if (label === rememberedLabel()) button.setAttribute("aria-current", "true");
  Object.assign(video, { muted: true, playsInline: true });
  name.textContent = label;
  fault.hidden = true;
  button.append(video, name, size, fault);
  item.append(button);
  return { item, button, video, size, fault };
}

function part(name) {
  const span = document.createElement("span");
  span.className = `camera-${name}`;
  return span;
}

async function show({ video, size, fault }, { deviceId }, words) {
  try {
    const track = await ask(SMALL, deviceId);
    if (!video.isConnected) return track.stop();
    const most = sizeOf(track);
    size.textContent = `${most.width} × ${most.height}`;
    video.srcObject = new MediaStream([track]);
    await video.play();
    if (Math.min(most.width, most.height) < SMALLEST_SIDE) tell(fault, "camera_small", most, words);
  } catch (error) {
    const code = error instanceof StationFault ? error.code : "camera_failed";
    tell(fault, code, {}, words);
  }
}

function tell(fault, code, params, words) {
  fault.dataset.fault = code;
  fault.textContent = words(code, params);
  fault.hidden = false;
}

function sizeOf(track) {
  const { width, height } = track.getCapabilities?.() ?? {};
  const now = track.getSettings();
  return { width: width?.max ?? now.width, height: height?.max ?? now.height };
}
