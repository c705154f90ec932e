// BlazeFace: finds faces as boxes with six key points each. Grids and box coding are those of
// MediaPipe's face detection graphs (Apache-2.0), as in the server's detector.

import { area } from "./geometry.js";

const VALUES = 16; // pairs: centre, size, then eye, eye, nose, mouth, ear, ear
const FOUR = 4;

export const NEAR = { side: 128, grids: [[16, 2], [8, 6]] };
export const BACK = { side: 256, grids: [[16, 2], [8, 6]] };
export const FULL = { side: 192, grids: [[48, 1]] };

export class Detector {
  constructor(network, { side, grids }) {
    this.network = network;
    this.side = side;
    this.centres = grids.flatMap(([cells, each]) => centres(cells, each, side));
  }

  // Every proposal in a square frame that scores at least `least`: many lie on the same face.
  async detect(picture, frame, least) {
    const size = [this.side, this.side];
    const [regressors, logits] = await this.network.see(picture.view(frame, size), 1 / 127.5, -1);
    const found = [];
    for (let index = 0; index < logits.length; index++) {
      const score = 1 / (1 + Math.exp(-logits[index]));
      if (score >= least) found.push(this.proposal(regressors, index, score, frame));
    }
    return found;
  }

  proposal(regressors, index, score, frame) {
    const values = regressors.subarray(index * VALUES, (index + 1) * VALUES);
    const [x, y] = this.centres[index];
    const place = (at) =>
      frame.toPicture([values[at] + x, values[at + 1] + y], [this.side, this.side]);
    const size = (Math.max(values[2], values[3]) * frame.width) / this.side;
    return { score, centre: place(0), size, eyes: [place(FOUR), place(FOUR + 2)] };
  }
}

export function boxOf({ centre: [x, y], size }) {
  return [x - size / 2, y - size / 2, x + size / 2, y + size / 2];
}

// The best of each heap: two show the same face when they share `overlap` of the smaller box.
export function withoutRepeats(found, boxes, overlap) {
  let left = found.map((_, index) => index).sort((a, b) => found[b].score - found[a].score);
  const kept = [];
  while (left.length) {
    const best = left[0];
    kept.push(found[best]);
    left = left.slice(1).filter((index) => share(boxes[best], boxes[index]) < overlap);
  }
  return kept;
}

function share(one, other) {
  const across = Math.min(one[2], other[2]) - Math.max(one[0], other[0]);
  const down = Math.min(one[3], other[3]) - Math.max(one[1], other[1]);
  const smaller = Math.min(area(one), area(other));
  return smaller > 0 ? (Math.max(across, 0) * Math.max(down, 0)) / smaller : 0;
}

function centres(cells, each, side) {
  const places = [];
  for (let row = 0; row < cells; row++) {
    for (let column = 0; column < cells; column++) {
      const centre = [((column + 0.5) / cells) * side, ((row + 0.5) / cells) * side];
      for (let box = 0; box < each; box++) places.push(centre);
    }
  }
  return places;
}
