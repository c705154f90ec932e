// Without the face models: light, sharpness and size of the whole picture. They are coarse, so
// sharpness only warns; the server judges all the rest later.

import { finding } from "./checks.js";
import { sharpness } from "./checks/detail.js";
import { luma, luminance, percentile } from "./colour.js";
import { decide } from "./decide.js";
import { milder } from "./limit.js";
import { readPixels, sizeOf } from "./still.js";
import { plane } from "./subject.js";

const SIDE = 531; // px, the longer side of what is measured: about the card's scale
const LIGHT = { component: "under-exposure prevention", limit: "under_exposure", low: "more_light" };
const SIZE = { component: "spatial sampling rate", limit: "sampling", low: "come_closer" };
const SHARP = { component: "sharpness", limit: "sharpness", low: "focus" };

export function judgePlainly(bitmap, profile) {
  const raster = reducedTo(bitmap, SIDE);
  const sharp = finding(SHARP, sharpnessOf(raster), profile);
  const findings = [
    finding(LIGHT, percentile(plane(raster, luminance), 99), profile),
    finding(SIZE, samplingOf(bitmap, profile), profile),
    { ...sharp, answer: milder(sharp.answer, "warn") },
  ];
  const told = findings.map(({ tier: _tier, ...rest }) => rest);
  const place = { face: null, others: 0, crop: null, landmarks: null };
  return { ...decide(findings), findings: told, eyes_open: null, sharpness: sharp.value, ...place };
}

export function lookPlainly(bitmap, profile) {
  const light = percentile(plane(reducedTo(bitmap, SIDE / 4), luminance), 99);
  const { advice } = finding(LIGHT, light, profile);
  return { hint: advice, face: null, others: 0 };
}

// Source pixels along one pixel of the card, if it took as much of the picture as there is.
function samplingOf(bitmap, { card }) {
  const [width, height] = sizeOf(bitmap);
  return Math.min(width / card.width_px, height / card.height_px);
}

function sharpnessOf(raster) {
  const { width, height } = raster;
  const everywhere = new Uint8Array(width * height).fill(1);
  return sharpness(plane(raster, luma), everywhere, width, height);
}

function reducedTo(bitmap, side) {
  const whole = sizeOf(bitmap);
  const share = Math.min(1, side / Math.max(...whole));
  const size = whole.map((each) => Math.max(1, Math.round(each * share)));
  return readPixels(bitmap, ...size);
}
