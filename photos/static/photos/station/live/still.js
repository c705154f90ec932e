// From a bitmap to a picture: read out no finer than the card needs, as the server decodes a file.

import { Picture } from "./picture.js";

const FACTOR = 2.5; // of the card's height, along the picture's longer side
const STEPS = [8, 4, 2, 1];

let copies = null;

export async function readStill(bitmap, leastSide) {
  const longest = Math.max(bitmap.width, bitmap.height);
  const step = STEPS.find((each) => Math.floor(longest / each) >= leastSide) ?? 1;
  const size = [Math.ceil(bitmap.width / step), Math.ceil(bitmap.height / step)];
  const raster = (await copiedPixels(bitmap, ...size)) ?? readPixels(bitmap, ...size);
  return new Picture(raster, bitmap.width, bitmap.height);
}

// What a canvas gives, in a fifth of its time; null where the browser can't.
async function copiedPixels(bitmap, width, height) {
  if (!(await (copies ??= copiesRight()))) return null;
  if (bitmap.width === width) return copied(bitmap);
  const size = { resizeWidth: width, resizeHeight: height, resizeQuality: "medium" };
  const small = await createImageBitmap(bitmap, size);
  return copied(small).finally(() => small.close());
}

async function copied(source) {
  const frame = new VideoFrame(source, { timestamp: 0 });
  try {
    const { displayWidth: width, displayHeight: height } = frame;
    const data = new Uint8ClampedArray(width * height * 4);
    await frame.copyTo(data, { format: "RGBA" });
    return { data, width, height };
  } finally {
    frame.close();
  }
}

// Some browsers can't, some leave the colours in another order.
async function copiesRight() {
  try {
    const canvas = new OffscreenCanvas(2, 2);
    const brush = canvas.getContext("2d");
    brush.fillStyle = "rgb(200 100 50)";
    brush.fillRect(0, 0, 2, 2);
    const { data } = await copied(canvas.transferToImageBitmap());
    return data.subarray(12).join() === "200,100,50,255";
  } catch {
    return false;
  }
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
