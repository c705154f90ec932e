// Rasters are {data, width, height} with four bytes a pixel, as ImageData; outside them is black.
// How they are reduced, read and filtered is how the server's Pillow does it, to a step or so.

const BYTES = 4;
const RED_BLUE = 0xff00ff;
const GREEN = 0xff00;
const LOW = 0xffff;
const POINT = 16; // bits; a raster has fewer than 32,768 pixels along a side

export function blank(width, height) {
  return { data: new Uint8ClampedArray(width * height * BYTES), width, height };
}

// Averages squares of `step` pixels of the part from (left, top) to (right, bottom).
export function reduced(raster, step, [left, top, right, bottom]) {
  const out = blank(Math.ceil((right - left) / step), Math.ceil((bottom - top) / step));
  const sums = new Sums(out.width);
  for (let row = 0; row < out.height; row++) {
    const from = top + row * step;
    const rows = Math.min(step, bottom - from);
    sums.clear();
    for (let y = from; y < from + rows; y++) addRow(raster, y, left, right, step, sums);
    const rest = (right - left) % step || step;
    sums.write(out, row, step * rows, rest * rows);
  }
  return out;
}

function addRow({ data, width }, y, left, right, step, sums) {
  const pixels = words(data);
  for (let x = left, cell = 0; x < right; x += step, cell++) {
    const start = y * width + x;
    const end = start + Math.min(step, right - x);
    let [both, middle] = [0, 0];
    for (let at = start; at < end; at++) {
      both += pixels[at] & RED_BLUE;
      middle += pixels[at] & GREEN;
    }
    sums.add(cell, both, middle);
  }
}

// The rectangle whose corners are given, read as a level picture of a size: at each output pixel
// the mean of `grid` × `grid` nearest pixels.
export function readOnGrid(raster, corners, [width, height], grid) {
  const walk = steps(corners, [width * grid, height * grid]);
  const out = blank(width, height);
  const sums = new Sums(width);
  for (let row = 0; row < height; row++) {
    sums.clear();
    for (let y = row * grid; y < (row + 1) * grid; y++) addFineRow(raster, walk, y, grid, sums);
    sums.write(out, row, grid * grid);
  }
  return out;
}

// In whole numbers, 16 bits of them below the point, as Pillow walks; it is faster too.
function addFineRow({ data, width, height }, { origin, along, down }, row, grid, sums) {
  const pixels = words(data);
  const [alongX, alongY] = along.map(fixed);
  let x = fixed(origin[0] + (along[0] + down[0]) / 2) + row * fixed(down[0]);
  let y = fixed(origin[1] + (along[1] + down[1]) / 2) + row * fixed(down[1]);
  for (let cell = 0; cell < sums.width; cell++) {
    let [both, middle] = [0, 0];
    for (let next = 0; next < grid; next++, x += alongX, y += alongY) {
      const [column, line] = [x >> POINT, y >> POINT];
      if (column < 0 || line < 0 || column >= width || line >= height) continue;
      const pixel = pixels[line * width + column];
      both += pixel & RED_BLUE;
      middle += pixel & GREEN;
    }
    sums.add(cell, both, middle);
  }
}

function fixed(number) {
  return Math.floor(number * (1 << POINT) + 0.5);
}

// A pixel in one number, its red lowest: red and blue are summed at once, in 16 bits each.
function words({ buffer, byteOffset, byteLength }) {
  return new Uint32Array(buffer, byteOffset, byteLength / BYTES);
}

// The sums of the pixels that come into each cell of one output row.
class Sums {
  constructor(width) {
    this.width = width;
    this.red = new Uint32Array(width);
    this.green = new Uint32Array(width);
    this.blue = new Uint32Array(width);
  }

  clear() {
    for (const colour of [this.red, this.green, this.blue]) colour.fill(0);
  }

  add(cell, both, middle) {
    this.red[cell] += both & LOW;
    this.green[cell] += middle >>> 8;
    this.blue[cell] += both >>> 16;
  }

  // The means of `count` pixels, of `lastCount` in the last cell.
  write({ data, width }, row, count, lastCount = count) {
    for (let cell = 0; cell < width; cell++) {
      const pixels = cell === width - 1 ? lastCount : count;
      const [at, half] = [(row * width + cell) * BYTES, pixels >> 1];
      data[at] = ((this.red[cell] + half) / pixels) | 0;
      data[at + 1] = ((this.green[cell] + half) / pixels) | 0;
      data[at + 2] = ((this.blue[cell] + half) / pixels) | 0;
    }
  }
}

// The same read by bilinear interpolation, for what is enlarged or as large.
export function readBetween(raster, corners, [width, height]) {
  const { origin, along, down } = steps(corners, [width, height]);
  const out = blank(width, height);
  for (let y = 0, at = 0; y < height; y++) {
    for (let x = 0; x < width; x++, at += BYTES) {
      const placeX = origin[0] + (x + 0.5) * along[0] + (y + 0.5) * down[0];
      const placeY = origin[1] + (x + 0.5) * along[1] + (y + 0.5) * down[1];
      interpolate(raster, placeX, placeY, out.data, at);
    }
  }
  return out;
}

function interpolate({ data, width, height }, x, y, target, at) {
  if (x < 0 || y < 0 || x >= width || y >= height) return;
  const left = Math.floor(x - 0.5);
  const top = Math.floor(y - 0.5);
  const dx = x - 0.5 - left;
  const dy = y - 0.5 - top;
  const above = Math.max(top, 0) * width;
  const below = Math.min(top + 1, height - 1) * width;
  const near = Math.max(left, 0);
  const far = Math.min(left + 1, width - 1);
  for (let channel = 0; channel < 3; channel++) {
    const high = mix(data[(above + near) * BYTES + channel], data[(above + far) * BYTES + channel], dx);
    const low = mix(data[(below + near) * BYTES + channel], data[(below + far) * BYTES + channel], dx);
    target[at + channel] = mix(high, low, dy);
  }
}

function mix(one, other, share) {
  return one + (other - one) * share;
}

function steps([origin, right, , bottom], [width, height]) {
  return {
    origin,
    along: [(right[0] - origin[0]) / width, (right[1] - origin[1]) / width],
    down: [(bottom[0] - origin[0]) / height, (bottom[1] - origin[1]) / height],
  };
}

// A filter of 3 × 3 that is [side, middle, side] across and down; the outermost pixels stay as they
// are.
export function filtered(raster, [side, middle]) {
  const { data, width, height } = raster;
  const out = { data: data.slice(), width, height };
  const line = width * BYTES;
  const columns = new Float32Array(line);
  for (let y = 1; y < height - 1; y++) {
    const row = y * line;
    for (let at = 0; at < line; at++) {
      columns[at] = middle * data[row + at] + side * (data[row + at - line] + data[row + at + line]);
    }
    for (let at = BYTES; at < line - BYTES; at++) {
      out.data[row + at] = middle * columns[at] + side * (columns[at - BYTES] + columns[at + BYTES]);
    }
  }
  return out;
}

export function mirrored({ data, width, height }) {
  const out = blank(width, height);
  const [from, to] = [new Uint32Array(data.buffer), new Uint32Array(out.data.buffer)];
  for (let row = 0; row < height; row++) {
    for (let x = 0; x < width; x++) to[row * width + x] = from[row * width + width - 1 - x];
  }
  return out;
}
