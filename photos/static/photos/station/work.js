// One person's turn: chosen, checked in, photographed, accepted. What is done is done in this order.

import { byId } from "./dom.js";
import { deleteReceived, lyingClear, noteClear, tieClear } from "./clear_book.js";
import { encoded, letGo } from "./shots.js";
import { faultText, text } from "./texts.js";
import { mayShoot, mayUndo } from "./machine.js";
import { removeOne } from "./outbox.js";
import { roomFor } from "./database.js";
import { say } from "../../shared/live.js";
import { warn } from "./notices.js";

// One photo, and something over for the journal.
const LEAST_ROOM = 8 * 1024 * 1024;
// Of a camera's pictures, each some hundred megabytes once it is open.
const AT_ONCE = 3;
const ONE_AT_HAND = new Set(["camera", "verdict"]);

export class Work {
  #files = [];
  #waiting = [];
  #room = Promise.resolve(true);

  constructor(station) {
    this.station = station;
  }

  begin() {
    this.station.send({ type: "begun" });
    return this.station.apparatus.watchFolder();
  }

  pick(subject) {
    const { station } = this;
    if (!station.send({ type: "picked", subject, at: performance.now() })) return;
    this.#forgetShot();
    this.#files = [];
    this.#waiting = [];
    this.#room = hasRoom();
  }

  takeWalkIn(facts) {
    this.pick(this.station.book.welcome(facts));
  }

  identify(document) {
    this.station.send({ type: "identified", document, at: Date.now() });
    this.#awaitPicture();
  }

  vouch(name) {
    const { book, person } = this.station;
    this.station.send({ type: "vouched", name, technician: book.user.name, person: person.name, at: Date.now() });
    this.#awaitPicture();
  }

