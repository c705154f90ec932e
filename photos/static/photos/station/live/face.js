// A face: 478 landmarks of x, y and z in pixels. Numbers are those of MediaPipe's face mesh
// (Apache-2.0), left and right those of the picture.

import { Frame } from "./frame.js";
import { angle, bounds, distance, middle } from "./geometry.js";

export const POINTS = 478;
export const PUPIL_LEFT = 468;
export const PUPIL_RIGHT = 473;
const CHIN = 152;
const SURFACE = 468; // the rest are the two irises
const AXES = 3;
const FACE_MARGIN = 1.3;

export const OVAL = [
  10, 338, 297, 332, 284, 251, 389, 356, 454, 323, 361, 288, 397, 365, 379, 378, 400, 377,
  152, 148, 176, 149, 150, 136, 172, 58, 132, 93, 234, 127, 162, 21, 54, 103, 67, 109,
];

export class Face {
  constructor(points, score, presence) {
    Object.assign(this, { points, score, presence });
    this.eyes = [this.at(PUPIL_LEFT), this.at(PUPIL_RIGHT)];
    this.eyeMiddle = middle(...this.eyes);
    this.eyeToChin = distance(this.at(CHIN), this.eyeMiddle);
    this.roll = angle(...this.eyes);
    this.box = bounds(this.surface());
  }

  at(landmark) {
    return [this.points[landmark * AXES], this.points[landmark * AXES + 1]];
  }

  surface() {
    return Array.from({ length: SURFACE }, (_, landmark) => this.at(landmark));
  }

  surrounds([x, y]) {
    const [left, top, right, bottom] = this.box;
    return left <= x && x <= right && top <= y && y <= bottom;
  }

  // The same face with each landmark moved; depth stays.
  moved(move) {
    const points = this.points.slice();
    for (let landmark = 0; landmark < POINTS; landmark++) {
      points.set(move(this.at(landmark), landmark), landmark * AXES);
    }
    return new Face(points, this.score, this.presence);
  }
}

// The level square around a face that the landmark model wants to look at.
export function frameOfFace(face) {
  const turned = new Frame(0, 0, 1, 1, face.roll);
  const level = face.surface().map((place) => turned.fromPicture(place, [1, 1]));
  const [left, top, right, bottom] = bounds(level);
  const [x, y] = turned.toPicture([(left + right) / 2, (top + bottom) / 2], [1, 1]);
  const side = FACE_MARGIN * Math.max(right - left, bottom - top);
  return new Frame(x, y, side, side, face.roll);
}
