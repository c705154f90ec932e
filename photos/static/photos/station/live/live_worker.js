// The worker in which faces are looked for. It answers {id, look | judge} with {id, answer | fault}.

import { judgePlainly, lookPlainly } from "./plain.js";

let engine = null;
let whole = null;
let done = Promise.resolve();

// One after the other, the start first.
self.addEventListener("message", ({ data }) => {
  done = done.then(() => (data.start ? start(data.start) : answer(data)));
});

async function start({ plain, ...files }) {
  const plainly = plainEngine(files.profile);
  engine = (plain ? null : await modelEngine(files)) ?? plainly;
  whole = completed(plainly);
}

// One may look before, but not judge.
async function completed(plainly) {
  try {
    await engine.whole;
  } catch (fault) {
    console.warn(fault);
    engine = plainly;
  }
  postMessage({ ready: engine.kind });
}

// Whatever of it is missing or won't run, the page works without.
async function modelEngine(files) {
  try {
    const { startEngine } = await import("./engine.js");
    return await startEngine(files);
  } catch (fault) {
    console.warn(fault);
    return null;
  }
}

async function answer({ id, task, bitmap }) {
  if (task === "judge") await whole;
  try {
    postMessage({ id, answer: await timed(engine[task], bitmap) });
  } catch (fault) {
    postMessage({ id, fault: String(fault) });
  } finally {
    bitmap.close();
  }
}

async function timed(work, bitmap) {
  const began = performance.now();
  const told = await work(bitmap);
  return { ...told, ms: performance.now() - began };
}

function plainEngine(profile) {
  return {
    kind: "plain",
    look: (bitmap) => lookPlainly(bitmap, profile),
    judge: (bitmap) => judgePlainly(bitmap, profile),
  };
}
