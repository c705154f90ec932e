// What a camera leaves in the clear in its folder, and its removal after the receipt.

import { mayDelete, namesIn, rememberedFolder, stem } from "./folder_handle.js";

// Deletes the files and their raw twins where the browser was given the right to; returns the
// names of what still lies there.
export async function deleteClear(names, folder = null) {
  const from = folder ?? (await rememberedFolder());
  if (!from) return names;
  if (await mayDelete(from)) await deleteAll(await left(names, from), from);
  return left(names, from);
}

// Which of the files and their raw twins lie in the folder; all where it can't be looked into.
export async function left(names, folder = null) {
  const from = folder ?? (await rememberedFolder());
  if (!from) return names;
  const stems = new Set(names.map(stem));
  try {
    return (await namesIn(from)).filter((name) => stems.has(stem(name))).sort();
  } catch {
    return names;
  }
}

// A file that another program holds stays, and is told by `left`.
async function deleteAll(names, folder) {
  for (const name of names) await folder.removeEntry(name).catch(() => {});
}
