// The person's window: themselves as in a mirror, and one sentence.

import { ask, close, trackOf, WANTED } from "./camera_tracks.js";
import { CHANNEL } from "./person_link.js";

const WIDTH = 960;
const ASK_AGAIN = 1000; // ms; the station sends pictures for two seconds at a time

const picture = document.getElementById("person-picture");
const sentence = document.getElementById("person-sentence");
const video = Object.assign(document.createElement("video"), { muted: true, playsInline: true });
const channel = new BroadcastChannel(CHANNEL);
let camera = "";
let asking = null;

const kinds = {
  camera: ({ id }) => showCamera(id),
  frame: ({ bitmap }) => {
    if (asking) draw(bitmap, bitmap.width, bitmap.height);
    bitmap.close();
  },
  sentence: (message) => showSentence(message.sentence),
};

channel.onmessage = ({ data }) => data.to === "person" && kinds[data.kind](data);
addEventListener("pagehide", () => close(video));
showSentence("blank");
tellStation("hello");
video.requestVideoFrameCallback(drawVideo);

// The large picture is asked for here too: the browser runs a camera as its first user asked, and
// a small one here would make the station's small (measured).
async function showCamera(id) {
  if (id && id === camera && trackOf(video)?.readyState === "live") return;
  camera = id;
  close(video);
  endFrames();
  if (!id) return blank();
  try {
    const track = await ask(WANTED, id);
    if (camera !== id) return track.stop();
    video.srcObject = new MediaStream([track]);
    await video.play();
  } catch {
    if (camera === id) askForFrames();
  }
}

function askForFrames() {
  tellStation("frames");
  asking ??= setInterval(() => tellStation("frames"), ASK_AGAIN);
}

function endFrames() {
  clearInterval(asking);
  asking = null;
}

function tellStation(kind) {
  channel.postMessage({ to: "station", kind });
}

function drawVideo() {
  if (video.srcObject) draw(video, video.videoWidth, video.videoHeight);
  video.requestVideoFrameCallback(drawVideo);
}

// As in a mirror: who looks at themselves moves the right way.
function draw(source, width, height) {
  const shown = { width: WIDTH, height: Math.round((WIDTH * height) / width) };
  if (picture.width !== shown.width || picture.height !== shown.height) Object.assign(picture, shown);
  const context = picture.getContext("2d");
  context.setTransform(-1, 0, 0, 1, shown.width, 0);
  context.drawImage(source, 0, 0, shown.width, shown.height);
}

function blank() {
  picture.getContext("2d").clearRect(0, 0, picture.width, picture.height);
}

// Between two people nobody's picture stands here.
function showSentence(name) {
  const text = document.querySelector(`template[data-sentence="${name}"]`);
  sentence.replaceChildren(text.content.cloneNode(true));
  document.body.dataset.sentence = name;
}
