// What the browser keeps of the station, and how sure that is.

import { read, room, write } from "./database.js";
import { fits } from "./room_trial.js";

const CANARY = "canary";
const MARK = "fotorundan.canary";
const MEGABYTE = 1024 * 1024;
const PHOTO = 2 * MEGABYTE; // what one sealed photo may take
const TRIES = 3;
// Own choice: nobody leaves a private window open for this long.
const LONG_KEPT = 12 * 3_600_000;

// Written in two places at the first run; red when one has lost it.
export async function canaryAnswer() {
  const [kept, mark] = [await read("settings", CANARY), localStorage.getItem(MARK)];
  if (kept && kept.value === mark) {
    return { level: kept.load === performance.timeOrigin ? "yellow" : "green", params: {} };
  }
  await writeCanary();
  return { level: kept || mark ? "red" : "yellow", params: {} };
}

// No browser tells. What has been kept for long was not written in a private window.
export async function privateWindowAnswer() {
  const { first_at } = await read("settings", CANARY);
  const kept = Date.now() - Date.parse(first_at) >= LONG_KEPT;
  return { level: kept ? "green" : "yellow", params: {} };
}

export async function workerAnswer() {
  const state = navigator.serviceWorker?.controller?.state;
  return { level: state === "activated" ? "green" : "red", params: {} };
}

// Asks for it; the browser may ask the user.
export async function persistedAnswer() {
  return { level: (await navigator.storage.persist()) ? "green" : "yellow", params: {} };
}

// Green with room for three tries each, yellow with room for one; free_mb is known to be free.
export async function roomAnswer({ people }) {
  const needed = PHOTO * people * TRIES;
  if (await hasRoom(needed)) return { level: "green", params: inMegabytes(needed, needed) };
  const one = needed / TRIES;
  if (await hasRoom(one)) return { level: "yellow", params: inMegabytes(one, needed) };
  return { level: "red", params: inMegabytes(0, needed) };
}

export async function modelsAnswer({ models = [] }) {
  const found = await Promise.all(models.map((model) => caches.match(model, { ignoreVary: true })));
  const missing = found.filter((answer) => !answer).length;
  const ready = models.length > 0 && missing === 0;
  return { level: ready ? "green" : "yellow", params: { missing, models: models.length } };
}

// Both must say yes: one browser's estimate is a fixed figure, another can't try.
async function hasRoom(bytes) {
  return (await room()).free >= bytes && (await fits(bytes)) !== false;
}

function inMegabytes(free, needed) {
  return { free_mb: free / MEGABYTE, needed_mb: needed / MEGABYTE };
}

async function writeCanary() {
  const value = crypto.randomUUID();
  const first_at = new Date().toISOString();
  await write("settings", { value, first_at, load: performance.timeOrigin }, CANARY);
  localStorage.setItem(MARK, value);
}
