// One visit on the laptop: who is expected, who walked in, and what has happened to each.

import { change, erase, readAll } from "./database.js";
import { changedSince, changes, deviceId, openVisit, prepareVisit } from "./prepare.js";
import { clockOf } from "./clock.js";
import { keepRecord, undoRecord } from "./records.js";
import { roster } from "./roster.js";

export class VisitBook {
  #box;
  #addresses;
  #walkIns = [];
  #journal = new Map();
  #before = null;
  people = [];

  static async open(visitId, box, addresses) {
    const book = new VisitBook();
    book.#box = box;
    book.#addresses = addresses;
    book.id = visitId;
    book.device = await deviceId();
    await book.#read();
    return book;
  }

  async #read() {
    const { people, ...facts } = await openVisit(this.id, this.#box);
    Object.assign(this, facts, { expected: people });
    const lines = (await readAll("journal")).filter((line) => line.visit === this.id && line.user === this.user.id);
    this.#journal = new Map(lines.map((line) => [line.subject, line]));
    const came = lines.filter((line) => line.walk_in);
    this.#walkIns = await Promise.all(came.map((line) => this.#box.open(line.walk_in, line.subject)));
    this.#refresh();
  }

  #refresh() {
    this.people = roster(this.expected, this.#walkIns, this.#journal, clockOf);
  }

  person(subject) {
    return this.people.find((person) => person.subject === subject) ?? null;
  }

  // Somebody without a time: the laptop makes the id.
  welcome(facts) {
    const subject = crypto.randomUUID();
    const { given_name, family_name } = facts;
    this.#walkIns.push({ subject, given_name, family_name, walk_in: facts });
    this.#refresh();
    return subject;
  }

  // Whoever walked in and left without a record is not on the list any more.
  dismiss(subject) {
    if (this.#journal.has(subject)) return;
    this.#walkIns = this.#walkIns.filter((person) => person.subject !== subject);
    this.#refresh();
  }

  // What ends a person's turn: a photo or that nobody came. Held until `let go of`.
  async keepTurn({ kind, subject, jpeg, facts, state }) {
    const line = await this.#line(subject, { state, at: new Date().toISOString(), seconds: facts.seconds ?? 0 });
    const record = await keepRecord(this.#place(), { ...this.#about(kind, subject, facts), jpeg, held: true, line });
    this.#before = this.#journal.get(subject) ?? null;
    this.#journal.set(subject, { ...line, visit: this.id, subject, user: this.user.id, record });
    this.#refresh();
    return record;
  }

  keepNote(subject, note) {
    return keepRecord(this.#place(), this.#about("note", subject, { note }));
  }

  // Resolves to false when it had been let go of.
  async undo(last) {
    const undone = await undoRecord(this.#place(), last, this.#before);
    if (!undone) return false;
    if (this.#before) this.#journal.set(last.subject, this.#before);
    else this.#journal.delete(last.subject);
    this.#refresh();
    return true;
  }

  // A record that was removed: its line goes too.
  async strike(record) {
    const line = [...this.#journal.values()].find((each) => each.record === record);
    if (!line) return;
    await erase("journal", [this.id, line.subject]);
    this.#journal.delete(line.subject);
    this.#refresh();
  }

  // "same", "gone", or "changed" when another list lies on the laptop now. Throws where there is no
  // network.
  async fetchChanges() {
    const told = await changedSince(this.id, this.#addresses);
    if (told === "changed") await prepareVisit(this.id, this.#box, this.#addresses);
    return told;
  }

  latest() {
    return openVisit(this.id, this.#box);
  }

  // From now on those of the package are expected; whoever has been here stays. What differs:
  // {added, removed, moved}.
  take({ people, ...facts }) {
    const differing = changes(this.expected, people);
    const been = differing.removed.filter(({ subject }) => this.#journal.has(subject));
    Object.assign(this, facts, { expected: [...people, ...been] });
    this.#refresh();
    return differing;
  }

  // Forget what happened here; what is to be sent lies in the outbox.
  async forget() {
    await change(["journal"], ({ journal }) => {
      for (const subject of this.#journal.keys()) journal.delete([this.id, subject]);
    });
  }

  #place() {
    return { visit: this.id, publicKey: this.public_key, user: this.user.id, device: this.device };
  }

  #about(kind, subject, facts) {
    return { kind, subject, facts: { ...facts, walk_in: this.person(subject)?.walk_in ?? null } };
  }

  // Names lie on the disk under the lock alone.
  async #line(subject, facts) {
    const person = this.#walkIns.find((each) => each.subject === subject);
    return { ...facts, walk_in: person ? await this.#box.seal(person, subject) : null };
  }
}
