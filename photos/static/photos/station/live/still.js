// From a bitmap or a camera's frame to a picture: read out no finer than the card needs, as the server
// decodes a file.

import { Picture } from "./picture.js";

const FACTOR = 2.5; // of the card's height, along the picture's longer side
const BYTES = 4;
const STEPS = [8, 4, 2, 1];

let copies = null;
let kept = new Uint8ClampedArray();

export async function readStill(still, leastSide) {
  const [width, height] = sizeOf(still);
  const longest = Math.max(width, height);
  const step = STEPS.find((each) => Math.floor(longest / each) >= leastSide) ?? 1;
  const size = [Math.ceil(width / step), Math.ceil(height / step)];
  const raster = (await copiedPixels(still, step, size)) ?? readPixels(still, ...size);
  return new Picture(raster, width, height);
}

// Of a bitmap or a frame.
export function sizeOf({ width, height, displayWidth = width, displayHeight = height }) {
  return [displayWidth, displayHeight];
}

// What a canvas gives, in a tenth of its time; null where the browser can't.
async function copiedPixels(still, step, [width, height]) {
  if (!(await (copies ??= copiesRight()))) return null;
  if (step === 1) return copied(still, keptBytes(width * height * BYTES));
  const size = { resizeWidth: width, resizeHeight: height, resizeQuality: "medium" };
  const whole = still.clone ? await createImageBitmap(still) : still;
  const small = await createImageBitmap(whole, size);
  if (whole !== still) whole.close();
  return copied(small).finally(() => small.close());
}

// The same memory for each still: new memory costs three times what the copying does.
function keptBytes(count) {
  if (kept.length !== count) kept = new Uint8ClampedArray(count);
  return kept;
}

// Of a still that was judged nothing stays.
export function forgetStill() {
  kept.fill(0);
}

async function copied(still, given = null) {
  const frame = new VideoFrame(still, { timestamp: 0 });
  try {
    const [width, height] = sizeOf(frame);
    const data = given ?? new Uint8ClampedArray(width * height * BYTES);
    await frame.copyTo(data, { format: "RGBA" });
    return { data, width, height };
  } finally {
    frame.close();
  }
}

// What a video shows: a frame, which costs nothing to take, or a bitmap where one can't be copied
// as it is.
export async function shownBy(video) {
  if (!(await (copies ??= copiesRight()))) return createImageBitmap(video);
  const frame = new VideoFrame(video);
  if (isUpright(frame, video)) return frame;
  frame.close();
  return createImageBitmap(video);
}

function isUpright({ visibleRect, rotation, flip }, { videoWidth, videoHeight }) {
  const { width, height } = visibleRect;
  return width === videoWidth && height === videoHeight && rotation === 0 && !flip;
}

// The very pixels of a frame that are judged.
export async function pixelsOf(frame) {
  const { data, width, height } = await copied(frame);
  return new ImageData(data, width, height);
}

// Some browsers can't, some leave the colours in another order.
async function copiesRight() {
  try {
    const canvas = new OffscreenCanvas(2, 2);
    const brush = canvas.getContext("2d");
    brush.fillStyle = "rgb(200 100 50)";
    brush.fillRect(0, 0, 2, 2);
    const { data } = await copied(canvas.transferToImageBitmap());
    return data.subarray(12).join() === "200,100,50,255" && (await copiesVideo());
  } catch {
    return false;
  }
}

// As a camera gives it: four pixels of red.
async function copiesVideo() {
  const colorSpace = { matrix: "smpte170m", primaries: "smpte170m", transfer: "smpte170m", fullRange: false };
  const kind = { format: "I420", codedWidth: 2, codedHeight: 2, timestamp: 0, colorSpace };
  const frame = new VideoFrame(new Uint8Array([81, 81, 81, 81, 90, 240]), kind);
  const { data } = await copied(frame).finally(() => frame.close());
  return data[12] > 240 && data[13] < 15 && data[14] < 15 && data[15] === 255;
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
