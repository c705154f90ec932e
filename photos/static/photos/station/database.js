// The station's own database: what is said to be written is on the disk.

const NAME = "fotorundan-station";
const PIECE = 8 * 2 ** 20;
const RANDOM_AT_ONCE = 65_536;

// Each step makes one version of the one before. A step only adds: a laptop may hold a full queue
// made by any version.
export const upgrades = [
  (database) => {
    const outbox = database.createObjectStore("outbox", { keyPath: "id" });
    outbox.createIndex("user", "user");
    outbox.createIndex("visit", "visit");
    database.createObjectStore("sealed");
    database.createObjectStore("settings");
    database.createObjectStore("trial");
    database.createObjectStore("visits", { keyPath: "id" });
    database.createObjectStore("journal", { keyPath: ["visit", "subject"] });
  },
];

export class StorageFull extends Error {
  name = "StorageFull";
}

let opened = null;

// The value under a key; undefined where there is none.
export async function read(store, key) {
  const transaction = await begin([store], "readonly");
  return result(transaction.objectStore(store).get(key));
}

export async function readAll(store) {
  const transaction = await begin([store], "readonly");
  return result(transaction.objectStore(store).getAll());
}

// All values of a store whose index has the key.
export async function readBy(store, index, key) {
  const transaction = await begin([store], "readonly");
  return result(transaction.objectStore(store).index(index).getAll(key));
}

// `key` is for `settings`, `sealed` and `trial`; the values of the others carry their own.
export function write(store, value, key) {
  return change([store], (stores) => stores[store].put(value, key));
}

export function erase(store, key) {
  return change([store], (stores) => stores[store].delete(key));
}

// One strict transaction: `work` gets the stores by name and asks for its changes at once.
// Resolves to what `work` returned when all is on the disk; else nothing has changed.
// Throws StorageFull where the browser gives no more room.
export async function change(names, work) {
  const transaction = await begin(names, "readwrite");
  const done = finished(transaction);
  try {
    const told = work(stores(transaction, names));
    await done;
    return told;
  } catch (error) {
    abort(transaction);
    await done.catch(() => {});
    throw error;
  }
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

// Whether so many bytes can be kept just now: they are written, and taken away again.
export async function roomFor(size) {
  const piece = noise(Math.min(PIECE, size));
  try {
    for (let at = 0; at < size; at += PIECE) {
      await write("trial", piece.subarray(0, size - at), at);
    }
    return true;
  } catch (error) {
    if (!(error instanceof StorageFull)) throw error;
    return false;
  } finally {
    await change(["trial"], ({ trial }) => trial.clear());
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

async function begin(names, mode) {
  const options = { durability: "strict" };
  try {
    return (await database()).transaction(names, mode, options);
  } catch (error) {
    // The browser may close it at any time; what was closed is opened again, once.
    if (error.name !== "InvalidStateError") throw error;
    opened = null;
    return (await database()).transaction(names, mode, options);
  }
}

function database() {
  opened ??= open(upgrades.length).catch((error) => {
    opened = null;
    throw error;
  });
  return opened;
}

async function open(version) {
  try {
    return await request(version);
  } catch (error) {
    // A newer page has been here. It only added, so this one can go on.
    if (error.name !== "VersionError") throw error;
    return request();
  }
}

async function request(version) {
  const asked = indexedDB.open(NAME, version);
  asked.onupgradeneeded = ({ oldVersion, newVersion }) => {
    const steps = upgrades.slice(oldVersion, newVersion);
    for (const step of steps) step(asked.result, asked.transaction);
  };
  const database = await result(asked);
  database.onclose = () => (opened = null);
  database.onversionchange = () => {
    opened = null;
    database.close();
  };
  return database;
}

function result(asked) {
  return new Promise((resolve, reject) => {
    asked.onsuccess = () => resolve(asked.result);
    asked.onerror = () => reject(asked.error);
  });
}

function stores(transaction, names) {
  return Object.fromEntries(names.map((name) => [name, transaction.objectStore(name)]));
}

function finished(transaction) {
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onabort = () => reject(named(transaction.error));
  });
}

function named(error) {
  return error?.name === "QuotaExceededError" ? new StorageFull(error.message) : error;
}

function abort(transaction) {
  try {
    transaction.abort();
  } catch {
    // It has ended by itself.
  }
}
