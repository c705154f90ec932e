// Is this laptop ready for the visit? One answer for each question: green, yellow or red.

import { close } from "./camera_picker.js";
import { inTime } from "./in_time.js";
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

const FIRST = { secure: secureAnswer };
// Side by side, since some take long; the canary comes before what it is the sign of.
const QUESTIONS = [
  { canary: canaryAnswer, private_window: privateWindowAnswer },
  { worker_in_control: workerAnswer },
  { persisted: persistedAnswer },
  { room: roomAnswer },
  { models: modelsAnswer },
  { folder: folderAnswer },
  { clock: clockAnswer },
  { package_age: packageAgeAnswer },
];
// The camera comes before the test shot. The browser may ask for it: no other answer waits for that.
const ASKED_FOR = { camera: cameraAnswer, test_shot: testShotAnswer };
const UNANSWERED = 3000; // ms
const WAITS = { key: "camera", level: "red", params: { code: "camera_waits" } };

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

// In this order they are shown.
export const KEYS = [...new Set(ANSWERS.map(([key]) => key))];

// `people` who come, `video` where the camera is shown, `openCamera` as cameraAnswer has it, `models`
// the addresses the service worker keeps, `folder` the watched folder's handle or null,
// `stateAddress` a tiny answer of the server, `preparedAt` when the visit was prepared (ISO) or null.
// Each answer {key, level, params} is told as it comes. Resolves to all of them in the order of KEYS,
// the camera's with camera_waits where the browser still asks for it: then that answer and the test
// shot's are told later. `folder` is left out where the browser can watch one and none is chosen;
// without a secure page nothing else can be asked. Without `video` the camera is let go of again.
export async function checkReadiness({ video = null, ...facts }, tell = () => {}) {
  const own = document.createElement("video");
  const station = { ...facts, video: video ?? own };
  const [secure] = await answers(FIRST, station, tell);
  if (secure.level === "red") return [secure];
  const others = QUESTIONS.map((questions) => answers(questions, station, tell));
  const given = await Promise.all([...others, askForCamera(station, tell, () => close(own))]);
  return [secure, ...given.flat()].sort((one, other) => KEYS.indexOf(one.key) - KEYS.indexOf(other.key));
}

async function answers(questions, station, tell) {
  const given = [];
  for (const [key, answer] of Object.entries(questions)) {
    const told = await answer(station);
    if (!told) continue;
    given.push({ key, ...told });
    tell(given.at(-1));
  }
  return given;
}

async function askForCamera(station, tell, done) {
  const told = [];
  const heard = (answer) => {
    told.push(answer);
    tell(answer);
  };
  const all = answers(ASKED_FOR, station, heard).finally(done);
  try {
    return await inTime(all, UNANSWERED, WAITS.params.code);
  } catch (fault) {
    if (fault.code !== WAITS.params.code) throw fault;
    if (told.length) return all;
    tell(WAITS);
    return [WAITS];
  }
}
