// Gaussian blur by three boxes, as Pillow does it (Gwosdek et al. 2011): whole values in between.

const PASSES = 3;

export function blurred(values, width, height, sigma) {
  const box = boxFor(sigma);
  let lines = Uint8ClampedArray.from(values);
  for (let pass = 0; pass < PASSES; pass++) lines = alongRows(lines, width, height, box);
  lines = transposed(lines, width, height);
  for (let pass = 0; pass < PASSES; pass++) lines = alongRows(lines, height, width, box);
  return transposed(lines, height, width);
}

// A box of 2 × whole + 1 pixels and a part of one more at either end, with the wanted variance.
function boxFor(sigma) {
  const variance = (sigma * sigma) / PASSES;
  const whole = Math.floor((Math.sqrt(12 * variance + 1) - 1) / 2);
  const lacking = (2 * whole + 1) * (whole * (whole + 1) - 3 * variance);
  const part = lacking / (6 * (variance - (whole + 1) ** 2));
  return { whole, part, weight: 1 / (2 * (whole + part) + 1) };
}

// Each row is laid out with its ends repeated, so that the box never reaches beyond it.
function alongRows(values, width, height, { whole, part, weight }) {
  const out = new Uint8ClampedArray(values.length);
  const reach = whole + 1;
  const row = new Int32Array(width + 2 * reach);
  for (let y = 0; y < height; y++) {
    const start = y * width;
    row.fill(values[start], 0, reach).fill(values[start + width - 1], width + reach);
    row.set(values.subarray(start, start + width), reach);
    let sum = 0;
    for (let at = 0; at < 2 * whole + 1; at++) sum += row[at];
    for (let x = 0; x < width; x++) {
      sum += row[x + 2 * whole + 1] - row[x];
      out[start + x] = (sum + part * (row[x] + row[x + 2 * reach])) * weight;
    }
  }
  return out;
}

function transposed(values, width, height) {
  const out = new Uint8ClampedArray(values.length);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) out[x * height + y] = values[y * width + x];
  }
  return out;
}
