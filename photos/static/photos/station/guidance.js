// What helps before the shutter: an oval, a level line, one hint, and a shutter that may be armed.

import { Ahead } from "./ahead.js";
import { adviceText } from "./texts.js";
import { autoShutter } from "./auto_shutter.js";
import { byId } from "./dom.js";
import { drawOverlay } from "./overlay.js";
import { hintKeeper } from "./hints.js";
import { say } from "../../shared/live.js";

export class Guidance {
  #video = byId("video");
  #running = 0;

  constructor(live, onShoot) {
    this.live = live;
    this.ahead = new Ahead(this.#video, live);
    this.auto = autoShutter(onShoot);
    this.keep = hintKeeper(showHint);
    this.looks = 0;
  }

  start() {
    this.#running += 1;
    this.ahead.drop();
    this.#look(this.#running);
  }

  stop() {
    this.#running += 1;
    this.ahead.drop();
    this.arm(false);
    byId("hint").hidden = true;
  }

  arm(on) {
    if (on) this.auto.arm();
    else this.auto.disarm();
    byId("auto").checked = on;
  }

  async #look(turn) {
    while (turn === this.#running && this.#video.videoWidth) {
      const seen = await this.#lookOnce();
      if (turn !== this.#running) return;
      this.ahead.feed(seen);
      if (seen) this.#show(seen);
      await nextFrame();
    }
    if (turn === this.#running) this.ahead.drop();
  }

  async #lookOnce() {
    try {
      return await this.live.look(await createImageBitmap(this.#video));
    } catch {
      return null;
    }
  }

  #show(seen) {
    this.looks += 1;
    this.keep(seen.hint);
    const { videoWidth: width, videoHeight: height } = this.#video;
    drawOverlay(byId("overlay"), seen.face, { width, height, well: Boolean(seen.face) && !seen.hint });
    this.auto.feed(seen);
    byId("auto").checked = this.auto.armed();
  }
}

function showHint(code) {
  const words = code ? adviceText(code) : "";
  byId("hint").hidden = !words;
  byId("hint").textContent = words;
  if (words) say(words);
}

function nextFrame() {
  return new Promise((resolve) => requestAnimationFrame(resolve));
}
