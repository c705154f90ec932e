// Everything is kept twice, in two databases that the browser keeps apart.
//
// Chromium throws a whole database away when it finds it damaged, and a browser that is killed while
// it writes may leave it so, to be found the next time but one (measured: once in 14 to 110 kills).
// One is written after the other, so that one kill damages one of them; whichever is thrown away is
// made anew out of the other. Where the browser knows no buckets there is one database.

import { openIn, result } from "./schema.js";
import { changing, reading } from "./transaction.js";

const LOCK = "fotorundan-writing";
const BUCKET = "fotorundan-spare";
const SEALED = "sealed";
const SMALL = ["outbox", "settings", "visits", "journal"];
const OWN_KEY = new Set(["outbox", "visits", "journal"]);

const opened = new Map();
let alike = null;
let alone = null;

// One at a time, in all tabs.
export function inTurn(work) {
  return navigator.locks.request(LOCK, work);
}

// Which databases there are, the one that is read last. They are alike from here on.
export function twins() {
  alike ??= inTurn(makeAlike).catch((error) => {
    alike = null;
    throw error;
  });
  return alike;
}

export function askIn(which, name, question) {
  return withDatabase(which, (base) => {
    return result(question(reading(base, [name]).objectStore(name)));
  });
}

export function changeIn(which, names, work) {
  return withDatabase(which, (base) => changing(base, names, work));
}

// Opened again where the browser has closed it.
async function withDatabase(which, work) {
  try {
    return await work(await database(which));
  } catch (error) {
    if (error.name !== "InvalidStateError") throw error;
    opened.delete(which);
    return work(await database(which));
  }
}

export async function copy(from, to) {
  const wanted = await keysOf(from, SEALED);
  const there = new Set(await keysOf(to, SEALED));
  for (const key of wanted.filter((each) => !there.has(each))) await copyOne(from, to, key);
  const rest = await Promise.all(SMALL.map((name) => allOf(from, name)));
  const extra = [...there].filter((key) => !wanted.includes(key));
  await changeIn(to, [...SMALL, SEALED, "twin"], (stores) => {
    for (const name of SMALL) stores[name].clear();
    rest.flat().forEach(([name, value, key]) => stores[name].put(value, ...key));
    for (const key of extra) stores[SEALED].delete(key);
    stores.twin.put(true, "whole");
  });
}

async function makeAlike() {
  if (alone || !navigator.storageBuckets) return [alone ?? "main"];
  const [main, spare] = [await isWhole("main"), await isWhole("spare")];
  const [from, to] = spare && !main ? ["spare", "main"] : ["main", "spare"];
  try {
    await copy(from, to);
    if (!main && !spare) await copy(to, from);
    return ["spare", "main"];
  } catch (error) {
    if (error.name !== "StorageFull") throw error;
    // Better one of them than none; until the page is loaded again.
    alone = from;
    return [from];
  }
}

function database(which) {
  if (!opened.has(which)) {
    const opening = open(which);
    opened.set(which, opening);
    opening.catch(() => opened.delete(which));
  }
  return opened.get(which);
}

async function open(which) {
  const gone = () => {
    opened.delete(which);
    alike = null;
  };
  if (which === "main") return openIn(indexedDB, gone);
  const kept = { durability: "strict", persisted: true };
  const bucket = await navigator.storageBuckets.open(BUCKET, kept);
  return openIn(bucket.indexedDB, gone);
}

async function isWhole(which) {
  return Boolean(await askIn(which, "twin", (store) => store.get("whole")));
}

function keysOf(which, name) {
  return askIn(which, name, (store) => store.getAllKeys());
}

// [name, value, [key]] of each: no key where the value carries its own.
async function allOf(which, name) {
  const [values, keys] = await Promise.all([
    askIn(which, name, (store) => store.getAll()),
    keysOf(which, name),
  ]);
  const carried = OWN_KEY.has(name);
  return values.map((value, at) => [name, value, carried ? [] : [keys[at]]]);
}

async function copyOne(from, to, key) {
  const value = await askIn(from, SEALED, (store) => store.get(key));
  await changeIn(to, [SEALED], ({ sealed }) => sealed.put(value, key));
}
