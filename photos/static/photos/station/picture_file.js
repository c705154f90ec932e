// A picture out of a file: the last way, and what a camera beside the laptop writes.

import { StationFault } from "./station_fault.js";

// file_too_large has the parameter megabytes, picture_too_large megapixels.
export const PICTURE_CODES = [
  "file_empty",
  "file_heic",
  "file_raw",
  "file_too_large",
  "file_unreadable",
  "file_wrong_kind",
  "picture_too_large",
];
// As the server's own limits.
const MOST_BYTES = 15_000_000;
const MOST_PIXELS = 50_000_000;
const HEAD_BYTES = 1_000_000; // a camera's own notes stand before the size in a JPEG

// Returns an ImageBitmap, upright. Throws StationFault with one of PICTURE_CODES.
export async function readPicture(file) {
  try {
    return await decoded(file);
  } catch (fault) {
    if (fault instanceof StationFault) throw fault;
    throw new StationFault("file_unreadable");
  }
}

async function decoded(file) {
  if (!file.size) throw new StationFault("file_empty");
  const head = new Uint8Array(await file.slice(0, HEAD_BYTES).arrayBuffer());
  const fault = faultOf(head);
  if (fault) throw new StationFault(fault);
  refuseLarge(file.size, MOST_BYTES, "file_too_large", "megabytes");
  const [width, height] = isJpeg(head) ? jpegSize(head) : pngSize(head);
  refuseLarge(width * height, MOST_PIXELS, "picture_too_large", "megapixels");
  return createImageBitmap(file, { imageOrientation: "from-image" });
}

function refuseLarge(amount, most, code, unit) {
  if (amount > most) throw new StationFault(code, { [unit]: Math.ceil(amount / 1_000_000) });
}

// By the first bytes; null for JPEG and PNG.
export function faultOf(head) {
  if (isJpeg(head) || startsWith(head, PNG)) return null;
  const brand = text(head, 4, 8) === "ftyp" ? text(head, 8, 12) : "";
  if (HEIC.includes(brand)) return "file_heic";
  const raw = brand === "crx " || RAW.some((start) => text(head, 0, start.length) === start);
  return raw ? "file_raw" : "file_wrong_kind";
}

const PNG = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
// Brands of the MP4 registration authority.
const HEIC = ["heic", "heix", "heim", "heis", "hevc", "hevx", "mif1", "msf1"];
// TIFF, which most makers' raw files are, and Olympus, Panasonic, Fujifilm, Sigma, Minolta.
const RAW = ["II*\0", "MM\0*", "IIRO", "IIRS", "IIU\0", "FUJIFILMCCD-RAW", "FOVb", "\0MRM"];

export function isJpeg(head) {
  return startsWith(head, [0xff, 0xd8, 0xff]);
}

function startsWith(bytes, start) {
  return start.every((value, at) => bytes[at] === value);
}

function text(bytes, from, to) {
  return String.fromCharCode(...bytes.subarray(from, to));
}

// Width and height stand in IHDR, the first chunk.
function pngSize(head) {
  const view = new DataView(head.buffer);
  return [view.getUint32(16), view.getUint32(20)];
}

// Walks the segments (ITU-T T.81 annex B) to the frame header; a RangeError where there is none.
function jpegSize(head) {
  const view = new DataView(head.buffer);
  let at = 2;
  while (!isFrame(view.getUint16(at))) at += 2 + view.getUint16(at + 2);
  return [view.getUint16(at + 7), view.getUint16(at + 5)];
}

// SOF0 to SOF15 without DHT, JPG and DAC.
function isFrame(marker) {
  return marker >= 0xffc0 && marker <= 0xffcf && ![0xffc4, 0xffc8, 0xffcc].includes(marker);
}
