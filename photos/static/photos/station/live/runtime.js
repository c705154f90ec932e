// LiteRT on one thread of a module worker, and one neural network in it.

import "./amd.js";
import "../../../litert/core/loader.js";
import { loadAndCompile, loadLiteRt, Tensor } from "../../../litert/core/index.js";

export async function startRuntime(wasmUrl) {
  self.Module = { locateFile: () => wasmUrl, print: () => {}, printErr: () => {} };
  await loadLiteRt("loader.js");
}

// A model with one input, fetched while the runtime starts. `run` gives its outputs in the model's own order.
export class Network {
  static async load(url, runtime) {
    const response = await fetch(url);
    if (!response.ok) throw new Error(`${response.status} ${url}`);
    const model = new Uint8Array(await response.arrayBuffer());
    await runtime;
    return new Network(await loadAndCompile(model, { accelerator: "wasm" }));
  }

  constructor(model) {
    this.model = model;
    this.shape = [...model.getInputDetails()[0].shape];
    this.values = new Float32Array(this.shape.reduce((product, size) => product * size));
  }

  async run(values) {
    const input = new Tensor(values, this.shape);
    const outputs = await this.model.run([input]);
    const arrays = await Promise.all(outputs.map((output) => output.data()));
    for (const tensor of [input, ...outputs]) tensor.delete();
    return arrays;
  }

  // For a picture of the model's own size, its values as 0 to 1.
  see(raster, factor = 1 / 255, offset = 0) {
    fill(this.values, raster, factor, offset);
    return this.run(this.values);
  }
}

function fill(values, { data }, factor, offset) {
  for (let from = 0, to = 0; from < data.length; from += 4) {
    values[to++] = data[from] * factor + offset;
    values[to++] = data[from + 1] * factor + offset;
    values[to++] = data[from + 2] * factor + offset;
  }
}
