// Where the faces are and where each one's landmarks are, as the server finds them: two detectors,
// two looks, a second opinion where they aren't sure, and the irises.

import { BACK, boxOf, Detector, FULL, NEAR, withoutRepeats } from "./detector.js";
import { Face, frameOfFace, POINTS } from "./face.js";
import { Frame } from "./frame.js";
import { angle, area, distance, middle } from "./geometry.js";
import { mirrored } from "./pixels.js";

const VIEW = [256, 256];
const IRIS_VIEW = [64, 64];
const BOX_MARGIN = 1.5;
const EYE_MARGIN = 2.3;
const LEAST_SCORE = 0.3;
export const LEAST_PRESENCE = 0.5;
export const SURE_SCORE = 0.8;
const SURE_PRESENCE = 0.999;
const LEAST_SECOND_OPINION = 0.4;
const CLOSE_UP = 2;
const SAME_FACE = 0.5;

// For each iris: the corners of its eye, its first landmark (the pupil), and whether the iris
// model, made for the eye at the left of the picture, sees it mirrored; one is looked for beside the
// other.
const IRISES = [
  { corners: [33, 133], pupil: 468, mirror: false, at: "beside" },
  { corners: [362, 263], pupil: 473, mirror: true, at: "networks" },
];
const IRIS_POINTS = 5;

// What the blendshape model reads (MediaPipe's face_blendshapes_graph).
const BLENDSHAPE_POINTS = [
  0, 1, 4, 5, 6, 7, 8, 10, 13, 14, 17, 21, 33, 37, 39, 40, 46, 52, 53, 54, 55, 58, 61, 63,
  65, 66, 67, 70, 78, 80, 81, 82, 84, 87, 88, 91, 93, 95, 103, 105, 107, 109, 127, 132,
  133, 136, 144, 145, 146, 148, 149, 150, 152, 153, 154, 155, 157, 158, 159, 160, 161, 162,
  163, 168, 172, 173, 176, 178, 181, 185, 191, 195, 197, 234, 246, 249, 251, 263, 267, 269,
  270, 276, 282, 283, 284, 285, 288, 291, 293, 295, 296, 297, 300, 308, 310, 311, 312, 314,
  317, 318, 321, 323, 324, 332, 334, 336, 338, 356, 361, 362, 365, 373, 374, 375, 377, 378,
  379, 380, 381, 382, 384, 385, 386, 387, 388, 389, 390, 397, 398, 400, 402, 405, 409, 415,
  454, 466, 468, 469, 470, 471, 472, 473, 474, 475, 476, 477,
];

export class FaceFinder {
  // `networks`: {near, back, full, landmarks, iris, blendshapes, person}, or what a look needs of
  // them: the rest may come until `complete`.
  constructor(networks) {
    this.networks = this.beside = networks;
    this.near = new Detector(networks.near, NEAR);
    this.back = new Detector(networks.back, BACK);
  }

  // `beside`: those of the networks that are elsewhere too, to run at the same time.
  complete(beside) {
    this.full = new Detector(this.networks.full, FULL);
    this.beside = { ...this.networks, ...beside };
    this.backBeside = new Detector(this.beside.back, BACK);
  }

  // Every face in the picture, the largest first.
  async find(picture) {
    const seen = [];
    for (const found of await this.detect(picture)) seen.push(await this.lookTwice(picture, found));
    const sure = [];
    for (const face of withoutRepeats(seen, seen.map(({ box }) => box), SAME_FACE)) {
      if (await this.isSure(picture, face)) sure.push(await this.withIrises(picture, face));
    }
    return sure.sort((one, other) => area(other.box) - area(one.box));
  }

  // The landmarks of the face that fills the frame, whether or not there is one.
  async look(picture, frame, score) {
    return this.withIrises(picture, await this.lookOnce(picture, frame, score));
  }

  async blendshapes(face) {
    const places = BLENDSHAPE_POINTS.flatMap((landmark) => face.at(landmark));
    const [movements] = await this.beside.blendshapes.run(Float32Array.from(places));
    return movements;
  }

  // How sure it is that a person, not background, is seen: 256 × 256 values from 0 to 1.
  async person(picture, frame) {
    const [mask] = await this.beside.person.see(picture.view(frame, VIEW));
    return mask;
  }

  async detect(picture) {
    const whole = frameOfWhole(picture);
    const back = this.backBeside.detect(picture, whole, LEAST_SCORE);
    const near = await this.near.detect(picture, whole, LEAST_SCORE);
    return distinct([...near, ...(await back)]);
  }

  async lookTwice(picture, found) {
    const first = await this.lookOnce(picture, frameOfDetection(found), found.score);
    const second = await this.lookOnce(picture, frameOfFace(first), found.score);
    return second.presence >= LEAST_PRESENCE ? second : first;
  }

  async lookOnce(picture, frame, score) {
    const view = picture.view(frame, VIEW);
    const [places, [presence]] = await this.networks.landmarks.see(view);
    const points = new Float64Array(places);
    for (let landmark = 0; landmark < POINTS; landmark++) {
      const [x, y, z] = points.subarray(landmark * 3, landmark * 3 + 3);
      points.set([...frame.toPicture([x, y], VIEW), (z * frame.width) / VIEW[0]], landmark * 3);
    }
    return new Face(points, score, 1 / (1 + Math.exp(-presence)));
  }

  async isSure(picture, face) {
    if (face.presence < LEAST_PRESENCE) return false;
    if (face.presence >= SURE_PRESENCE && face.score >= SURE_SCORE) return true;
    const frame = frameOfFace(face);
    const side = CLOSE_UP * frame.width;
    const closeUp = frame.with({ width: side, height: side });
    const seen = await this.full.detect(picture, closeUp, LEAST_SECOND_OPINION);
    return seen.some(({ centre }) => face.surrounds(centre));
  }

  // Moves each iris to the mean of where the landmark model and the iris model see it.
  async withIrises(picture, face) {
    const seen = await Promise.all(IRISES.map((iris) => this.iris(picture, face, iris)));
    const moves = new Map();
    IRISES.forEach(({ pupil }, side) => {
      const [x, y] = face.at(pupil);
      moves.set(pupil, [(seen[side][0] - x) / 2, (seen[side][1] - y) / 2]);
    });
    return face.moved(([x, y], landmark) => {
      const [dx, dy] = moves.get(landmark - ((landmark - IRISES[0].pupil) % IRIS_POINTS)) ?? [0, 0];
      return [x + dx, y + dy];
    });
  }

  async iris(picture, face, { corners, mirror, at }) {
    const frame = frameOfEye(face, corners);
    const view = picture.view(frame, IRIS_VIEW);
    const [, [x, y]] = await this[at].iris.see(mirror ? mirrored(view) : view);
    return frame.toPicture([mirror ? IRIS_VIEW[0] - x : x, y], IRIS_VIEW);
  }
}

export function frameOfWhole({ width, height }) {
  const side = Math.max(width, height);
  return new Frame(width / 2, height / 2, side, side);
}

export function distinct(found) {
  return withoutRepeats(found, found.map(boxOf), SAME_FACE);
}

export function frameOfDetection({ centre: [x, y], size, eyes }) {
  const side = BOX_MARGIN * size;
  return new Frame(x, y, side, side, angle(...eyes));
}

function frameOfEye(face, corners) {
  const [one, other] = corners.map((landmark) => face.at(landmark));
  const side = EYE_MARGIN * distance(one, other);
  return new Frame(...middle(one, other), side, side, face.roll);
}
