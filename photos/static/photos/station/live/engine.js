// The face models, started: what the worker looks and judges with.

import { networksBeside } from "./beside.js";
import { judge } from "./judge.js";
import { Looker } from "./look.js";
import { FaceFinder } from "./mesh.js";
import { Network, startRuntime } from "./runtime.js";

export { startBeside } from "./beside.js";

// What a look needs. On a slow line the others come after, while one looks already.
const FIRST = new Set(["near", "back", "landmarks", "person"]);

// `whole` resolves when it may judge too.
export async function startEngine({ wasmUrl, models, profile }) {
  const runtime = startRuntime(wasmUrl);
  const networks = {};
  const load = async ([name, url]) => (networks[name] = await Network.load(url, runtime));
  const isFirst = ([name]) => FIRST.has(name);
  const all = Object.entries(models);
  await Promise.all([runtime, ...all.filter(isFirst).map(load)]);
  const finder = new FaceFinder(networks);
  const looker = new Looker(finder, profile);
  return {
    kind: "model",
    whole: loadRest(all.filter((each) => !isFirst(each)), load, finder, { wasmUrl, models }),
    look: (bitmap) => looker.look(bitmap),
    judge: (bitmap) => judge(bitmap, finder, profile),
  };
}

async function loadRest(rest, load, finder, files) {
  const [beside] = await Promise.all([networksBeside(files), ...rest.map(load)]);
  finder.complete(beside);
}
