// Is this laptop ready for the visit? One answer for each question: green, yellow or red.

import { close } from "./camera_picker.js";
import { cameraAnswer, folderAnswer, testShotAnswer } from "./readiness_devices.js";
import {
  canaryAnswer,
  modelsAnswer,
  persistedAnswer,
  privateWindowAnswer,
  roomAnswer,
  workerAnswer,
} from "./readiness_storage.js";
import { clockAnswer, packageAgeAnswer, secureAnswer } from "./readiness_time.js";

// The camera comes before the test shot, and the canary before what it is the sign of.
const QUESTIONS = {
  secure: secureAnswer,
  canary: canaryAnswer,
  private_window: privateWindowAnswer,
  worker_in_control: workerAnswer,
  persisted: persistedAnswer,
  room: roomAnswer,
  models: modelsAnswer,
  camera: cameraAnswer,
  test_shot: testShotAnswer,
  folder: folderAnswer,
  clock: clockAnswer,
  package_age: packageAgeAnswer,
};

// Every [key, level] there can be, for the page that has the words.
export const ANSWERS = Object.entries({
  secure: ["green", "red"],
  canary: ["green", "yellow", "red"],
  private_window: ["green", "yellow"],
  worker_in_control: ["green", "red"],
  persisted: ["green", "yellow"],
  room: ["green", "yellow", "red"],
  models: ["green", "yellow"],
  camera: ["green", "yellow", "red"],
  test_shot: ["green", "yellow", "red"],
  folder: ["green", "yellow", "red"],
  clock: ["green", "yellow", "red"],
  package_age: ["green", "yellow", "red"],
}).flatMap(([key, levels]) => levels.map((level) => [key, level]));

// `people` who come, `video` where the camera is shown, `models` the addresses the service worker
// keeps, `folder` the watched folder's handle or null, `stateAddress` a tiny answer of the server,
// `preparedAt` when the visit was prepared (ISO) or null. Resolves to [{key, level, params}], in
// the order of QUESTIONS. `folder` is left out where the browser can watch one and none is chosen;
// without a secure page nothing else can be asked. Without `video` the camera is let go of again.
export async function checkReadiness({ video = null, ...station }) {
  const own = document.createElement("video");
  try {
    return await answers({ ...station, video: video ?? own });
  } finally {
    close(own);
  }
}

async function answers(station) {
  const given = [];
  for (const [key, answer] of Object.entries(QUESTIONS)) {
    const told = await answer(station);
    if (told) given.push({ key, ...told });
    if (key === "secure" && told.level === "red") break;
  }
  return given;
}
