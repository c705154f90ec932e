// Rasters are {data, width, height} with four bytes a pixel, as ImageData; outside them is black.
// How they are reduced, read and filtered is how the server's Pillow does it, to a step or so.

// The loops over pixels are kept plain: taking arrays apart in them costs as much as the work.

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
  const pixels = words(raster);
  const means = words(out);
  let cell = 0;
  for (let y = top; y < bottom; y += step) {
    const rows = Math.min(step, bottom - y) | 0;
    for (let x = left; x < right; x += step) {
      const columns = Math.min(step, right - x) | 0;
      means[cell++] = meanOfPart(pixels, (y * raster.width + x) | 0, raster.width, columns, rows);
    }
  }
  return out;
}

// Red and blue are summed at once, in 16 bits each.
function meanOfPart(pixels, first, width, columns, rows) {
  let red = 0;
  let green = 0;
  let blue = 0;
  let start = first;
  for (let row = 0; row < rows; row++) {
    let both = 0;
    let middle = 0;
    const end = (start + columns) | 0;
    for (let at = start; at < end; at++) {
      const pixel = pixels[at];
      both = (both + (pixel & RED_BLUE)) | 0;
      middle = (middle + (pixel & GREEN)) | 0;
    }
    red = (red + (both & LOW)) | 0;
    green = (green + (middle >>> 8)) | 0;
    blue = (blue + (both >>> 16)) | 0;
    start = (start + width) | 0;
  }
  return meanOf(red, green, blue, rows * columns);
}

// The rectangle whose corners are given, read as a level picture of a size: at each output pixel
// the mean of `grid` × `grid` nearest pixels.
export function readOnGrid(raster, corners, [width, height], grid) {
  const walk = fixedSteps(corners, [width * grid, height * grid]);
  const out = blank(width, height);
  const [pixels, means] = [words(raster), words(out)];
  for (let row = 0, at = 0; row < height; row++) {
    let x = (walk.x + row * grid * walk.downX) | 0;
    let y = (walk.y + row * grid * walk.downY) | 0;
    for (let cell = 0; cell < width; cell++) {
      means[at++] = meanOfGrid(pixels, raster, x, y, walk, grid);
      x = (x + grid * walk.alongX) | 0;
      y = (y + grid * walk.alongY) | 0;
    }
  }
  return out;
}

function meanOfGrid(pixels, { width, height }, startX, startY, walk, grid) {
  let both = 0;
  let middle = 0;
  for (let down = 0; down < grid; down++) {
    let x = (startX + down * walk.downX) | 0;
    let y = (startY + down * walk.downY) | 0;
    for (let along = 0; along < grid; along++) {
      const column = x >> POINT;
      const line = y >> POINT;
      x = (x + walk.alongX) | 0;
      y = (y + walk.alongY) | 0;
      if (column < 0 || line < 0 || column >= width || line >= height) continue;
      const pixel = pixels[line * width + column];
      both = (both + (pixel & RED_BLUE)) | 0;
      middle = (middle + (pixel & GREEN)) | 0;
    }
  }
  return meanOf(both & LOW, middle >>> 8, both >>> 16, grid * grid);
}

// In whole numbers, 16 bits of them below the point, as Pillow walks; it is faster too.
function fixedSteps(corners, size) {
  const { origin, along, down } = steps(corners, size);
  const [x, y] = origin.map((start, axis) => fixed(start + (along[axis] + down[axis]) / 2));
  const [alongX, alongY] = along.map(fixed);
  const [downX, downY] = down.map(fixed);
  return { x, y, alongX, alongY, downX, downY };
}

function fixed(number) {
  return Math.floor(number * (1 << POINT) + 0.5);
}

// A pixel in one number, its red lowest.
function words({ data: { buffer, byteOffset, byteLength } }) {
  return new Uint32Array(buffer, byteOffset, byteLength / BYTES);
}

function meanOf(red, green, blue, count) {
  const half = count >> 1;
  return (
    (((red + half) / count) & 0xff) |
    ((((green + half) / count) & 0xff) << 8) |
    ((((blue + half) / count) & 0xff) << 16)
  );
}

// The same read by bilinear interpolation, for what is enlarged or as large.
export function readBetween(raster, corners, [width, height]) {
  const { origin, along, down } = steps(corners, [width, height]);
  const [alongX, alongY] = along;
  const pixels = words(raster);
  const out = blank(width, height);
  for (let row = 0, at = 0; row < height; row++) {
    const [startX, startY] = origin;
    const [downX, downY] = [(row + 0.5) * down[0], (row + 0.5) * down[1]];
    for (let column = 0; column < width; column++, at += BYTES) {
      const x = startX + (column + 0.5) * alongX + downX;
      const y = startY + (column + 0.5) * alongY + downY;
      interpolate(pixels, raster, x, y, out.data, at);
    }
  }
  return out;
}

function interpolate(pixels, { width, height }, x, y, target, at) {
  if (x < 0 || y < 0 || x >= width || y >= height) return;
  const left = Math.floor(x - 0.5);
  const top = Math.floor(y - 0.5);
  const dx = x - 0.5 - left;
  const dy = y - 0.5 - top;
  const above = Math.max(top, 0) * width;
  const below = Math.min(top + 1, height - 1) * width;
  const near = Math.max(left, 0);
  const far = Math.min(left + 1, width - 1);
  let one = pixels[above + near];
  let two = pixels[above + far];
  let three = pixels[below + near];
  let four = pixels[below + far];
  for (let channel = 0; channel < 3; channel++) {
    const high = mix(one & 0xff, two & 0xff, dx);
    const low = mix(three & 0xff, four & 0xff, dx);
    target[at + channel] = mix(high, low, dy);
    one >>>= 8;
    two >>>= 8;
    three >>>= 8;
    four >>>= 8;
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
  const out = data.slice();
  const line = width * BYTES;
  for (let row = line; row < line * (height - 1); row += line) {
    for (let channel = 0; channel < 3; channel++) {
      filterRow(data, out, row + channel, line, side, middle);
    }
  }
  return { data: out, width, height };
}

function filterRow(data, out, start, line, side, middle) {
  const down = (at) => Math.fround(middle * data[at] + side * (data[at - line] + data[at + line]));
  let left = down(start);
  let here = down(start + BYTES);
  for (let at = start + BYTES; at < start + line - BYTES; at += BYTES) {
    const right = down(at + BYTES);
    out[at] = middle * here + side * (left + right);
    left = here;
    here = right;
  }
}

export function mirrored({ data, width, height }) {
  const out = blank(width, height);
  const [from, to] = [new Uint32Array(data.buffer), new Uint32Array(out.data.buffer)];
  for (let row = 0; row < height; row++) {
    for (let x = 0; x < width; x++) to[row * width + x] = from[row * width + width - 1 - x];
  }
  return out;
}
