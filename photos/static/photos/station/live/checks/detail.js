// What the pixels are worth: sharpness. What a file is worth is told by the server alone.

import { blurred } from "../blur.js";

const BLUR_SIGMA = 1.5; // px on the card
const MEDIAN_SHARE = 0.6745;
const LAPLACIANS = 6;
const MOST_STRAY = 16 * 255; // of the difference of two Laplacians, in whole steps of brightness

// The gradient energy over that of the same picture blurred; the camera's noise is taken off first.
// `luma` and `inside` are planes of width × height.
export function sharpness(luma, inside, width, height) {
  const part = cut(luma, inside, width, height);
  const soft = { ...part, values: blurred(part.values, part.width, part.height, BLUR_SIGMA) };
  const energy = gradientEnergy(part) - noise(part) ** 2;
  return Math.max(energy, 0) / Math.max(gradientEnergy(soft), 1e-6);
}

// The rectangle around what is inside.
function cut(luma, inside, width, height) {
  const [left, top, right, bottom] = extent(inside, width, height);
  const size = { width: right - left, height: bottom - top };
  const values = new Float32Array(size.width * size.height);
  const within = new Uint8Array(values.length);
  for (let y = 0; y < size.height; y++) {
    const [from, to] = [(top + y) * width + left, (top + y) * width + right];
    values.set(luma.subarray(from, to), y * size.width);
    within.set(inside.subarray(from, to), y * size.width);
  }
  return { values, within, ...size };
}

function extent(inside, width, height) {
  let [left, top, right, bottom] = [width, height, 0, 0];
  for (let y = 0; y < height; y++) {
    const row = inside.subarray(y * width, (y + 1) * width);
    const first = row.indexOf(1);
    if (first < 0) continue;
    left = Math.min(left, first);
    right = Math.max(right, row.lastIndexOf(1) + 1);
    top = Math.min(top, y);
    bottom = y + 1;
  }
  return [left, top, right, bottom];
}

function gradientEnergy({ values, within, width, height }) {
  let [sum, count] = [0, 0];
  for (let y = 1; y < height - 1; y++) {
    for (let at = y * width + 1; at < (y + 1) * width - 1; at++) {
      if (!within[at]) continue;
      const across = values[at + 1] - values[at - 1];
      const down = values[at + width] - values[at - width];
      sum += across * across + down * down;
      count += 1;
    }
  }
  return sum / count / 4;
}

// The standard deviation of the noise in every other row (Immerkær 1996, by the median).
function noise({ values, within, width, height }) {
  const strays = new Uint32Array(MOST_STRAY + 1);
  const down = (at) => values[at - width] - 2 * values[at] + values[at + width];
  for (let y = 1; y < height - 1; y += 2) {
    for (let at = y * width + 1; at < (y + 1) * width - 1; at++) {
      if (within[at]) strays[Math.abs(down(at - 1) - 2 * down(at) + down(at + 1))] += 1;
    }
  }
  return medianOfCounts(strays) / MEDIAN_SHARE / LAPLACIANS;
}

// The median of whole numbers of which it is known how often each comes.
function medianOfCounts(counts) {
  const total = counts.reduce((sum, count) => sum + count, 0);
  const at = (rank) => {
    let [number, passed] = [0, counts[0]];
    while (passed <= rank) passed += counts[(number += 1)];
    return number;
  };
  return total ? (at((total - 1) >> 1) + at(total >> 1)) / 2 : 0;
}

export const DETAIL = [
  {
    component: "sharpness",
    limit: "sharpness",
    measure: ({ luma, inside, card }) => sharpness(luma, inside, card.width, card.height),
    low: "focus",
  },
];
