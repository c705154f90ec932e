// Makes JPEGs out of bitmaps in a worker, so that the page never waits for it.

import { StationFault } from "./station_fault.js";

// `encode` takes the bitmap over: it is empty afterwards. `jpeg` is what is sealed, `sha256` of it
// in hex. Throws StationFault encode_failed; the next one is tried in a new worker.
export function startEncoder(workerUrl) {
  let worker = null;
  let last = Promise.resolve();
  const running = () => (worker ??= new Worker(workerUrl));
  const stop = () => {
    worker?.terminate();
    worker = null;
  };
  const encode = (bitmap) => {
    const turn = last.then(() => answer(running(), bitmap)).catch(() => {
      stop();
      throw new StationFault("encode_failed");
    });
    last = turn.catch(() => {});
    return turn;
  };
  running();
  return { encode, stop };
}

function answer(worker, bitmap) {
  return new Promise((resolve, reject) => {
    worker.onmessage = ({ data }) => (data.jpeg ? resolve(data) : reject(new Error(data.fault)));
    worker.onerror = reject;
    worker.postMessage(bitmap, [bitmap]);
  });
}
