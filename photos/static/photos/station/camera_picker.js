// Which cameras there are, and the chosen one opened with all the pixels it gives.

import { stopThumbnails, thumbnails } from "./camera_thumbnails.js";
import {
  ask,
  cameras,
  close,
  idOf,
  remember,
  rememberedLabel,
  SMALLEST_SIDE,
  trackOf,
  WANTED,
} from "./camera_tracks.js";
import { inTime } from "./in_time.js";
import { StationFault } from "./station_fault.js";

export { cameras, close, thumbnails, trackOf };

// Of `open` and `watchCamera`. camera_small has the parameters width and height.
export const CAMERA_CODES = [
  "camera_busy",
  "camera_failed",
  "camera_frozen",
  "camera_missing",
  "camera_refused",
  "camera_small",
  "camera_unplugged",
];

const FIRST_PICTURE = 10_000; // ms

const turns = new WeakMap();

// Plays a camera in the video and returns its track; without an id the remembered one, else any.
// Throws StationFault with one of CAMERA_CODES. Of two calls for a video, the later one counts.
export function open(video, id = "") {
  const before = turns.get(video) ?? Promise.resolve();
  const turn = before.catch(() => {}).then(() => start(video, id));
  turns.set(video, turn);
  return turn;
}

async function start(video, id) {
  close(video);
  stopThumbnails();
  const track = await (id ? ask(WANTED, id) : askRemembered());
  try {
    await enlarge(track);
    await play(video, track);
    refuseSmall(video);
  } catch (fault) {
    track.stop();
    close(video);
    throw fault instanceof StationFault ? fault : new StationFault("camera_failed");
  }
  remember(track);
  return track;
}

// Labels can be read once a camera was allowed: before that, any camera opens the way to them.
async function askRemembered() {
  const label = rememberedLabel();
  const known = await idOf(label);
  if (known) return ask(WANTED, known);
  const track = await ask(WANTED);
  const meant = track.label === label ? "" : await idOf(label);
  if (!meant) return track;
  track.stop();
  return ask(WANTED, meant);
}

// What is wanted may lie far from what a camera of another shape has: then it is asked for its most.
async function enlarge(track) {
  const { width, height } = track.getCapabilities?.() ?? {};
  const before = pixels(track);
  if (!width?.max || width.max * height.max <= before) return;
  const most = { width: { ideal: width.max }, height: { ideal: height.max } };
  await track.applyConstraints({ ...most, resizeMode: "none" });
  if (pixels(track) < before) await track.applyConstraints(WANTED);
}

function pixels(track) {
  const { width = 0, height = 0 } = track.getSettings();
  return width * height;
}

async function play(video, track) {
  video.muted = true;
  video.playsInline = true;
  video.srcObject = new MediaStream([track]);
  await inTime(video.play(), FIRST_PICTURE, "camera_frozen");
}

function refuseSmall({ videoWidth: width, videoHeight: height }) {
  if (Math.min(width, height) >= SMALLEST_SIDE) return;
  throw new StationFault("camera_small", { width, height });
}
