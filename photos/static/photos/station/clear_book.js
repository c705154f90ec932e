// Which pictures lie in the clear in the camera's folder: written down until they are gone from there.

import { change, read } from "./database.js";
import { deleteClear, left } from "./clear_files.js";
import { find } from "./outbox.js";

const KEPT_AS = "clear";

// They came while somebody was before the camera, or nobody was; no record has them yet.
export function noteClear(folder, names) {
  const fresh = names.map((name) => ({ name, folder, record: "", received: false }));
  return alter((kept) => [...kept, ...fresh]);
}

export function tieClear(names, record) {
  return alter((kept) => kept.map((one) => (isLoose(one, names) ? { ...one, record } : one)));
}

// Deletes those whose record has been received; resolves to the names of what could not be deleted.
export async function deleteReceived() {
  const lying = [];
  for (const one of await kept()) {
    if (!one.received && (await stateOf(one)) !== "received") continue;
    const remain = await deleteClear([one.name], one.folder);
    await (remain.length ? markReceived(one) : drop(one));
    lying.push(...remain);
  }
  return lying;
}

// The names of what lies there although nothing waits for it any more.
export async function lyingClear() {
  const lying = [];
  for (const one of await kept()) {
    if (["saved", "sending", "refused"].includes(await stateOf(one))) continue;
    const remain = await left([one.name], one.folder);
    if (!remain.length) await drop(one);
    lying.push(...remain);
  }
  return [...new Set(lying)];
}

async function kept() {
  return (await read("settings", KEPT_AS)) ?? [];
}

function isLoose({ name, record }, names) {
  return !record && names.includes(name);
}

async function stateOf({ record }) {
  return record ? (await find(record))?.state : undefined;
}

function markReceived(one) {
  return alter((kept) => kept.map((other) => (isSame(one, other) ? { ...other, received: true } : other)));
}

function drop(one) {
  return alter((kept) => kept.filter((other) => !isSame(one, other)));
}

function isSame(one, other) {
  return one.name === other.name && one.record === other.record;
}

function alter(turn) {
  return change(["settings"], ({ settings }) => {
    settings.get(KEPT_AS).onsuccess = ({ target }) => settings.put(turn(target.result ?? []), KEPT_AS);
  });
}
