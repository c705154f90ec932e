// The capture station: what happens between the shutter and the verdict, within one page.

import { say } from "../shared/live.js";
import { camerasInto, startCamera } from "./finder.js";
import { chooseByDigit } from "./keys.js";
import { nudgeByKey } from "./nudge.js";
import { still } from "./camera.js";
import { makeShot, renewToken, sendShot, UploadFault } from "./upload.js";

const byId = (id) => document.getElementById(id);
const station = byId("capture");
// Sending the same bytes again would get the same answer.
const REFUSED = new Set([409, 413, 422]);
const STALE = new Set([401, 403]);
let unsent = null;
let stale = false;

chooseByDigit();
nudgeByKey();
showInList();
document.querySelector('.check-in:not(:has(.errorlist)) input[type="radio"]')?.focus();
if (station) openStation();

// The list scrolls by itself, the page stays: two people before the one at hand, then the next.
function showInList() {
  const list = document.querySelector(".station-list");
  const current = list?.querySelector("[aria-current]")?.closest("li");
  if (current) list.scrollTop = current.offsetTop - 2 * current.offsetHeight;
}

function openStation() {
  byId("shutter").addEventListener("click", shoot);
  byId("file").addEventListener("change", chooseFile);
  byId("send-again").addEventListener("click", send);
  byId("give-up").addEventListener("click", showFinder);
  byId("try-camera").addEventListener("click", startCamera);
  byId("verdict").addEventListener("click", retake);
  window.addEventListener("beforeunload", (event) => unsent && event.preventDefault());
  camerasInto(byId("camera"));
  if (station.dataset.step === "camera") startCamera();
  else focusVerdict();
}

// One press, one picture: the shutter opens again with the camera.
async function shoot() {
  byId("shutter").disabled = true;
  take(await still(byId("video")), "camera");
}

function chooseFile(event) {
  const [file] = event.target.files;
  event.target.value = "";
  if (file) take(file, "file");
}

async function take(blob, source) {
  unsent = await makeShot(blob, source);
  await send();
}

async function send() {
  show("sending");
  phase("sending");
  const address = station.dataset.upload.replace(/[0-9a-f-]{36}$/, unsent.id);
  try {
    if (stale) await renewToken();
    const receipt = await sendShot(unsent, address, station.dataset.booking, showProgress);
    await showVerdict(receipt.findings_url);
    unsent = null;
    stale = false;
  } catch (fault) {
    showFault(fault);
  }
}

function showProgress(share) {
  byId("progress").value = 100 * share;
  if (share === 1) phase("judging");
}

function phase(name) {
  for (const words of document.querySelectorAll("[data-phase]")) {
    words.hidden = words.dataset.phase !== name;
    if (!words.hidden) say(words.textContent);
  }
  if (name === "judging") byId("progress").removeAttribute("value");
}

async function showVerdict(address) {
  const answer = await fetch(address);
  if (!answer.ok) throw new TypeError(answer.statusText);
  byId("verdict").innerHTML = await answer.text();
  window.htmx.process(byId("verdict"));
  show("verdict");
  focusVerdict();
}

function focusVerdict() {
  const verdict = byId("verdict");
  verdict.querySelector("[data-focus]")?.focus();
  const words = verdict.querySelector("[data-say]");
  if (words) say(words.textContent);
}

function showFault(fault) {
  const status = fault instanceof UploadFault ? fault.status : 0;
  const own = byId(status === 0 ? "text-network" : "text-unexpected").textContent;
  const message = fault instanceof UploadFault && fault.message ? fault.message : own;
  const refused = REFUSED.has(status);
  if (refused) unsent = null;
  byId("send-again").hidden = refused;
  byId("upload-message").textContent = message;
  show("upload-fault");
  say(message);
  byId(refused ? "give-up" : "send-again").focus();
  stale = STALE.has(status);
}

function retake(event) {
  if (!event.target.closest("[data-retake]")) return;
  event.preventDefault();
  showFinder();
}

function showFinder() {
  unsent = null;
  byId("verdict").replaceChildren();
  show("finder");
  startCamera();
}

function show(name) {
  for (const part of ["finder", "sending", "upload-fault", "verdict"]) byId(part).hidden = part !== name;
  byId("person").scrollIntoView({ block: "nearest" });
}
