// The levelled crop that a profile asks for, as near its target as fits inside the picture.

import { Frame } from "./frame.js";
import { bounds } from "./geometry.js";

export const HEAD_IN_T = 2.05; // chin to crown in eye-to-chin distances
// How far inside the limits, below and above, a crop stays.
const SLACK = { head_size: [0.02, 0.01], eyes_across: [0.005, 0.005], eyes_down: [0.005, 0.005] };
const HEAD_STEP = 0.01;
const ABOVE_CROWN = 0.02;
const ROUNDING = 1e-6;
const THOUSANDTHS = 1000;
const MILLIONTHS = 1e6;

export function headHeight(face) {
  return HEAD_IN_T * face.eyeToChin;
}

// The height in pixels of the crop with the head as large as it may be.
export function smallestCrop(face, profile) {
  return headHeight(face) / allowed(profile, "head_size")[1];
}

// `crown` is the head's height with the hair in pixels, null if unknown. When nothing fits, the
// target itself is returned; it then reaches outside the picture.
export function cardCrop(face, picture, profile, crown = null) {
  const high = crown ?? headHeight(face);
  const fitting = [];
  for (const share of headShares(profile)) {
    const aimed = belowCrown(target(face, profile.card, share), face, high, profile);
    const frame = movedInside(aimed, picture);
    if (Math.min(...room(frame, face, picture, profile)) < -ROUNDING) continue;
    const short = ABOVE_CROWN - crownDown(face, frame, high);
    const lacking = Math.max(0, Math.round(short * THOUSANDTHS) / THOUSANDTHS);
    if (!lacking) return frame;
    fitting.push({ lacking, frame });
  }
  if (!fitting.length) return target(face, profile.card, profile.card.head_height);
  return fitting.reduce((best, each) => (each.lacking < best.lacking ? each : best)).frame;
}

// How far down the frame the crown lies, as a share of its height.
export function crownDown(face, frame, crown) {
  return eyesIn(face, frame)[1] - (crown - face.eyeToChin) / frame.height;
}

// The room left, right, above and below the crop as shares of its height; negative is missing.
export function margins(frame, picture) {
  return marginsInPixels(frame, picture).map(
    (margin) => Math.round((margin / frame.height) * MILLIONTHS) / MILLIONTHS,
  );
}

function* headShares(profile) {
  const aim = profile.card.head_height;
  yield aim;
  const [low, high] = allowed(profile, "head_size");
  const most = Math.floor(Math.max(aim - low, high - aim) / HEAD_STEP + 1e-9);
  for (let step = 1; step <= most; step++) {
    for (const share of [aim - step * HEAD_STEP, aim + step * HEAD_STEP]) {
      if (low - 1e-9 <= share && share <= high + 1e-9) yield share;
    }
  }
}

function target(face, card, share) {
  const height = headHeight(face) / share;
  const width = (height * card.width_px) / card.height_px;
  const onEyes = new Frame(...face.eyeMiddle, width, height, face.roll);
  return movedDown(onEyes, 0.5 - card.eye_line);
}

// Moves a frame up until the crown is inside, but the eyes no farther down than allowed.
function belowCrown(frame, face, crown, profile) {
  const lacking = ABOVE_CROWN - crownDown(face, frame, crown);
  const lowest = allowed(profile, "eyes_down")[1];
  return movedDown(frame, -Math.max(0, Math.min(lacking, lowest - eyesIn(face, frame)[1])));
}

function movedDown(frame, share) {
  const [x, y] = frame.toPicture([0.5, 0.5 + share], [1, 1]);
  return frame.with({ x, y });
}

function movedInside(frame, picture) {
  const [left, right, above, below] = marginsInPixels(frame, picture);
  const across = left < 0 ? -left : Math.min(right, 0);
  const down = above < 0 ? -above : Math.min(below, 0);
  return frame.with({ x: frame.x + across, y: frame.y + down });
}

function marginsInPixels(frame, picture) {
  const [left, top, right, bottom] = bounds(frame.corners());
  return [left, picture.width - right, top, picture.height - bottom];
}

// How far the frame is from breaking each limit, in pixels; negative where it does.
function room(frame, face, picture, profile) {
  const [across, down] = eyesIn(face, frame);
  const head = headHeight(face) / frame.height;
  const within = Object.entries({ head_size: head, eyes_across: across, eyes_down: down });
  return marginsInPixels(frame, picture).concat(
    within.flatMap(([name, share]) => {
      const [low, high] = allowed(profile, name);
      return [(share - low) * frame.height, (high - share) * frame.height];
    }),
  );
}

// The shares that a crop is placed within; limits too narrow for slack have none.
function allowed(profile, name) {
  const [below, above] = SLACK[name];
  const low = Math.max(profile.limits[name].pass_min ?? 0, 0);
  const high = Math.min(profile.limits[name].pass_max ?? 1, 1);
  return low + below > high - above ? [low, high] : [low + below, high - above];
}

function eyesIn(face, frame) {
  return frame.fromPicture(face.eyeMiddle, [1, 1]);
}
