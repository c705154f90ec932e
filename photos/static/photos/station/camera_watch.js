// A camera that is unplugged is told at once, and opened again when it is back.

import { open } from "./camera_picker.js";
import { idOf, rememberedLabel, trackOf } from "./camera_tracks.js";

const LOOK_AGAIN = 1000; // ms

// onLost(code) once for each loss, onBack(track) when the same camera plays again. A video that
// `close` emptied is let alone. Returns a function that ends the watch.
export function watchCamera(video, { onLost, onBack, every = LOOK_AGAIN }) {
  const watch = { video, onLost, onBack, lost: false, looking: false };
  const look = () => lookAfter(watch);
  const bind = () => trackOf(video)?.addEventListener("ended", look);
  bind();
  video.addEventListener("loadedmetadata", bind);
  navigator.mediaDevices?.addEventListener("devicechange", look);
  const timer = setInterval(look, every);
  return () => {
    clearInterval(timer);
    navigator.mediaDevices?.removeEventListener("devicechange", look);
    video.removeEventListener("loadedmetadata", bind);
    trackOf(video)?.removeEventListener("ended", look);
  };
}

async function lookAfter(watch) {
  if (watch.looking) return;
  watch.looking = true;
  try {
    await tellOrReopen(watch);
  } finally {
    watch.looking = false;
  }
}

async function tellOrReopen(watch) {
  if (trackOf(watch.video)?.readyState !== "ended") {
    watch.lost = false;
    return;
  }
  if (!watch.lost) {
    watch.lost = true;
    watch.onLost("camera_unplugged");
  }
  await reopen(watch);
}

// A camera just plugged in may be busy for a while: then it is asked again at the next look.
async function reopen(watch) {
  const { video } = watch;
  const id = await idOf(rememberedLabel());
  if (!id) return;
  const ended = video.srcObject;
  try {
    watch.onBack(await open(video, id));
    watch.lost = false;
  } catch {
    video.srcObject = ended;
  }
}
