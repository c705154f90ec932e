// A still that is read through frames and never turned or enlarged as a whole. All coordinates are
// pixels of the still in full size, whatever its raster was reduced to.

import { distance } from "./geometry.js";
import { blank, filtered, readBetween, readOnGrid, reduced } from "./pixels.js";

const GRID = 2;
const SHARP_GRID = 4;
const LEAST_COARSENESS = 1.3;
const RESTORED = 0.27; // cycles per output pixel

export class Picture {
  constructor(raster, width, height) {
    Object.assign(this, { raster, width, height, scale: raster.width / width });
  }

  // What is seen through the frame as a raster of a size [width, height].
  view(frame, size, sharp = false) {
    const corners = frame.corners().map(([x, y]) => this.toRaster(x, y));
    const whole = distance(corners[0], corners[1]) / size[0];
    const step = Math.max(1, Math.floor(whole / LEAST_COARSENESS));
    const [part, offset] = this.around(corners, step);
    const seen = corners.map(([x, y]) => [(x - offset[0]) / step, (y - offset[1]) / step]);
    return read(part, seen, size, whole / step, sharp);
  }

  toRaster(x, y) {
    return [(x / this.width) * this.raster.width, (y / this.height) * this.raster.height];
  }

  // The raster around the corners, averaged over `step` pixels, and where it begins.
  around(corners, step) {
    const { width, height } = this.raster;
    const [left, right] = reach(corners.map(([x]) => x), step, width);
    const [top, bottom] = reach(corners.map(([, y]) => y), step, height);
    if (right <= left || bottom <= top) return [blank(1, 1), [left, top]];
    if (step === 1) return [this.raster, [0, 0]];
    return [reduced(this.raster, step, [left, top, right, bottom]), [left, top]];
  }
}

function read(part, corners, size, coarseness, sharp) {
  if (coarseness < LEAST_COARSENESS) {
    const view = readBetween(part, corners, size);
    return sharp ? filtered(view, sharpening(coarseness, coarseness)) : view;
  }
  const view = readOnGrid(part, corners, size, sharp ? SHARP_GRID : GRID);
  return sharp ? filtered(view, sharpening(coarseness, 1)) : view;
}

function reach(places, step, end) {
  const clip = (place) => Math.min(Math.max(place, 0), end);
  return [
    clip(Math.floor(Math.min(...places)) - step),
    clip(Math.ceil(Math.max(...places)) + step),
  ];
}

// Takes back what averaging twice costs: a box so many times as wide leaves sinc of a wave.
function sharpening(one, other) {
  const kept = sinc(RESTORED / Math.max(one, 1)) * sinc(RESTORED / Math.max(other, 1));
  const side = (1 - 1 / kept) / (2 * (1 - Math.cos(2 * Math.PI * RESTORED)));
  return [side, 1 - 2 * side];
}

function sinc(x) {
  return Math.sin(Math.PI * x) / (Math.PI * x);
}
