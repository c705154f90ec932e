// Live guidance and the verdict on the station, from a worker that runs the server's face models.

// `models`: {near, back, full, landmarks, iris, blendshapes, person} → address. Bitmaps are handed
// over: the worker closes them. `ready` tells "model", or "plain" where the models can't run.
export function startLive({ workerUrl, wasmUrl, models, profile }) {
  const worker = new Worker(workerUrl, { type: "module" });
  const waiting = new Map();
  const { promise: ready, resolve } = Promise.withResolvers();
  worker.addEventListener("message", ({ data }) => {
    if (data.ready) resolve(data.ready);
    else settle(waiting, data);
  });
  worker.postMessage({ start: { wasmUrl, models, profile, plain: !globalThis.WebAssembly } });
  const ask = (task) => (bitmap) => send(worker, waiting, task, bitmap);
  return { look: ask("look"), judge: ask("judge"), ready, stop: () => worker.terminate() };
}

function send(worker, waiting, task, bitmap) {
  const id = crypto.randomUUID();
  const answer = Promise.withResolvers();
  waiting.set(id, answer);
  worker.postMessage({ id, task, bitmap }, [bitmap]);
  return answer.promise;
}

function settle(waiting, { id, answer, fault }) {
  const asked = waiting.get(id);
  waiting.delete(id);
  if (fault) asked.reject(new Error(fault));
  else asked.resolve(answer);
}
