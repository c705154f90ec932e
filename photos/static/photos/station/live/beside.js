// Networks that run beside the others, in a second worker of the same script.

import { Line } from "./line.js";
import { Network, startRuntime } from "./runtime.js";

const BESIDE = ["back", "person", "iris", "blendshapes"];

// The networks over there, by name: none on a single core, nor where that worker doesn't start.
export async function networksBeside({ wasmUrl, models }) {
  if (!globalThis.Worker || !(navigator.hardwareConcurrency > 1)) return {};
  const worker = new Worker(self.location.href, { type: "module" });
  const wanted = Object.fromEntries(BESIDE.map((name) => [name, models[name]]));
  worker.postMessage({ start: { wasmUrl, models: wanted, beside: true } });
  if (await starts(worker)) return remote(new Line(worker));
  worker.terminate();
  return {};
}

function starts(worker) {
  return new Promise((resolve) => {
    worker.addEventListener("message", ({ data }) => resolve(data.ready === "beside"), { once: true });
    worker.addEventListener("error", () => resolve(false), { once: true });
  });
}

function remote(line) {
  return Object.fromEntries(BESIDE.map((name) => [name, new NetworkBeside(line, name)]));
}

// As a Network; what it is given is handed over.
class NetworkBeside {
  constructor(line, name) {
    Object.assign(this, { line, name });
  }

  run(values) {
    return this.#ask("run", [values], values.buffer);
  }

  see(raster, ...scale) {
    return this.#ask("see", [raster, ...scale], raster.data.buffer);
  }

  async #ask(task, input, buffer) {
    const { outputs } = await this.line.ask({ task, given: { name: this.name, input } }, [buffer]);
    return outputs;
  }
}

// The other side of it.
export async function startBeside({ wasmUrl, models }) {
  const runtime = startRuntime(wasmUrl);
  const networks = {};
  const load = async ([name, url]) => (networks[name] = await Network.load(url, runtime));
  await Promise.all([runtime, ...Object.entries(models).map(load)]);
  return {
    kind: "beside",
    run: async ({ name, input }) => ({ outputs: await networks[name].run(...input) }),
    see: async ({ name, input }) => ({ outputs: await networks[name].see(...input) }),
  };
}
