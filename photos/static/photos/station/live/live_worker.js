// The worker in which faces are looked for. It answers {id, task, given} with {id, answer | fault};
// tasks are look and judge, or see and run of one that works beside another.

import { judgePlainly, lookPlainly } from "./plain.js";
import { forgetStill } from "./still.js";

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
async function modelEngine({ beside, ...files }) {
  try {
    const { startBeside, startEngine } = await import("./engine.js");
    return await (beside ? startBeside(files) : startEngine(files));
  } catch (fault) {
    console.warn(fault);
    return null;
  }
}

async function answer({ id, task, given }) {
  if (task === "judge") await whole;
  try {
    postMessage({ id, answer: await timed(engine[task], given) });
  } catch (fault) {
    postMessage({ id, fault: String(fault) });
  } finally {
    given.close?.();
    if (task === "judge") forgetStill();
  }
}

async function timed(work, given) {
  const began = performance.now();
  const told = await work(given);
  return { ...told, ms: performance.now() - began };
}

function plainEngine(profile) {
  return {
    kind: "plain",
    look: (bitmap) => lookPlainly(bitmap, profile),
    judge: (bitmap) => judgePlainly(bitmap, profile),
  };
}
