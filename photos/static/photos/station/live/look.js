// A quick look at a frame of the live picture: where the face is and the one thing that helps most.

import { CHECKS, checkSubject } from "./checks.js";
import { cheekLight } from "./checks/light.js";
import { cardCrop } from "./crop.js";
import { decide } from "./decide.js";
import { distinct, frameOfDetection, frameOfWhole, LEAST_PRESENCE, SURE_SCORE } from "./mesh.js";
import { Picture } from "./picture.js";
import { yawAndPitch } from "./pose.js";
import { Silhouette } from "./silhouette.js";
import { readPixels } from "./still.js";
import { Subject } from "./subject.js";

const SIDE = 640; // px, the longer side of the frame that is looked at
const CARD_SHARE = 2; // the card is cut out at so many times less
const ROUND = 4; // looks: others and the background are looked for once in each

// What a still alone tells: how sharp it is, and what the second look and the blendshapes see.
const LATER = new Set(["head pose roll on the card", "sharpness", "red-eye prevention"]);
const LIVE = CHECKS.filter(({ component }) => !LATER.has(component));

export class Looker {
  constructor(finder, profile) {
    Object.assign(this, { finder, profile, looks: 0, others: [], silhouette: null });
  }

  async look(bitmap) {
    const picture = small(bitmap);
    const face = await this.face(picture);
    this.looks += 1;
    if (!face) return { hint: "no_face", face: null, others: 0 };
    const others = await this.othersThan(picture, face);
    const hint = others.length ? "other_face" : await this.hint(picture, face);
    return { hint, face: { eyes: face.eyes, roll: face.roll, box: face.box }, others: others.length };
  }

  async face(picture) {
    const best = (await this.seen("near", picture)) ?? (await this.seen("back", picture));
    if (!best) return null;
    const face = await this.finder.lookOnce(picture, frameOfDetection(best), best.score);
    return face.presence >= LEAST_PRESENCE ? face : null;
  }

  // The largest face that a detector sees; the one for back cameras sees those far away.
  async seen(detector, picture) {
    const whole = frameOfWhole(picture);
    const found = await this.finder[detector].detect(picture, whole, LEAST_PRESENCE);
    return distinct(found).sort((one, other) => other.size - one.size)[0];
  }

  async othersThan(picture, face) {
    if (this.looks % ROUND === 1) {
      const seen = await this.finder.back.detect(picture, frameOfWhole(picture), SURE_SCORE);
      this.others = distinct(seen).filter(({ centre }) => !face.surrounds(centre));
    }
    return this.others;
  }

  async hint(picture, face) {
    const { card } = this.profile;
    const size = [card.width_px, card.height_px].map((side) => Math.round(side / CARD_SHARE));
    const crop = cardCrop(face, picture, this.profile);
    if (this.looks % ROUND === 3) {
      this.silhouette = await Silhouette.of(picture, crop, this.finder);
    }
    const onCard = face.moved((place) => crop.fromPicture(place, size));
    const parts = { picture, crop, onCard, faces: [face], card: picture.view(crop, size) };
    const { silhouette, profile } = this;
    const seen = { ...parts, silhouette, profile, blendshapes: null, ...yawAndPitch(face) };
    return advice(new Subject(seen), profile);
  }
}

// Which side lacks light is told where the cheeks differ too much.
function advice(subject, profile) {
  const [code = null] = decide(checkSubject(subject, profile, LIVE)).advice;
  if (code !== "even_light") return code;
  const [left, right] = cheekLight(subject);
  return left < right ? "darker_left" : "darker_right";
}

// Reduced, but its measures stay those of the full frame.
function small(bitmap) {
  const share = Math.min(1, SIDE / Math.max(bitmap.width, bitmap.height));
  const size = [bitmap.width, bitmap.height].map((side) => Math.max(1, Math.round(side * share)));
  return new Picture(readPixels(bitmap, ...size, "low"), bitmap.width, bitmap.height);
}
