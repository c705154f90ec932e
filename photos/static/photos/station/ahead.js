// A picture judged before the shutter, so that its verdict can stand at once.

import { burst } from "./burst.js";
import { framed, letGo } from "./shots.js";
import { isWell } from "./auto_shutter.js";
import { shownBy } from "./live/still.js";
import { trackOf } from "./camera_picker.js";

const LONGEST = 1000; // ms a picture may be older than the shutter: a pose that still stands, not one from before
// From a verdict to the next picture one looks: so soon that it comes when the old one is hardly too old,
// but three quarters of the time on any machine.
const REST = 600; // ms at least
const SHARE = 3; // times what the judging took

// One picture at most is kept and one is being judged. A new one takes the kept one's place.
export class Ahead {
  #kept = null;
  #trial = null;
  #next = Infinity;

  constructor(video, live) {
    Object.assign(this, { video, live });
    // One looks while the last models come: until then a judgement would hold up the looks.
    live.ready.then(() => (this.#next = 0));
  }

  // Each look, or null for one that failed: the first that is not well drops what was judged.
  feed(seen) {
    if (!seen || !isWell(seen)) return this.drop();
    if (!this.#isValid(this.#kept)) this.#keep(null);
    if (!this.#trial && performance.now() >= this.#next) this.#begin();
  }

  // Whoever comes next is never shown it, even if its verdict is still to come.
  drop() {
    this.#keep(null);
    if (this.#trial && !this.#trial.isTaken) this.#trial.isDropped = true;
  }

  // The promise of a frame that passed, or of null; null where nothing was judged. It is the taker's.
  take() {
    const [kept, trial] = [this.#kept, this.#trial];
    if (this.#isValid(kept)) {
      this.#kept = null;
      this.drop();
      return Promise.resolve(kept.frame);
    }
    if (this.#isValid(trial)) trial.isTaken = true;
    this.drop();
    return trial?.isTaken ? trial.passed : null;
  }

  #begin() {
    const trial = { at: NaN, track: null, isDropped: false, isTaken: false };
    this.#trial = trial;
    trial.passed = this.#judge(trial).catch(() => null);
    trial.passed.then((frame) => this.#end(trial, frame));
  }

  async #judge(trial) {
    const [taken] = await burst(this.video, 1, shownBy);
    if (trial.isDropped) taken.bitmap.close();
    if (trial.isDropped) return null;
    Object.assign(trial, { at: taken.at, track: trackOf(this.video) });
    const frame = await framed(taken, this.live);
    if (frame.verdict.answer === "pass") return frame;
    letGo({ frames: [frame] });
    return null;
  }

  #end(trial, frame) {
    this.#trial = null;
    const now = performance.now();
    this.#next = now + Math.max(REST, SHARE * (now - (trial.at || now)));
    if (!frame || trial.isTaken) return;
    if (trial.isDropped) letGo({ frames: [frame] });
    else this.#keep({ ...trial, frame });
  }

  #keep(kept) {
    if (this.#kept) letGo({ frames: [this.#kept.frame] });
    this.#kept = kept;
  }

  #isValid(one) {
    if (!one || one.isDropped) return false;
    return performance.now() - one.at <= LONGEST && one.track?.readyState === "live";
  }
}
