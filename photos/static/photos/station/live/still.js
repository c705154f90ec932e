// From a bitmap to a picture: read out no finer than the card needs, as the server decodes a file.

import { Picture } from "./picture.js";

const FACTOR = 2.5; // of the card's height, along the picture's longer side
const STEPS = [8, 4, 2, 1];

export function readStill(bitmap, leastSide) {
  const longest = Math.max(bitmap.width, bitmap.height);
  const step = STEPS.find((each) => Math.floor(longest / each) >= leastSide) ?? 1;
  const size = [Math.ceil(bitmap.width / step), Math.ceil(bitmap.height / step)];
  return new Picture(readPixels(bitmap, ...size), bitmap.width, bitmap.height);
}

export function firstSide(profile) {
  return Math.round(profile.card.height_px * FACTOR);
}

// The whole bitmap in a size; what is left out is averaged, in low quality between neighbours alone.
export function readPixels(bitmap, width, height, quality = "medium") {
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext("2d", { willReadFrequently: true });
  context.imageSmoothingQuality = quality;
  context.drawImage(bitmap, 0, 0, width, height);
  return context.getImageData(0, 0, width, height);
}
