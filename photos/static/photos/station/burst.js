// A few pictures in a row at the shutter, and the best of them.

import { inTime } from "./in_time.js";

const NEXT_FRAME = 1500; // ms; in a dark room a camera gives 5 frames a second
const AS_OPEN = 0.85; // of the widest: a blink halves it, between frames it differs by a tenth
const ORDER = ["pass", "warn", "unmeasurable", "fail"];

// Returns [{bitmap, at}], `at` in ms of performance.now(): the frames that come after the shutter,
// so that a camera that stands still never gives the picture of whoever sat there before. Throws
// StationFault camera_frozen when no frame comes. Close the bitmaps.
// Measured: bitmaps made while the next frame is awaited are quicker than grabFrame, takePhoto
// and a track processor.
export async function burst(video, count = 3, take = createImageBitmap) {
  const taken = [];
  try {
    while (taken.length < count) {
      await inTime(nextFrame(video), NEXT_FRAME, "camera_frozen");
      taken.push(shot(video, take));
    }
  } catch (fault) {
    closeShots(await Promise.all(taken));
    throw fault;
  }
  return Promise.all(taken);
}

// The best of what was judged: {shot, judgement, at}, `at` its place in the burst. `judged` holds
// for each shot what `judge` answered, or null. Eyes about as open as the widest come first, then
// the answer that lets more through, then sharpness; of equals the earliest.
export function bestOf(shots, judged) {
  const widest = Math.max(...judged.map((judgement) => judgement?.eyes_open ?? 0));
  const ranks = shots.map((_, at) => rank(judged[at], widest));
  const at = ranks.reduce((best, one, each) => (better(one, ranks[best]) ? each : best), 0);
  return { shot: shots[at], judgement: judged[at] ?? null, at };
}

export function closeShots(shots, but = null) {
  for (const one of shots) if (one !== but) one.bitmap.close();
}

async function shot(video, take) {
  const at = performance.now();
  return { bitmap: await take(video), at };
}

function nextFrame(video) {
  return new Promise((resolve) => video.requestVideoFrameCallback(resolve));
}

function rank(judgement, widest) {
  if (!judgement) return [-1];
  const { eyes_open: eyes, answer, sharpness } = judgement;
  const open = eyes === null || eyes >= AS_OPEN * widest;
  return [Number(open), -ORDER.indexOf(answer), sharpness ?? 0];
}

function better(one, other) {
  const at = one.findIndex((value, each) => value !== other[each]);
  return at >= 0 && one[at] > (other[at] ?? -Infinity);
}
