// Where the person ends and the background begins, around the card's place in the picture.

const SIDE = 256; // of the mask
const SIZE = [SIDE, SIDE];
const AROUND = 1.35; // so many times the crop is looked at
const SURE = 0.5;
const TEMPLES = 0.1; // of the face's width on either side, where hair may stand out
const LEAST_HEAD_IN_T = 1.7;

export class Silhouette {
  static async of(picture, crop, finder) {
    const frame = crop.with({ width: AROUND * crop.width, height: AROUND * crop.height });
    return new Silhouette(frame, await finder.person(picture, frame));
  }

  constructor(frame, mask) {
    Object.assign(this, { frame, mask });
  }

  // How sure it is that a person is seen at a place of the picture; beyond the mask as at its edge.
  at(place) {
    const [x, y] = this.frame.fromPicture(place, SIZE);
    const [left, top] = [Math.floor(x - 0.5), Math.floor(y - 0.5)];
    const [dx, dy] = [x - 0.5 - left, y - 0.5 - top];
    const above = this.cell(left, top) * (1 - dx) + this.cell(left + 1, top) * dx;
    const below = this.cell(left, top + 1) * (1 - dx) + this.cell(left + 1, top + 1) * dx;
    return above * (1 - dy) + below * dy;
  }

  cell(x, y) {
    const clip = (place) => Math.min(Math.max(place, 0), SIDE - 1);
    return this.mask[clip(y) * SIDE + clip(x)];
  }

  // The head's height with its hair, in pixels of the picture; null if no head is seen.
  chinToCrown(face) {
    const across = face.surface().map((place) => this.frame.fromPicture(place, SIZE)[0]);
    const [left, right] = [Math.min(...across), Math.max(...across)];
    const aside = TEMPLES * (right - left);
    const columns = [Math.max(0, Math.floor(left + aside)), Math.max(1, Math.floor(right - aside))];
    const eyes = this.frame.fromPicture(face.eyeMiddle, SIZE)[1];
    const hair = this.rowsAbove(eyes, ...columns);
    const height = face.eyeToChin + ((hair + (eyes % 1)) * this.frame.height) / SIDE;
    return height >= LEAST_HEAD_IN_T * face.eyeToChin ? height : null;
  }

  // How many rows above the eyes show the person in some column.
  rowsAbove(eyes, left, right) {
    const first = Math.min(Math.max(0, Math.floor(eyes)), SIDE);
    let row = first - 1;
    while (row >= 0 && this.rowShowsPerson(row, left, right)) row -= 1;
    return first - 1 - row;
  }

  rowShowsPerson(row, left, right) {
    const start = row * SIDE;
    return this.mask.subarray(start + left, start + Math.min(right, SIDE)).some((sure) => sure >= SURE);
  }
}
