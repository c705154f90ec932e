// Camera, judge, encoder, folder and the person's window, as one thing to ask.

import { byId } from "./dom.js";
import { cameras, close, open, trackOf } from "./camera_picker.js";
import { Guidance } from "./guidance.js";
import { linkPerson } from "./person_link.js";
import { rememberedFolder } from "./folder_handle.js";
import { shootBurst, shootFiles } from "./shots.js";
import { showCamera } from "./status_bar.js";
import { startEncoder } from "./encoder.js";
import { startLive } from "./live.js";
import { watchCamera } from "./camera_watch.js";
import { watchFolder } from "./watched_folder.js";

export class Apparatus {
  video = byId("video");
  mode = "";
  folder = null;
  #live = null;
  #warm = false;
  #watching = null;
  #stopFolder = () => null;

  // `told` has onShoot, onLost(code), onBack, onPicture(files), onStray(names), onWatched(is),
  // onFolderFault(code), onIgnored(counts).
  constructor(config, told) {
    this.config = config;
    this.told = told;
    this.encoder = startEncoder(config.encoder);
    this.person = linkPerson(this.video);
  }

  // The limits are those of the visit's profile.
  start(profile) {
    this.#live?.stop();
    this.#warm = false;
    const { live: workerUrl, wasm: wasmUrl, models } = this.config;
    this.#live = startLive({ workerUrl, wasmUrl, models, profile });
    this.#live.ready.then((mode) => (this.mode = mode));
    this.guidance = new Guidance(this.#live, this.told.onShoot);
  }

  // "" when the camera runs, else the code of what stops it.
  async openCamera(id = "") {
    if (!id && this.runs()) return "";
    try {
      showCamera((await open(this.video, id)).label);
      this.#watch();
      this.#warmUp();
      return "";
    } catch (fault) {
      showCamera("");
      return fault.code ?? "camera_failed";
    }
  }

  closeCamera() {
    close(this.video);
    showCamera("");
  }

  // The first verdict of a model takes three times the others': that one is taken by nobody.
  async #warmUp() {
    if (this.#warm || !this.#live) return;
    this.#warm = true;
    const live = this.#live;
    await live.ready;
    if (live !== this.#live || !this.video.videoWidth) return;
    await live.judge(await createImageBitmap(this.video)).catch(() => {});
  }

  runs() {
    return trackOf(this.video)?.readyState === "live";
  }

  label() {
    return trackOf(this.video)?.label ?? "";
  }

  async hasSeveral() {
    return (await cameras()).length > 1;
  }

  ready() {
    return this.#live.ready;
  }

  shoot() {
    return shootBurst(this.video, this.#live, this.guidance.ahead.take());
  }

  shootFiles(files, source) {
    return shootFiles(files, source, this.#live);
  }

  // All through the visit, and anew for each person: what lay there before is not theirs.
  async watchFolder() {
    this.told.onWatched(false);
    this.folder = await rememberedFolder();
    const known = this.leaveFolder();
    if (!this.folder) return;
    const { onPicture, onStray, onWatched, onFolderFault, onIgnored } = this.told;
    const onFault = (code) => {
      onWatched(!code);
      if (code) onFolderFault(code);
    };
    this.#stopFolder = watchFolder(onPicture, onFault, { folder: this.folder, known, onStray, onIgnored });
  }

  leaveFolder() {
    const known = this.#stopFolder();
    this.#stopFolder = () => null;
    this.told.onWatched(false);
    return known;
  }

  #watch() {
    this.#watching ??= watchCamera(this.video, {
      onLost: (code) => {
        showCamera("");
        this.told.onLost(code);
      },
      onBack: (track) => {
        showCamera(track.label);
        this.told.onBack();
      },
    });
  }
}
