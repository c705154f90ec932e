// The station's own database: what is said to be written is on the disk, twice.

import { upgrades } from "./schema.js";
import { StorageFull } from "./transaction.js";
import { askIn, changeIn, copy, inTurn, twins } from "./twins.js";

export { StorageFull, upgrades };

const PIECE = 8 * 2 ** 20;
const RANDOM_AT_ONCE = 65_536;

// The value under a key; undefined where there is none.
export function read(store, key) {
  return ask(store, (asked) => asked.get(key));
}

export function readAll(store) {
  return ask(store, (asked) => asked.getAll());
}

// All values of a store whose index has the key.
export function readBy(store, index, key) {
  return ask(store, (asked) => asked.index(index).getAll(key));
}

// `key` is for `settings`, `sealed` and `trial`; the values of the others carry their own.
export function write(store, value, key) {
  return change([store], (stores) => stores[store].put(value, key));
}

export function erase(store, key) {
  return change([store], (stores) => stores[store].delete(key));
}

// One strict transaction, of each database by itself: `work` gets the stores by name and asks for
// its changes at once. Resolves to what `work` returned when all is on the disk; else nothing has
// changed. Throws StorageFull where the browser gives no more room.
export async function change(names, work) {
  const [first, last] = await twins();
  return inTurn(async () => {
    const told = await changeIn(first, names, work);
    return last ? changeLast(first, last, names, work) : told;
  });
}

// How many bytes there is room for, and whether the browser has promised to keep what it has.
// Chromium says 10 GiB whatever is left; so a few photos' worth is tried, and without room for them
// none is told.
export async function room() {
  const { quota = 0, usage = 0 } = await navigator.storage.estimate();
  const told = Math.max(0, quota - usage);
  const free = (await roomFor(Math.min(told, PIECE))) ? told : 0;
  return { free, persisted: await navigator.storage.persisted() };
}

// Whether so many bytes of the disk can be had just now.
export async function roomFor(size) {
  return (await roomUpTo(size)) >= size;
}

// How many bytes of so many there is room for: they are written, and taken away again. Nothing less
// tells the truth: an empty file of that length is given also on a full disk.
export async function roomUpTo(size) {
  const copies = (await twins()).length;
  try {
    return copies * (await fill(Math.ceil(size / copies)));
  } finally {
    await change(["trial"], ({ trial }) => trial.clear());
  }
}

async function fill(size) {
  const piece = noise(Math.min(PIECE, size));
  for (let at = 0; at < size; at += PIECE) {
    if (!(await fits(piece.slice(0, size - at), at))) return at;
  }
  return size;
}

// Firefox says UnknownError of the last bit of room that it tells of (measured).
async function fits(bytes, at) {
  try {
    await write("trial", bytes, at);
    return true;
  } catch (error) {
    if (!(error instanceof StorageFull) && error.name !== "UnknownError") throw error;
    return false;
  }
}

// What the browser cannot press together.
function noise(size) {
  const bytes = new Uint8Array(size);
  for (let at = 0; at < size; at += RANDOM_AT_ONCE) {
    crypto.getRandomValues(bytes.subarray(at, at + RANDOM_AT_ONCE));
  }
  return bytes;
}

async function ask(store, question) {
  return askIn((await twins()).at(-1), store, question);
}

// What is not changed here is not changed at all: the first is made as it was.
async function changeLast(first, last, names, work) {
  try {
    return await changeIn(last, names, work);
  } catch (error) {
    // Where even that fails it is done when the page is loaded again.
    await copy(last, first).catch(() => {});
    throw error;
  }
}
