// A folder that a camera beside the laptop writes to: each finished picture is offered once.

import { folderFault, rememberedFolder, stem } from "./folder_handle.js";
import { faultOf, isJpeg } from "./picture_file.js";

export { deleteClear, left } from "./clear_files.js";
export { allowFolder, canWatch, chooseFolder, rememberedFolder } from "./folder_handle.js";

const LOOK_AGAIN = 500; // ms
const HEAD = 32; // bytes that tell what a file is
const NONE = new DOMException("", "NotFoundError");

// Watch from when the person was chosen until the picture is accepted: what lay in the folder
// before, half written or with a raw twin there, is somebody else's and is never offered.
// A file counts when two looks give it the same size and time, and it is a whole JPEG.
// onPicture(files): what one look found, newest first. onFault(code): one of FOLDER_CODES once
// when the folder can't be read, null when it can: from then on what comes is offered. onIgnored({raw, half, other}): how many
// new files do not count, when that changes. `timer(look, ms)` calls look each ms and returns
// what ends it. Returns a function that ends the watch and gives what it knew, for the next one as
// `known`: what has come between the two is told to onStray(names).
export function watchFolder(onPicture, onFault, options = {}) {
  const { folder = null, known = null, onIgnored = () => {}, onStray = () => {}, timer = repeat } = options;
  const watch = { folder, known, onPicture, onFault, onIgnored, onStray, before: null, seen: new Map() };
  Object.assign(watch, { fault: undefined, ignored: "", running: null, stopped: false });
  const look = () => (watch.running ??= lookOnce(watch).finally(() => (watch.running = null)));
  const end = timer(look, LOOK_AGAIN);
  look();
  return () => {
    watch.stopped = true;
    end();
    return knownTo(watch);
  };
}

function knownTo({ before, seen, known }) {
  const offered = [...seen].filter(([, { kind }]) => kind === "whole").map(([name]) => name.toLowerCase());
  return before ? new Set([...before, ...offered]) : known;
}

function repeat(look, ms) {
  const timer = setInterval(look, ms);
  return () => clearInterval(timer);
}

async function lookOnce(watch) {
  try {
    const handles = await entries(watch);
    watch.before ??= firstLook(watch, handles);
    const finished = await finishedAmong(watch, handles);
    if (watch.stopped) return;
    tellFault(watch, null);
    tellIgnored(watch);
    if (finished.length) watch.onPicture(finished.sort(newestFirst));
  } catch (fault) {
    if (!watch.stopped) tellFault(watch, fault);
  }
}

async function entries(watch) {
  watch.folder ??= await rememberedFolder();
  if (!watch.folder) throw NONE;
  const handles = [];
  for await (const entry of watch.folder.values()) if (entry.kind === "file") handles.push(entry);
  return handles;
}

function firstLook({ known, onStray }, handles) {
  const names = handles.map(({ name }) => name).filter((name) => /\.jpe?g$/i.test(name));
  const strays = known ? names.filter((name) => !known.has(name.toLowerCase())) : [];
  if (strays.length) onStray(strays);
  return namesOf(handles);
}

// With the whole name too: IMG_1.JPG.part becomes IMG_1.JPG.
function namesOf(handles) {
  return new Set(handles.flatMap(({ name }) => [name.toLowerCase(), stem(name)]));
}

async function finishedAmong(watch, handles) {
  const fresh = handles.filter(({ name }) => !isOld(watch, name));
  const met = [];
  for (const handle of fresh) met.push(await meet(watch.seen, handle));
  return met.filter(Boolean);
}

function isOld({ before, seen }, name) {
  if (seen.get(name)?.kind === "whole") return true;
  return before.has(stem(name)) || before.has(name.toLowerCase());
}

// The file once it is finished; what is written on or deleted meanwhile waits for the next look.
async function meet(seen, handle) {
  try {
    const file = await handle.getFile();
    const sign = `${file.size} ${file.lastModified}`;
    const known = seen.get(file.name);
    if (known?.sign !== sign) {
      seen.set(file.name, { sign, kind: known?.kind ?? "new" });
      return null;
    }
    known.kind = await kindOf(file);
    return known.kind === "whole" ? file : null;
  } catch {
    seen.delete(handle.name);
    return null;
  }
}

async function kindOf(file) {
  const head = await bytes(file.slice(0, HEAD));
  if (!file.size) return "half";
  if (!isJpeg(head)) return faultOf(head) === "file_raw" ? "raw" : "other";
  const [before, last] = await bytes(file.slice(-2));
  return before === 0xff && last === 0xd9 ? "whole" : "half";
}

async function bytes(blob) {
  return new Uint8Array(await blob.arrayBuffer());
}

function tellFault(watch, fault) {
  const code = fault && (fault === NONE ? "folder_none" : folderFault(fault));
  if (code !== watch.fault) watch.onFault(code);
  watch.fault = code;
}

function tellIgnored(watch) {
  const counts = { raw: 0, half: 0, other: 0 };
  for (const { kind } of watch.seen.values()) if (kind in counts) counts[kind] += 1;
  const ignored = JSON.stringify(counts);
  if (ignored !== watch.ignored && (watch.ignored || watch.seen.size)) watch.onIgnored(counts);
  watch.ignored = ignored;
}

function newestFirst(one, other) {
  return other.lastModified - one.lastModified || (one.name < other.name ? 1 : -1);
}
