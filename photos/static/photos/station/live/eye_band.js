// The band around the eyes, cut out level and to one scale, so that places in it are known.

import { LINEAR } from "./colour.js";

const ROWS = 140;
const APART = 100; // columns between the pupils
const EYE_ROW = 60;
export const COLUMNS = 220;
export const EYE_COLUMNS = [60, 160];

// Linear luminance, ROWS × COLUMNS, of a subject's card.
export function eyeBand({ luma, onCard, size }) {
  const [left, right] = onCard.eyes;
  const along = [(right[0] - left[0]) / APART, (right[1] - left[1]) / APART];
  const down = [-along[1], along[0]];
  const band = new Float32Array(ROWS * COLUMNS);
  for (let at = 0; at < band.length; at++) {
    const x = (at % COLUMNS) + 0.5 - EYE_COLUMNS[0];
    const y = Math.floor(at / COLUMNS) + 0.5 - EYE_ROW;
    const across = left[0] + x * along[0] + y * down[0];
    const below = left[1] + x * along[1] + y * down[1];
    band[at] = LINEAR[Math.floor(between(luma, size, across, below) + 0.5)];
  }
  return band;
}

function between(luma, [width, height], x, y) {
  if (x < 0 || y < 0 || x >= width || y >= height) return 0;
  const left = Math.floor(x - 0.5);
  const top = Math.floor(y - 0.5);
  const dx = x - 0.5 - left;
  const dy = y - 0.5 - top;
  const near = Math.max(left, 0);
  const far = Math.min(left + 1, width - 1);
  const above = Math.max(top, 0) * width;
  const below = Math.min(top + 1, height - 1) * width;
  const high = luma[above + near] * (1 - dx) + luma[above + far] * dx;
  return high * (1 - dy) + (luma[below + near] * (1 - dx) + luma[below + far] * dx) * dy;
}

// The values of a part of the band, row by row.
export function part(band, [top, bottom], [left, right]) {
  const rows = [];
  for (let y = top; y < bottom; y++) {
    rows.push(band.subarray(y * COLUMNS + left, y * COLUMNS + right));
  }
  return rows;
}
