// Light and colour in the face, so measured that they say nothing about how dark the skin is.

import { lab, luminance, median, medianColour, percentile } from "../colour.js";

const NEARLY_WHITE = 247 / 255;
const EYES_COUNT = 1.5;
const DARKEST = 0.002;
const BLACK = 8;
const BURNT_OUT = 254;
const SKIN_LEAST = [5, 5];
const SKIN_MOST = [25, 35];

const CHEEKS = [
  [117, 118, 101, 36, 205, 187, 123],
  [346, 347, 330, 266, 425, 411, 352],
];
const EYES = [
  [33, 246, 161, 160, 159, 158, 157, 173, 133, 155, 154, 153, 145, 144, 163, 7],
  [263, 466, 388, 387, 386, 385, 384, 398, 362, 382, 381, 380, 374, 373, 390, 249],
];

function burntOut({ faceLight }) {
  return faceLight.filter((light) => light >= NEARLY_WHITE).length / faceLight.length;
}

// How brightly lit a face is: the sheen on the skin, or the whites of the eyes.
function highlight(subject) {
  const sheen = percentile(subject.faceLight, 99);
  const eyes = EYES.flatMap((eye) => lights(subject.enclosed(eye)));
  const whites = eyes.length ? EYES_COUNT * percentile(eyes, 90) : 0;
  return Math.min(Math.max(sheen, whites), 1);
}

// How many times the luminance doubles from a face's shadows to its highlights.
function dynamicRange({ faceLight }) {
  const [dark, bright] = [1, 99].map((share) => Math.max(percentile(faceLight, share), DARKEST));
  return Math.log2(bright / dark);
}

// The median luminance of the cheeks, left and right of the picture; null where one isn't seen.
export function cheekLight(subject) {
  const sides = CHEEKS.map((cheek) => lights(subject.enclosed(cheek)));
  return sides.every((side) => side.length) ? sides.map(median) : null;
}

function evenness(subject) {
  const sides = cheekLight(subject);
  return sides && Math.min(...sides) / Math.max(...sides, 1e-6);
}

// How far, in a* and b*, the median colour is from what any skin has in white light.
function unnaturalColour(subject) {
  const skin = CHEEKS.flatMap((cheek) => subject.enclosed(cheek));
  const coloured = skin.filter(([, green]) => green > BLACK && green < BURNT_OUT);
  if (2 * coloured.length <= skin.length) return null;
  const tint = medianColour(coloured.map(lab)).slice(1);
  const beyond = tint.map((value, axis) =>
    Math.max(SKIN_LEAST[axis] - value, value - SKIN_MOST[axis], 0),
  );
  return Math.hypot(...beyond);
}

function lights(colours) {
  return colours.map((colour) => luminance(...colour));
}

export const LIGHT = [
  {
    component: "over-exposure prevention",
    limit: "over_exposure",
    measure: burntOut,
    high: "less_light",
  },
  {
    component: "under-exposure prevention",
    limit: "under_exposure",
    measure: highlight,
    low: "more_light",
  },
  { component: "dynamic range", limit: "dynamic_range", measure: dynamicRange, low: "flat_light" },
  {
    component: "illumination uniformity",
    limit: "illumination_uniformity",
    measure: evenness,
    tier: "C",
    low: "even_light",
  },
  {
    component: "natural colour",
    limit: "natural_colour",
    measure: unnaturalColour,
    tier: "B",
    high: "natural_colour",
  },
];
