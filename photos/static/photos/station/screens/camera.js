// The camera: the oval, one hint, and the shutter with the focus on it.

import { byId, parts, slots } from "../dom.js";
import { cameras } from "../camera_picker.js";
import { faultText, text } from "../texts.js";
import { fillPerson } from "../person_head.js";
import { focusOn, screenOf } from "../screens.js";
import { mayShoot } from "../machine.js";
import { notice } from "../notices.js";
import { say } from "../../../shared/live.js";

export function cameraScreen(station) {
  const root = screenOf("camera");
  byId("shutter").addEventListener("click", () => station.work.shoot());
  byId("try-camera").addEventListener("click", start);
  byId("camera-select").addEventListener("change", ({ target }) => start(target.value));
  byId("picture-file").addEventListener("change", chooseFile);
  byId("auto").addEventListener("change", ({ target }) => station.apparatus.guidance.arm(target.checked));

  async function enter() {
    fillPerson(root, station.person);
    byId("auto").checked = false;
    showFault("");
    update();
    focusOn(byId("shutter"));
    await start();
  }

  function update() {
    byId("shutter").setAttribute("aria-disabled", String(!mayShoot(station.state)));
    root.classList.toggle("is-taking", station.state.busy);
  }

  async function start(id = "") {
    byId("camera-wait").hidden = station.apparatus.runs() && typeof id !== "string";
    const code = await station.apparatus.openCamera(typeof id === "string" ? id : "");
    const tried = document.activeElement === byId("try-camera");
    byId("camera-wait").hidden = true;
    showFault(code);
    if (code) return;
    if (tried) focusOn(byId("shutter"));
    await ready();
  }

  async function ready() {
    if (station.state.screen !== "camera") return;
    station.apparatus.guidance.start();
    byId("plain-mode").hidden = station.apparatus.mode !== "plain";
    const found = await cameras();
    const label = station.apparatus.label();
    byId("camera-select").replaceChildren(
      ...found.map((camera) => new Option(camera.label, camera.deviceId, false, camera.label === label)),
    );
    parts(root, { cameras: found.length > 1 });
    say(text("camera_ready"));
  }

  function showFault(code) {
    byId("camera-fault").hidden = !code;
    byId("viewfinder").hidden = Boolean(code);
    if (!code) return;
    slots(byId("camera-fault"), { fault: faultText(code) });
    say(faultText(code));
    focusOn(byId("try-camera"));
  }

  function chooseFile({ target }) {
    const [file] = target.files;
    target.value = "";
    if (file) station.work.takeFile(file);
  }

  // Only from when its folder is watched is a camera's picture the person's.
  function watched(is) {
    parts(root, { watched: is });
  }

  // The folder holds more than pictures that count.
  function ignored(files) {
    if (files && station.state.screen === "camera") notice("changed", text("folder_ignored", { ignored: files }));
  }

  function leave() {
    station.apparatus.guidance.stop();
  }

  return { enter, update, leave, showFault, watched, ignored };
}
