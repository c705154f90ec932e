// The camera, what it gives, and the folder of a camera beside the laptop.

import { capabilities } from "./capabilities.js";
import { open, trackOf } from "./camera_picker.js";

// Own choices. Shorter side of the picture in pixels: below this it does, but not well.
const GOOD_SIDE = 720;
// Of 255: a covered lens gives less light than this on average, or less difference than that.
const DARKEST = 16;
const FLATTEST = 3;
const SAMPLE = { width: 64, height: 36 };

// `openCamera` resolves to "" or the code of what stops the camera; it may wait for an answer.
export async function cameraAnswer({ video, openCamera = () => opened(video) }) {
  const code = await openCamera();
  if (code) return { level: "red", params: { code } };
  const params = { width: video.videoWidth, height: video.videoHeight };
  const good = Math.min(params.width, params.height) >= GOOD_SIDE;
  return { level: good ? "green" : "yellow", params };
}

// Takes a picture, looks whether there is anything in it, and lets go of it.
export async function testShotAnswer({ video }) {
  if (!video.videoWidth) return { level: "red", params: {} };
  const jpeg = await encoded(drawn(video, video.videoWidth, video.videoHeight));
  if (!jpeg) return { level: "red", params: {} };
  const { mean, spread } = light(drawn(video, SAMPLE.width, SAMPLE.height));
  const covered = mean < DARKEST || spread < FLATTEST;
  const params = { kilobytes: Math.round(jpeg.size / 1024) };
  return { level: covered ? "yellow" : "green", params };
}

// Yellow: this browser can't. Red: the folder must be chosen again. None wanted: no answer.
export async function folderAnswer({ folder = null }) {
  if (!(await capabilities()).folder) return { level: "yellow", params: {} };
  if (!folder) return null;
  const granted = (await folder.queryPermission({ mode: "readwrite" })) === "granted";
  return { level: granted ? "green" : "red", params: { name: folder.name } };
}

// Opens the camera where it is not open already.
async function opened(video) {
  try {
    if (trackOf(video)?.readyState !== "live") await open(video);
    return "";
  } catch ({ code }) {
    return code;
  }
}

function drawn(video, width, height) {
  const canvas = document.createElement("canvas");
  Object.assign(canvas, { width, height });
  canvas.getContext("2d").drawImage(video, 0, 0, width, height);
  return canvas;
}

function encoded(canvas) {
  return new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg"));
}

// Mean and standard deviation of green, which carries most of the light.
function light(canvas) {
  const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  const green = [...data].filter((_, at) => at % 4 === 1);
  const mean = green.reduce((sum, value) => sum + value, 0) / green.length;
  const variance = green.reduce((sum, value) => sum + (value - mean) ** 2, 0) / green.length;
  return { mean, spread: Math.sqrt(variance) };
}
