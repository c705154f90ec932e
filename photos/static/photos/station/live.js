// Live guidance and the verdict on the station, from a worker that runs the server's face models.

import { Line } from "./live/line.js";
import { judgePlainly, lookPlainly } from "./live/plain.js";

const PLAIN = { look: lookPlainly, judge: judgePlainly };

// `models`: {near, back, full, landmarks, iris, blendshapes, person} → address. Bitmaps and frames are
// handed over and closed. `ready` tells "model", or "plain" where the models can't run. A worker that
// does not even start leaves the plain checks to the page. A judgement may be asked for before its
// picture is there, by a promise: from then on looks wait until it has been told.
export function startLive({ workerUrl, wasmUrl, models, profile }) {
  const worker = new Worker(workerUrl, { type: "module" });
  const { promise: ready, resolve } = Promise.withResolvers();
  let kind = "";
  const started = (told) => resolve((kind ||= told));
  worker.addEventListener("message", ({ data }) => {
    if (data.ready) started(data.ready);
  });
  worker.addEventListener("error", () => {
    if (!kind) started("here");
  });
  const line = new Line(worker);
  worker.postMessage({ start: { wasmUrl, models, profile, plain: !globalThis.WebAssembly } });
  const ask = (task, bitmap) =>
    kind === "here" ? here(task, bitmap, profile) : line.ask({ task, given: bitmap }, [bitmap]);
  let judged = Promise.resolve();
  const judge = (picture) => {
    const told = Promise.resolve(picture).then((bitmap) => ask("judge", bitmap));
    judged = Promise.allSettled([judged, told]);
    return told;
  };
  const look = (bitmap) => judged.then(() => ask("look", bitmap));
  const mode = ready.then((told) => (told === "here" ? "plain" : told));
  return { look, judge, ready: mode, stop: () => worker.terminate() };
}

async function here(task, bitmap, profile) {
  const began = performance.now();
  try {
    return { ...PLAIN[task](bitmap, profile), ms: performance.now() - began };
  } finally {
    bitmap.close();
  }
}
