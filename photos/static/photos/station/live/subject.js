// What the checks measure on: the face in the picture and on the card, as the server's subject.
// `silhouette` is null where nobody looked for the background.

import { LINEAR, luma, luminance } from "./colour.js";
import { OVAL } from "./face.js";
import { bounds } from "./geometry.js";
import { maskOf } from "./outline.js";
import { reduced } from "./pixels.js";

const CELL = 8; // px of the card that the background is averaged over
const BEHIND = 0.1; // less sure than this that it is the person, it is the background
const BYTES = 4;

export class Subject {
  constructor(parts) {
    // picture, faces, crop, card, onCard, silhouette, blendshapes, yaw, pitch, profile
    Object.assign(this, parts);
    this.face = this.faces[0];
    this.size = [this.card.width, this.card.height];
    this.kept = new Map();
  }

  // Brightness as stored of each of the card's pixels.
  get luma() {
    return this.once("luma", () => plane(this.card, luma));
  }

  // 1 for each of the card's pixels inside the face's outline.
  get inside() {
    return this.once("inside", () => maskOf(OVAL.map((at) => this.onCard.at(at)), this.size));
  }

  // The linear luminance of every fourth pixel inside the face's outline.
  get faceLight() {
    return this.once("faceLight", () => everyFourth(this.card, this.inside));
  }

  // [red, green, blue] of the card's pixels inside an outline of landmarks.
  enclosed(outline) {
    const points = outline.map((landmark) => this.onCard.at(landmark));
    const [left, top] = bounds(points).map(Math.floor);
    const [right, bottom] = bounds(points).slice(2).map((end) => Math.ceil(end) + 1);
    const shape = [Math.max(right - left, 0), Math.max(bottom - top, 0)];
    const mask = maskOf(points.map(([x, y]) => [x - left, y - top]), shape);
    const found = [];
    for (let at = mask.indexOf(1); at >= 0; at = mask.indexOf(1, at + 1)) {
      const x = left + (at % shape[0]);
      const y = top + Math.floor(at / shape[0]);
      if (this.holds(x, y)) found.push(this.pixel(x, y));
    }
    return found;
  }

  holds(x, y) {
    return 0 <= x && x < this.card.width && 0 <= y && y < this.card.height;
  }

  pixel(x, y) {
    const at = (y * this.card.width + x) * BYTES;
    return [this.card.data[at], this.card.data[at + 1], this.card.data[at + 2]];
  }

  // The card averaged over squares, and which of them surely show what is behind the person.
  get cells() {
    return this.once("cells", () => {
      const small = reduced(this.card, CELL, [0, 0, ...this.size]);
      return { small, behind: inner(this.behind(small), small) };
    });
  }

  behind({ width, height }) {
    const covered = this.covered([width, height]);
    return covered.map((within, at) => {
      if (!within) return 0;
      const x = Math.min((at % width) * CELL + CELL / 2, this.card.width - 1) + 0.5;
      const y = Math.min(Math.floor(at / width) * CELL + CELL / 2, this.card.height - 1) + 0.5;
      return this.silhouette.at(this.crop.toPicture([x, y], this.size)) < BEHIND ? 1 : 0;
    });
  }

  covered(shape) {
    const { width, height } = this.picture;
    const ends = [[0, 0], [width, 0], [width, height], [0, height]];
    const outline = ends.map((end) => this.crop.fromPicture(end, this.size));
    return maskOf(outline.map(([x, y]) => [x / CELL, y / CELL]), shape);
  }

  once(name, make) {
    if (!this.kept.has(name)) this.kept.set(name, make());
    return this.kept.get(name);
  }
}

export function plane({ data }, measure) {
  const values = new Float32Array(data.length / BYTES);
  for (let at = 0; at < values.length; at++) {
    values[at] = measure(data[at * BYTES], data[at * BYTES + 1], data[at * BYTES + 2]);
  }
  return values;
}

export function stored(brightness) {
  return LINEAR[brightness];
}

function everyFourth({ data, width, height }, inside) {
  const light = new Float32Array(Math.ceil(width / 2) * Math.ceil(height / 2));
  let count = 0;
  for (let y = 0; y < height; y += 2) {
    for (let at = y * width, end = at + width; at < end; at += 2) {
      if (!inside[at]) continue;
      light[count++] = luminance(data[at * BYTES], data[at * BYTES + 1], data[at * BYTES + 2]);
    }
  }
  return light.subarray(0, count);
}

// Only cells whose neighbours are as well; beyond the edge it is as at the edge.
function inner(behind, { width, height }) {
  const clip = (at, end) => Math.min(Math.max(at, 0), end - 1);
  return behind.map((within, at) => {
    if (!within) return 0;
    const [x, y] = [at % width, Math.floor(at / width)];
    for (let row = y - 1; row <= y + 1; row++) {
      for (let column = x - 1; column <= x + 1; column++) {
        if (!behind[clip(row, height) * width + clip(column, width)]) return 0;
      }
    }
    return 1;
  });
}
