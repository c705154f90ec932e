// A scanner types a whole code at once. Where no code is wanted none of its keys may press anything:
// a digit in it would be an id document seen, its Enter a shutter.

// ms between two keys. Scanners send one each few milliseconds; hands don't come below it.
const GAP = 50;

export class ScanGuard {
  #last = -Infinity;
  #scanning = false;
  #act = null;
  #timer = 0;

  // Whether the key belongs to a scan; what its first key asked for is taken back.
  swallows({ key, timeStamp }) {
    const typed = key.length === 1;
    const close = timeStamp - this.#last < GAP;
    this.#scanning = close && (typed || this.#scanning);
    if (typed || this.#scanning) this.#last = timeStamp;
    if (this.#scanning) this.#forget();
    else if (!typed) this.#now();
    return this.#scanning;
  }

  // What a single key asks for is done once no other has followed at once.
  later(act) {
    this.#forget();
    this.#act = act;
    this.#timer = setTimeout(() => this.#now(), GAP);
  }

  #now() {
    const act = this.#act;
    this.#forget();
    act?.();
  }

  #forget() {
    clearTimeout(this.#timer);
    this.#act = null;
  }
}