  #awaitPicture() {
    if (this.station.state.screen === "camera") this.station.apparatus.watchFolder();
  }

  shoot() {
    return this.#take(() => this.station.apparatus.shoot());
  }

  takeFile(file) {
    return this.#take(() => this.station.apparatus.shootFiles([file], "file"));
  }

  // They are of the person at hand: after a verdict they are another try.
  takeWaiting() {
    const files = this.#waiting.splice(0, AT_ONCE);
    this.station.send({ type: "retake" });
    return this.#take(() => this.station.apparatus.shootFiles(files, "folder"));
  }

  isOneWaiting() {
    return this.#waiting.length > 0;
  }

  async #take(shooting) {
    const { station } = this;
    if (!mayShoot(station.state)) return;
    if (!(await this.#mayKeepOne())) return warn(faultText("no_room"));
    if (!mayShoot(station.state)) return;
    this.releaseLast();
    station.send({ type: "shot" });
    const shot = shooting();
    station.apparatus.guidance.stop();
    say(text("judging"));
    try {
      this.#show(await shot);
    } catch (fault) {
      station.send({ type: "shotFailed" });
      warn(faultText(fault.code ?? "shot_failed", fault.params));
      station.apparatus.guidance.start();
      if (this.isOneWaiting()) await this.takeWaiting();
    }
  }

  // Tried anew where there was none: what waited may be gone by now.
  async #mayKeepOne() {
    if (!(await this.#room)) this.#room = hasRoom();
    return this.#room;
  }

  #show(shot) {
    const { station } = this;
    this.#forgetShot();
    station.shot = shot;
    station.send({ type: "judged", answer: shot.chosen.verdict.answer });
    if (shot.fault) warn(faultText(shot.fault.code ?? "shot_failed", shot.fault.params));
    shot.more?.then(() => station.shot === shot && station.screens.verdict.showFrames());
    encoded(shot.chosen, station.apparatus.encoder).catch(() => {});
  }

  choose(frame) {
    const { station } = this;
    if (!station.state.busy) station.shot.chosen = frame;
    station.send({ type: "chosen", answer: frame.verdict.answer });
  }

  async accept(reason = "") {
    const { station } = this;
    if (!station.send({ type: "accepted", reason })) return;
    const { subject } = station.state;
    const { name } = station.person;
    await this.#keep(async () => {
      const facts = await this.#photoFacts();
      const { jpeg } = await encoded(station.shot.chosen, station.apparatus.encoder);
      const record = await station.book.keepTurn({ kind: "photo", subject, jpeg, facts, state: "done" });
      if (this.#files.length) await tieClear(this.#files, record).catch(() => this.#tellLying(this.#files));
      return record;
    });
    if (station.state.screen !== "search") return;
    station.apparatus.person.say("thanks");
    say(`${text("accepted", { name })} ${this.#nextWords()}`);
  }

  // The time the machine took: shutter to verdict, and the encoding.
  async #photoFacts() {
    const { state, shot, apparatus } = this.station;
    const began = performance.now();
    const { width, height, sha256 } = await encoded(shot.chosen, apparatus.encoder);
    const { answer, findings } = shot.chosen.verdict;
    return {
      document: state.document,
      vouched_by: state.vouchedBy,
      checked_in_at: new Date(state.checkedInAt).toISOString(),
      taken_at: shot.chosen.taken_at,
      source: shot.source,
      tries: state.tries,
      seconds: Math.round((performance.now() - state.pickedAt) / 1000),
      machine_ms: Math.round(shot.ms + performance.now() - began),
      verdict: answer,
      findings: findings.map(({ component, answer: told, value }) => ({ component, answer: told, value })),
      accepted_anyway: state.anyway,
      without_model: apparatus.mode === "plain",
      width,
      height,
      sha256,
    };
  }

  async noShow() {
    const { station } = this;
    if (!station.send({ type: "absent" })) return;
    const { subject } = station.state;
    const { name } = station.person;
    await this.#keep(() => station.book.keepTurn({ kind: "no_show", subject, facts: {}, state: "no_show" }));
    if (station.state.screen !== "search") return;
    this.#tellLying(this.#files);
    say(`${text("absent", { name })} ${this.#nextWords()}`);
  }

  async #keep(keeping) {
    const { station } = this;
    const { last } = station.state;
    try {
      const record = await keeping();
      if (last) station.post.release(last.record);
      station.send({ type: "kept", record });
    } catch (fault) {
      const code = fault.name === "StorageFull" ? "storage_full" : (fault.code ?? "keep_failed");
      station.send({ type: "keepFailed", fault: code });
      warn(faultText(code));
    }
  }

  async keepNote(words) {
    try {
      await this.station.book.keepNote(this.station.state.subject, words);
      say(text("noted"));
    } catch {
      warn(faultText("keep_failed"));
    }
  }

  async releaseLast() {
    const { last } = this.station.state;
    if (last) await this.station.post.release(last.record);
  }

  // What leaves the laptop can't be undone any more.
  async letGo() {
    await this.releaseLast();
    this.station.send({ type: "released" });
  }

  // For good, and the person is to be photographed again.
  async remove(record) {
    await this.letGo();
    await removeOne(record);
    await this.station.book?.strike(record);
    this.station.refresh();
  }

  async undo() {
    const { station } = this;
    if (!mayUndo(station.state)) return say(text("nothing_to_undo"));
    const { last } = station.state;
    const { name } = station.book.person(last.subject);
    const undone = await station.book.undo(last);
    station.send({ type: "undone" });
    return say(undone ? text("undone", { name }) : text("too_late"));
  }

  // Back to the search: whoever walked in without being photographed leaves the list.
  back() {
    const { station } = this;
    const { subject } = station.state;
    station.send({ type: "back" });
    if (station.state.screen !== "search" || !subject) return;
    station.book?.dismiss(subject);
    this.#tellLying(this.#files);
    station.refresh();
  }

  // Newest first: what the camera beside the laptop wrote for the person at hand.
  picturesCame(files) {
    const { state, screens } = this.station;
    const names = files.map((file) => file.name);
    if (!ONE_AT_HAND.has(state.screen)) return this.strayed(names);
    this.#files.push(...names);
    this.#note(names);
    this.#waiting.unshift(...files);
    if (mayShoot(state)) return this.takeWaiting();
    if (state.screen === "verdict") screens.verdict.offer();
  }

  // Pictures of nobody that the station knows of.
  strayed(names) {
    this.#note(names);
    warn(text("folder_stray", { files: names.join(", ") }));
  }

  #note(names) {
    return noteClear(this.station.apparatus.folder, names).catch(() => this.#tellLying(names));
  }

  #tellLying(names) {
    if (names.length) warn(text("folder_remains", { files: names.join(", ") }));
  }

  // What has been received may not lie in the clear in the camera's folder.
  async received() {
    this.#tellLying(await deleteReceived());
  }

  // What lies there from before, or is left behind.
  async tidyFolder() {
    await deleteReceived();
    this.#tellLying(await lyingClear());
  }

  #nextWords() {
    const name = byId("next-person").hidden ? "" : byId("next-person").querySelector('[data-slot="name"]').textContent;
    return name ? text("next", { name }) : "";
  }

  #forgetShot() {
    letGo(this.station.shot);
    this.station.shot = null;
  }
}

// What can't be tried is believed.
function hasRoom() {
  return roomFor(LEAST_ROOM).catch(() => true);
}
