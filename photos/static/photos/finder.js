// The view-finder: a running camera and its shutter, or the plain reason why there is none.

import { say } from "../shared/live.js";
import { cameras, closeCamera, openCamera, track } from "./camera.js";

const byId = (id) => document.getElementById(id);

export async function startCamera() {
  const video = byId("video");
  if (running(video)) return ready();
  byId("starting").hidden = false;
  byId("shutter").disabled = true;
  showFault(null);
  try {
    const opened = await openCamera(video, byId("camera").value);
    opened.addEventListener("ended", () => stopped(new DOMException("", "NotFoundError")));
    ready();
    await listCameras();
  } catch (fault) {
    stopped(fault);
  }
}

export function camerasInto(select) {
  select.addEventListener("change", () => {
    closeCamera(byId("video"));
    startCamera();
  });
}

function running(video) {
  return video.srcObject && track(video).readyState === "live";
}

function ready() {
  byId("starting").hidden = true;
  byId("shutter").disabled = false;
  byId("shutter").focus();
  say(byId("text-ready").textContent);
}

function stopped(fault) {
  closeCamera(byId("video"));
  byId("starting").hidden = true;
  byId("shutter").disabled = true;
  showFault(fault.name);
}

function showFault(name) {
  const box = byId("camera-fault");
  const reasons = [...box.querySelectorAll("[data-fault]")];
  const reason = reasons.find((one) => one.dataset.fault === name) ?? reasons.at(-1);
  for (const one of reasons) one.hidden = one !== reason;
  box.hidden = name === null;
  byId("view").hidden = name !== null;
  if (name !== null) say(reason.textContent);
}

async function listCameras() {
  const found = await cameras();
  const current = track(byId("video")).label;
  byId("camera").replaceChildren(
    ...found.map(({ label, deviceId }) => new Option(label, deviceId, false, label === current)),
  );
  byId("camera-choice").hidden = found.length < 2;
}
