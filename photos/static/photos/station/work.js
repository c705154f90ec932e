// One person's turn: chosen, checked in, photographed, accepted. What is done is done in this order.

import { byId } from "./dom.js";
import { deleteClear, left } from "./clear_files.js";
import { encoded, letGo } from "./shots.js";
import { faultText, text } from "./texts.js";
import { mayShoot, mayUndo } from "./machine.js";
import { removeOne } from "./outbox.js";
import { room } from "./database.js";
import { say } from "../../shared/live.js";
import { warn } from "./notices.js";

// One photo, and something over for the journal.
const LEAST_ROOM = 8 * 1024 * 1024;

export class Work {
  #clear = new Map();
  #files = [];
  #space = Infinity;

  constructor(station) {
    this.station = station;
  }

  pick(subject) {
    const { station } = this;
    if (!station.send({ type: "picked", subject, at: performance.now() })) return;
    this.#forgetShot();
    this.#files = [];
    station.apparatus.watchFolder();
    room().then(({ free }) => (this.#space = free), () => {});
  }

  takeWalkIn(facts) {
    this.pick(this.station.book.welcome(facts));
  }

  identify(document) {
    this.station.send({ type: "identified", document, at: Date.now() });
  }

  vouch(name) {
    const { book, person } = this.station;
    this.station.send({ type: "vouched", name, technician: book.user.name, person: person.name, at: Date.now() });
  }

  shoot() {
    return this.#take(() => this.station.apparatus.shoot());
  }

  takeFile(file, source = "file") {
    return this.#take(() => this.station.apparatus.shootFile(file, source));
  }

  async #take(shooting) {
    const { station } = this;
    if (!mayShoot(station.state)) return;
    if (this.#space < LEAST_ROOM) return warn(faultText("storage_full"));
    this.releaseLast();
    station.send({ type: "shot" });
    station.apparatus.guidance.stop();
    say(text("judging"));
    try {
      this.#show(await shooting());
    } catch (fault) {
      station.send({ type: "shotFailed" });
      warn(faultText(fault.code ?? "shot_failed", fault.params));
      station.apparatus.guidance.start();
    }
  }

  #show(shot) {
    const { station } = this;
    this.#forgetShot();
    station.shot = shot;
    station.send({ type: "judged", answer: shot.chosen.verdict.answer });
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
      if (this.#files.length) this.#clear.set(record, this.#files);
      return record;
    });
    if (station.state.screen !== "search") return;
    station.apparatus.leaveFolder();
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
      taken_at: shot.taken_at,
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
    if (station.state.screen === "search") say(`${text("absent", { name })} ${this.#nextWords()}`);
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
    station.apparatus.leaveFolder();
    station.refresh();
  }

  // Newest first: what the camera beside the laptop wrote for the person at hand.
  picturesCame(files) {
    const { screen } = this.station.state;
    this.#files.push(...files.map((file) => file.name));
    if (screen === "camera") this.takeFile(files[0], "folder");
  }

  // What has been received may not lie in the clear in the camera's folder.
  async received(ids) {
    for (const id of ids) {
      const files = this.#clear.get(id);
      if (!files) continue;
      this.#clear.delete(id);
      await deleteClear(files);
      const remain = await left(files);
      if (remain.length) warn(text("folder_remains", { files: remain.join(", ") }));
    }
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
