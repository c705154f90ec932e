// What the browser keeps of the station, and how sure that is.

import { read, room, roomUpTo, write } from "./database.js";
import { inTime } from "./in_time.js";

const CANARY = "canary";
const MARK = "fotorundan.canary";
const MEGABYTE = 1024 * 1024;
const PHOTO = 2 * MEGABYTE; // what one sealed photo may take, kept twice
const TRIES = 3;
// Own choice: nobody leaves a private window open for this long.
const LONG_KEPT = 12 * 3_600_000;
const UNANSWERED = 3000; // ms

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

// Asks for it. Firefox asks the user, who may leave the question standing.
export async function persistedAnswer() {
  const promised = await inTime(navigator.storage.persist(), UNANSWERED, "unanswered").catch(() => false);
  return { level: promised ? "green" : "yellow", params: {} };
}

// Green with room for three tries each, yellow with room for one; free_mb is known to be free.
export async function roomAnswer({ people }) {
  const needed = PHOTO * people * TRIES;
  const free = await knownRoom(needed);
  const enough = free >= needed ? "green" : "yellow";
  return { level: free * TRIES >= needed ? enough : "red", params: inMegabytes(free, needed) };
}

export async function modelsAnswer({ models = [] }) {
  const found = await Promise.all(models.map((model) => caches.match(model, { ignoreVary: true })));
  const missing = found.filter((answer) => !answer).length;
  const ready = models.length > 0 && missing === 0;
  return { level: ready ? "green" : "yellow", params: { missing, models: models.length } };
}

// The estimate may be a fixed figure: what it promises is tried.
async function knownRoom(bytes) {
  return roomUpTo(Math.min(bytes, (await room()).free));
}

function inMegabytes(free, needed) {
  return { free_mb: Math.floor(free / MEGABYTE), needed_mb: needed / MEGABYTE };
}

async function writeCanary() {
  const value = crypto.randomUUID();
  const first_at = new Date().toISOString();
  await write("settings", { value, first_at, load: performance.timeOrigin }, CANARY);
  localStorage.setItem(MARK, value);
}
