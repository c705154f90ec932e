// The station's end of the person's window: which sentence stands there, which camera it shows.
//
// Messages are {to: "person" or "station", kind, …}. The window opens the same camera by itself,
// which costs this page nothing (measured: a small bitmap of a large video takes this page 46–222 ms on a loaded machine
// without a graphics card). A window that may not asks for small pictures instead.

import { trackOf } from "./camera_tracks.js";

export const CHANNEL = "fotorundan-person";
export const SENTENCES = ["ready", "wait", "look", "thanks", "blank"];

const EVENTS = ["playing", "emptied", "ended"];
const EVERY = 60; // ms between pictures: 16 a second
const WIDTH = 640;
const ON_CREDIT = 33; // pictures for one asking, so that nothing is sent to a window that is gone

// Follows whatever the video shows. Returns {say(sentence), stop()}.
export function linkPerson(video) {
  const channel = new BroadcastChannel(CHANNEL);
  const link = { video, channel, sentence: "blank", credit: 0, timer: null };
  const follow = () => tellCamera(link);
  channel.onmessage = ({ data }) => data.to === "station" && answer(link, data);
  for (const event of EVENTS) video.addEventListener(event, follow);
  follow();
  return { say: (sentence) => say(link, sentence), stop: () => stop(link, follow) };
}

function answer(link, { kind }) {
  if (kind === "hello") {
    tellCamera(link);
    say(link, link.sentence);
  }
  if (kind === "frames") {
    link.credit = ON_CREDIT;
    link.timer ??= setInterval(() => sendFrame(link), EVERY);
  }
}

function say(link, sentence) {
  link.sentence = sentence;
  send(link, { kind: "sentence", sentence });
}

function tellCamera(link) {
  const track = trackOf(link.video);
  const id = track?.readyState === "live" ? track.getSettings().deviceId : "";
  send(link, { kind: "camera", id });
}

async function sendFrame(link) {
  const { videoWidth: width, videoHeight: height } = link.video;
  if (--link.credit < 0) return endFrames(link);
  if (!width) return;
  const size = { resizeWidth: WIDTH, resizeHeight: Math.round((WIDTH * height) / width) };
  const bitmap = await createImageBitmap(link.video, size);
  if (link.timer) send(link, { kind: "frame", bitmap });
  bitmap.close();
}

function endFrames(link) {
  clearInterval(link.timer);
  link.timer = null;
}

function send({ channel }, message) {
  channel.postMessage({ to: "person", ...message });
}

function stop(link, follow) {
  for (const event of EVENTS) link.video.removeEventListener(event, follow);
  endFrames(link);
  send(link, { kind: "camera", id: "" });
  say(link, "blank");
  link.channel.close();
}
