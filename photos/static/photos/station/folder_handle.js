// The folder that a camera beside the laptop writes to: chosen once, remembered, asked for again.

import { read, write } from "./database.js";

export const FOLDER_CODES = ["folder_none", "folder_gone", "folder_refused", "folder_unreadable"];

const KEPT_AS = "folder";
const CODES = { NotAllowedError: "folder_refused", NotFoundError: "folder_gone" };
const BOTH = { mode: "readwrite" };

// Firefox and Safari can't.
export function canWatch() {
  return "showDirectoryPicker" in window;
}

// Needs a click or a key. Returns the folder, or null if the window was closed without a choice.
export async function chooseFolder() {
  try {
    const folder = await window.showDirectoryPicker({ id: KEPT_AS, ...BOTH });
    await keepFolder(folder);
    return folder;
  } catch (fault) {
    if (fault.name === "AbortError") return null;
    throw fault;
  }
}

export function keepFolder(folder) {
  return write("settings", folder, KEPT_AS);
}

export async function rememberedFolder() {
  return (await read("settings", KEPT_AS)) ?? null;
}

// Needs a click or a key: after a restart the browser asks again. Returns whether files may be
// read and deleted.
export async function allowFolder(folder) {
  return (await folder.requestPermission(BOTH)) === "granted";
}

export async function mayDelete(folder) {
  return (await folder.queryPermission(BOTH)) === "granted";
}

// One of FOLDER_CODES.
export function folderFault(fault) {
  return CODES[fault.name] ?? "folder_unreadable";
}

export async function namesIn(folder) {
  const names = [];
  for await (const entry of folder.values()) if (entry.kind === "file") names.push(entry.name);
  return names;
}

// A picture and its raw twin have the same stem.
export function stem(name) {
  return name.replace(/\.[^.]*$/, "").toLowerCase();
}
