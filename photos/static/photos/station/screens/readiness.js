// Is the laptop ready? Never a lock-out: red lines say what to mend, and the way on is open.

import { byId, parts, slots, stamp } from "../dom.js";
import { answerText, faultText, text } from "../texts.js";
import { allowFolder, canWatch, chooseFolder as pickFolder, mayDelete, rememberedFolder } from "../folder_handle.js";
import { checkReadiness, KEYS } from "../readiness.js";
import { stopThumbnails, thumbnails } from "../camera_thumbnails.js";
import { focusOn, screenOf } from "../screens.js";
import { say } from "../../../shared/live.js";
import { whenOf } from "../clock.js";

const WORST = ["red", "yellow", "green"];

export function readinessScreen(station) {
  const root = screenOf("readiness");
  let here = false;
  let turn = 0;
  byId("begin").addEventListener("click", () => station.work.begin());
  byId("check-again").addEventListener("click", check);
  byId("leave-readiness").addEventListener("click", () => station.send({ type: "back" }));
  byId("choose-folder").addEventListener("click", chooseFolder);
  byId("open-person").addEventListener("click", () => openPersonWindow(station.config.addresses.person));

  async function enter() {
    here = true;
    const { unit, starts_at } = station.book.visit;
    slots(root, { visit: `${unit}, ${whenOf(starts_at)}` });
    parts(root, { folder: canWatch(), no_folder: !canWatch() });
    focusOn(byId("readiness-title"));
    await check();
  }

  // What the camera says may come long after the rest, when somebody has answered the browser.
  async function check() {
    const mine = (turn += 1);
    const isOver = () => !here || mine !== turn;
    let concluded = false;
    title("asking");
    byId("answers").setAttribute("aria-busy", "true");
    byId("answers").replaceChildren();
    await checkReadiness(await facts(), (answer) => {
      if (isOver()) return;
      place(answer);
      if (answer.key === "test_shot") showCamera();
      if (concluded) conclude();
    });
    if (isOver()) return;
    concluded = true;
    byId("answers").removeAttribute("aria-busy");
    conclude();
    if (root.contains(document.activeElement)) focusOn(byId("begin"));
  }

  async function facts() {
    const { config, book, apparatus } = station;
    const camera = { video: byId("video"), openCamera: () => apparatus.openCamera() };
    const kept = { models: Object.values(config.models), stateAddress: config.addresses.state };
    const folder = await rememberedFolder();
    return { ...camera, ...kept, people: book.people.length, folder, preparedAt: book.prepared_at };
  }

  function conclude() {
    title(WORST.find((level) => byId("answers").querySelector(`[data-level="${level}"]`)));
    say(root.querySelector("h1 [data-part]:not([hidden])").textContent);
  }

  function place(answer) {
    const rows = [...byId("answers").children];
    rows.find((each) => each.dataset.key === answer.key)?.remove();
    const after = rows.find((each) => KEYS.indexOf(each.dataset.key) > KEYS.indexOf(answer.key));
    byId("answers").insertBefore(row(answer), after ?? null);
  }

  function title(level) {
    parts(root, Object.fromEntries(["asking", ...WORST].map((each) => [each, each === level])));
  }

  function row({ key, level, params }) {
    const line = stamp("answer-row");
    line.dataset.key = key;
    line.dataset.level = level;
    line.querySelector('[data-slot="level"]').append(stamp(`level-${level}`));
    slots(line, { words: answerText(key, level, params) });
    return line;
  }

  // The camera screen owns the camera; here its picture is only looked at.
  function showCamera() {
    const video = byId("video");
    byId("readiness-video").srcObject = video.srcObject;
    if (video.srcObject) byId("readiness-video").play().catch(() => {});
    const { videoWidth: width, videoHeight: height } = video;
    slots(root, { resolution: width ? text("resolution", { width, height }) : "" });
    showThumbnails();
  }

  async function showThumbnails() {
    const several = await station.apparatus.hasSeveral();
    parts(root, { choose: several });
    if (several && here) await thumbnails(byId("thumbnails"), pickCamera, faultText);
  }

  async function pickCamera(id) {
    await station.apparatus.openCamera(id);
    await check();
  }

  async function chooseFolder() {
    const folder = await rememberedFolder();
    const forgotten = folder && !(await mayDelete(folder));
    if (!(forgotten && (await allowFolder(folder))) && !(await pickFolder())) return;
    await station.work.tidyFolder();
    await check();
  }

  function leave() {
    here = false;
    byId("readiness-video").srcObject = null;
    stopThumbnails();
  }

  return { enter, leave };
}

// A window of its own, to be turned towards the person on another screen.
function openPersonWindow(address) {
  window.open(address, "fotorundan-person", "popup,width=900,height=700");
}
