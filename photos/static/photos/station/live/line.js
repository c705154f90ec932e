// A line to a worker that answers each {id, …} with {id, answer | fault}.

export class Line {
  constructor(worker) {
    this.worker = worker;
    this.waiting = new Map();
    worker.addEventListener("message", ({ data }) => this.#settle(data));
    worker.addEventListener("error", () => this.#cut());
  }

  // What is in `transfer` is handed over.
  ask(question, transfer) {
    const id = crypto.randomUUID();
    const answer = Promise.withResolvers();
    this.waiting.set(id, answer);
    this.worker.postMessage({ ...question, id }, transfer);
    return answer.promise;
  }

  #settle({ id, answer, fault }) {
    const asked = this.waiting.get(id);
    this.waiting.delete(id);
    if (fault) asked?.reject(new Error(fault));
    else asked?.resolve(answer);
  }

  #cut() {
    for (const id of [...this.waiting.keys()]) this.#settle({ id, fault: "the worker failed" });
  }
}
