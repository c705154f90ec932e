// The face models, started: what the worker looks and judges with.

import { judge } from "./judge.js";
import { Looker } from "./look.js";
import { FaceFinder } from "./mesh.js";
import { Network, startRuntime } from "./runtime.js";

export async function startEngine({ wasmUrl, models, profile }) {
  await startRuntime(wasmUrl);
  const networks = {};
  for (const [name, url] of Object.entries(models)) networks[name] = await Network.load(url);
  const finder = new FaceFinder(networks);
  const looker = new Looker(finder, profile);
  return {
    kind: "model",
    look: (bitmap) => looker.look(bitmap),
    judge: (bitmap) => judge(bitmap, finder, profile),
  };
}
