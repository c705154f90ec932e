// A visit is opened, kept fresh while there is a network, and left behind.

import * as outbox from "./outbox.js";
import { clockOf } from "./clock.js";
import { faultText, text } from "./texts.js";
import { filled } from "./addresses.js";
import { forgetBox } from "./lockbox.js";
import { forgetVisit, preparedVisits } from "./prepare.js";
import { notice, warn } from "./notices.js";
import { showUnit } from "./status_bar.js";
import { tellCleaned } from "./laptop_report.js";
import { VisitBook } from "./visit_book.js";

const QUIET = new Set(["readiness", "search"]);

export class Visits {
  wrapUpAddress = "/";
  #fetched = null;

  constructor(station) {
    this.station = station;
    addEventListener("online", () => this.fetchChanges());
  }

  async unlocked(box) {
    const { station } = this;
    station.box = box;
    station.user = { id: box.user, name: station.user?.name ?? "" };
    await station.post.start(box.user);
    station.send({ type: "unlocked" });
  }

  async open(id) {
    const { station } = this;
    const { addresses } = station.config;
    try {
      station.book = await VisitBook.open(id, station.box, addresses);
    } catch (fault) {
      return warn(faultText(fault.code ?? "", fault.params));
    }
    this.wrapUpAddress = filled(addresses.wrap_up, id);
    station.apparatus.start(station.book.profile);
    showUnit(station.book.visit.unit);
    station.send({ type: "opened", visit: id });
    await station.work.tidyFolder();
    return this.fetchChanges();
  }

  async fetchChanges() {
    const { book } = this.station;
    if (!book) return;
    try {
      const told = await book.fetchChanges();
      if (told === "gone") notice("changed", text("visit_gone"));
      if (told === "changed") this.#fetched = book;
    } catch (fault) {
      if (!fault.code) throw fault;
    }
    await this.takeChanges();
  }

  // While somebody is in front of the camera the list stays as it is.
  async takeChanges() {
    const book = this.#fetched;
    if (!book || !this.#isQuiet(book)) return;
    const latest = await book.latest();
    if (!this.#isQuiet(book)) return;
    this.#fetched = null;
    const words = wordsOf(book.take(latest));
    if (words) notice("changed", text("changes", { words }));
    this.station.refresh();
  }

  #isQuiet(book) {
    return this.station.book === book && QUIET.has(this.station.state.screen);
  }

  // Everything of the technician's that has been received, the lists and the lock.
  async leaveClean() {
    const { station } = this;
    const user = station.user.id;
    station.apparatus.leaveFolder();
    station.apparatus.closeCamera();
    await station.work.tidyFolder();
    await station.book.forget();
    await outbox.forgetReceived(user);
    for (const { id } of await preparedVisits(user)) await this.#forgotten(id);
    await forgetBox(user);
    station.book = null;
    showUnit("");
    station.send({ type: "cleaned" });
  }

  async #forgotten(visit) {
    await forgetVisit(visit);
    const facts = { visit, device: this.station.book.device, unsent: 0 };
    await tellCleaned(this.station.config.addresses, facts).catch(() => {});
  }
}

// Who is new, gone or moved, by name; nothing where the people are the same at the same times.
function wordsOf(changes) {
  const told = Object.entries(changes).filter(([, people]) => people.length);
  return told.map(([what, people]) => text(what, { names: people.map(NAMED[what]).join(", ") })).join(" ");
}

const named = ({ given_name, family_name }) => `${given_name} ${family_name}`;
const NAMED = { added: named, removed: named, moved: (person) => `${named(person)} ${clockOf(person.time)}` };
