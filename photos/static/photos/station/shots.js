// From the shutter to the verdict: the first picture is judged at once, two more are there to choose from.

import { bestOf, burst, closeShots } from "./burst.js";
import { pixelsOf, shownBy } from "./live/still.js";
import { readPicture } from "./picture_file.js";

const PREVIEW = 1200;

// {frames, chosen, best, source, ms, more}: `more` resolves when the rest of the burst is judged.
// `early`, if there is one, is the promise of a frame judged before the shutter, or of null.
export async function shootBurst(video, live, early = null) {
  const began = performance.now();
  const first = burst(video, 1, shownBy).then(([taken]) => taken);
  const judged = early && (await onceItMoves(early, first));
  const rest = othersThan(judged, first, video).catch(() => []);
  const frame = judged ?? (await framed(first, live).catch((fault) => closed(rest, fault)));
  const shot = shotOf([frame], "camera", performance.now() - began);
  const isWell = frame.verdict.answer === "pass";
  shot.more = Promise.all([rest, isWell && painted()]).then(([shots]) => addFrames(shot, shots, live));
  if (!isWell) await chooseBest(shot, began);
  return shot;
}

// A camera that stands still gives no picture, nor one that was judged before.
async function onceItMoves(early, first) {
  const [{ value: judged }, moved] = await Promise.allSettled([early, first]);
  if (moved.status === "fulfilled") return judged;
  if (judged) letGo({ frames: [judged] });
  throw moved.reason;
}

// Two that come after the shutter.
async function othersThan(judged, first, video) {
  const taken = await first;
  if (!judged) return burst(video, 2, shownBy);
  return [taken, ...(await burst(video, 1, shownBy).catch(() => []))];
}

async function closed(rest, fault) {
  closeShots(await rest);
  throw fault;
}

// The others are judged when the first verdict stands on the screen.
function painted() {
  return new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
}

// Of several pictures at once the best is suggested; `fault` is why one of them is not there.
export async function shootFiles(files, source, live) {
  const began = performance.now();
  const [frames, faults] = [[], []];
  for (const file of files) {
    await fromFile(file, live).then((frame) => frames.push(frame), (fault) => faults.push(fault));
  }
  if (!frames.length) throw faults[0];
  const shot = shotOf(frames, source, performance.now() - began);
  suggestBest(shot);
  return Object.assign(shot, { chosen: shot.best, fault: faults[0] ?? null });
}

async function fromFile(file, live) {
  return framed({ bitmap: await readPicture(file), at: performance.now() }, live);
}

// The JPEG of the chosen picture, made once.
export function encoded(frame, encoder) {
  frame.jpeg ??= createImageBitmap(frame.still).then(encoder.encode).catch((fault) => {
    frame.jpeg = null;
    throw fault;
  });
  return frame.jpeg;
}

// A preview is in memory until the next person only.
export function letGo(shot) {
  for (const { still, preview } of shot?.frames ?? []) {
    still.close?.();
    preview.close();
  }
}

function shotOf(frames, source, ms) {
  return { frames, chosen: frames[0], best: frames[0], source, ms, more: null };
}

async function chooseBest(shot, began) {
  await shot.more;
  shot.chosen = shot.best;
  shot.ms = performance.now() - began;
}

// One that can't be judged is none to choose.
async function addFrames(shot, shots, live) {
  for (const taken of shots) await framed(taken, live).then((frame) => shot.frames.push(frame), () => {});
  suggestBest(shot);
}

function suggestBest(shot) {
  const { at } = bestOf(shot.frames, shot.frames.map(({ verdict }) => verdict));
  shot.best = shot.frames[at];
}

// `taking` is {bitmap, at} or the promise of it: a bitmap or a frame, and when it was taken, in ms of
// performance.now(). Judging takes over one of its own. The page keeps out of its way until it is
// told: there may be no third core.
export async function framed(taking, live) {
  const taken = Promise.resolve(taking);
  const judging = live.judge(taken.then(({ bitmap }) => bitmap.clone?.() ?? createImageBitmap(bitmap)));
  await judging.catch(() => taken.then(({ bitmap }) => bitmap.close()));
  const { bitmap, at } = await taken;
  const taken_at = new Date(Date.now() - performance.now() + at).toISOString();
  return { verdict: await judging, ...(await withPreview(bitmap)), taken_at, jpeg: null };
}

// A frame is given back to the camera, which has but a few; its pixels are those that were judged.
async function withPreview(picture) {
  const still = picture.clone ? await pixelsOf(picture).finally(() => picture.close()) : picture;
  const { width, height } = still;
  const scale = Math.min(1, PREVIEW / Math.max(width, height));
  const small = { resizeWidth: Math.round(width * scale), resizeHeight: Math.round(height * scale) };
  return { still, preview: await createImageBitmap(still, small), width, height };
}
