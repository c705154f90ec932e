// How the head is held, and what eyes and mouth do.

import { mean, median } from "../colour.js";
import { PUPIL_LEFT, PUPIL_RIGHT } from "../face.js";
import { distance, middle } from "../geometry.js";

// Pairs of landmarks that face each other across an eye's opening and across the inner lips.
const LIDS_LEFT = [[160, 144], [159, 145], [158, 153]];
const LIDS_RIGHT = [[385, 380], [386, 374], [387, 373]];
const LIPS = [[82, 87], [13, 14], [312, 317]];

// Pupil and the two corners of each eye, from the left of the picture to the right.
const EYES = [[PUPIL_LEFT, 33, 133], [PUPIL_RIGHT, 362, 263]];
const EYEBALL = 0.4; // radius over the distance between the corners
const IRIS_HIDDEN = 0.03;

const LIP_SKIN = [0, 11, 12, 13, 14, 15, 16, 17, 37, 38, 84, 87, 181, 267, 268, 314, 317, 405];
const UPPER_SKIN = [8, 9, 117, 118, 168, 346, 347];
const NOISE = 6;

// Places in the blendshape model's output: blinks; brows up, lips pursed, smile.
const BLINKS = [9, 11];
const MOVEMENTS = [[4, 6], [38, 39], [44, 46]];

function eyeOpening(face) {
  return Math.min(gap(face, LIDS_LEFT), gap(face, LIDS_RIGHT)) / face.eyeToChin;
}

function mouthOpening(face) {
  return gap(face, LIPS) / face.eyeToChin;
}

function gap(face, pairs) {
  return Math.max(...pairs.map(([one, other]) => distance(face.at(one), face.at(other))));
}

function blink({ blendshapes }) {
  return blendshapes && Math.max(...blendshapes.subarray(...BLINKS));
}

function strongestMovement({ blendshapes }) {
  return blendshapes && Math.max(...MOVEMENTS.map((places) => mean(blendshapes.subarray(...places))));
}

// Degrees sideways between the line of sight and the camera; null when lids hide the irises.
function gaze({ face, yaw }) {
  if (eyeOpening(face) < IRIS_HIDDEN) return null;
  const offset = mean(EYES.map((eye) => irisOffset(face, ...eye)));
  const turned = Math.asin(Math.min(Math.max(offset / EYEBALL, -1), 1));
  return yaw + (turned * 180) / Math.PI;
}

// How far right of the middle of the eye the iris is, in eye widths.
function irisOffset(face, pupil, left, right) {
  const [from, to] = [face.at(left), face.at(right)];
  const [x, y] = face.at(pupil);
  const [middleX, middleY] = middle(from, to);
  const along = [to[0] - from[0], to[1] - from[1]];
  const across = (x - middleX) * along[0] + (y - middleY) * along[1];
  return across / (along[0] ** 2 + along[1] ** 2);
}

// How much redder than the skin beside the nose the lips are: a ratio of R/G to R/G.
function lipRedness(subject) {
  return redOverGreen(subject, LIP_SKIN) / redOverGreen(subject, UPPER_SKIN);
}

function redOverGreen(subject, places) {
  const { onCard, card } = subject;
  const ratios = places.map((landmark) => {
    const [x, y] = onCard.at(landmark).map(Math.round);
    const clip = (at, end) => Math.min(Math.max(at, 0), end - 1);
    const [red, green] = subject.pixel(clip(x, card.width), clip(y, card.height));
    return (red + NOISE) / (green + NOISE);
  });
  return median(ratios);
}

const tilted = { low: "straighten_head", high: "straighten_head" };
const aside = { low: "look_at_camera", high: "look_at_camera" };

export const FACE = [
  { component: "head pose roll", limit: "roll", measure: ({ face }) => face.roll, ...tilted },
  {
    component: "head pose roll on the card",
    limit: "card_roll",
    measure: ({ onCard }) => onCard.roll,
    ...tilted,
  },
  {
    component: "head pose yaw",
    limit: "yaw",
    measure: ({ yaw }) => yaw,
    low: "face_camera",
    high: "face_camera",
  },
  {
    component: "head pose pitch",
    limit: "pitch",
    measure: ({ pitch }) => pitch,
    low: "lower_chin",
    high: "raise_chin",
  },
  {
    component: "eyes open",
    limit: "eyes_open",
    measure: ({ face }) => eyeOpening(face),
    low: "open_eyes",
    second: ["blink", blink],
  },
  { component: "frontal gaze", limit: "gaze", measure: gaze, tier: "B", ...aside },
  {
    component: "mouth closed",
    limit: "mouth_closed",
    // Lips are thin and the model errs: what either look calls closed counts as less open.
    measure: ({ face, onCard }) => Math.min(mouthOpening(face), mouthOpening(onCard)),
    high: "close_mouth",
  },
  {
    component: "mouth occlusion prevention",
    limit: "mouth_seen",
    measure: lipRedness,
    tier: "B",
    low: "uncover_mouth",
  },
  {
    component: "expression neutrality",
    limit: "expression",
    measure: strongestMovement,
    tier: "B",
    high: "relax_face",
  },
];
