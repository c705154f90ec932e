// The station starts here: one tab, the worker, the lock, and what everything hangs on.

import { Apparatus } from "./apparatus.js";
import { asksOf } from "./asks.js";
import { askState } from "./exchange.js";
import { byId } from "./dom.js";
import { cameraScreen } from "./screens/camera.js";
import { cleanScreen } from "./screens/clean.js";
import { faultText } from "./texts.js";
import { holdStation } from "./tabs.js";
import { identityScreen } from "./screens/identity.js";
import { listenToKeys } from "./keyboard.js";
import { lockScreen } from "./screens/lock.js";
import { notice, startNotices, warn } from "./notices.js";
import { Post } from "./post.js";
import { readinessScreen } from "./screens/readiness.js";
import { registerWorker } from "./service_worker.js";
import { focusOn, showScreen } from "./screens.js";
import { searchScreen } from "./screens/search.js";
import { showCounts, showSending, startStatusBar } from "./status_bar.js";
import { showOutbox } from "./outbox_dialog.js";
import { startNotes } from "./note_dialog.js";
import { Station } from "./station.js";
import { verdictScreen } from "./screens/verdict.js";
import { visitsScreen } from "./screens/visits.js";
import { Visits } from "./visits.js";
import { Work } from "./work.js";
import { wrapUpScreen } from "./screens/wrap_up.js";

const config = JSON.parse(byId("station-config").textContent);
start().catch(broken);

async function start() {
  listenToPage();
  if (!(await holdStation())) return stopped("second_tab");
  const station = assembled();
  station.user = await whoIsLoggedIn();
  await station.begin();
  // Without it all works while there is a network; the readiness check says so.
  registerWorker(config.addresses.worker, offerNewVersion).catch((fault) => console.warn(fault));
}

function assembled() {
  const station = new Station(config);
  station.work = new Work(station);
  station.visits = new Visits(station);
  station.post = new Post(config.addresses, (ids) => postChanged(station, ids));
  station.apparatus = new Apparatus(config, told(station));
  station.screens = screens(station);
  station.asks = asksOf(station);
  listenToKeys(station);
  startNotes(station);
  byId("open-outbox").addEventListener("click", () => station.asks.outbox());
  return station;
}

function screens(station) {
  return {
    lock: lockScreen(station),
    visits: visitsScreen(station),
    readiness: readinessScreen(station),
    search: searchScreen(station),
    identity: identityScreen(station),
    camera: cameraScreen(station),
    verdict: verdictScreen(station),
    wrap_up: wrapUpScreen(station),
    clean: cleanScreen(station),
  };
}

function told(station) {
  return {
    onShoot: () => station.work.shoot(),
    onLost: (code) => station.screens.camera.showFault(code),
    onBack: () => station.state.screen === "camera" && station.screens.camera.enter(),
    onPicture: (files) => station.work.picturesCame(files),
    onStray: (names) => station.work.strayed(names),
    onWatched: (is) => station.screens.camera.watched(is),
    onFolderFault: (code) => warn(faultText(code)),
    onIgnored: ({ raw, half, other }) => station.screens.camera.ignored(raw + half + other),
  };
}

function postChanged(station, received) {
  showCounts(station.post.counts);
  showSending(station.post.sending);
  station.refresh();
  if (byId("outbox").open) showOutbox(station);
  if (received.length) station.work.received();
}

async function whoIsLoggedIn() {
  try {
    const { user, name } = await askState(config.addresses);
    return user === null ? null : { id: String(user), name };
  } catch {
    return null;
  }
}

function offerNewVersion(take) {
  notice("new_version");
  byId("take-new-version").onclick = take;
}

function listenToPage() {
  startStatusBar();
  startNotices();
  document.addEventListener("click", ({ target }) => {
    if (target.closest("[data-reload]")) location.reload();
    if (target.closest("[data-dismiss]")) target.closest("dialog").close();
  });
}

function broken(fault) {
  console.error(fault);
  stopped("broken").querySelector("[data-slot=fault]").textContent = String(fault);
}

function stopped(name) {
  const screen = showScreen(name);
  focusOn(screen.querySelector("h1"));
  return screen;
}
