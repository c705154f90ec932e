// A visit is opened, kept fresh while there is a network, and left behind.

import * as outbox from "./outbox.js";
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
    return this.fetchChanges();
  }

  // While somebody is in front of the camera the list stays as it is.
  async fetchChanges() {
    const { station } = this;
    if (!station.book || !QUIET.has(station.state.screen)) return;
    try {
      this.#tell(await station.book.fetchChanges());
    } catch (fault) {
      if (!fault.code) throw fault;
    }
  }

  #tell(changes) {
    if (changes === "same" || !changes) return;
    if (changes === "gone") return notice("changed", text("visit_gone"));
    const numbers = Object.entries(changes).map(([name, people]) => [name, people.length]);
    notice("changed", text("changes", Object.fromEntries(numbers)));
    this.station.refresh();
  }

  // Everything of the technician's that has been received, the lists and the lock.
  async leaveClean() {
    const { station } = this;
    const user = station.user.id;
    await station.book.forget();
    await outbox.forgetReceived(user);
    for (const { id } of await preparedVisits(user)) await forgetVisit(id);
    await forgetBox(user);
    const facts = { visit: station.book.id, device: station.book.device, unsent: 0 };
    await tellCleaned(station.config.addresses, facts).catch(() => {});
    station.book = null;
    showUnit("");
    station.send({ type: "cleaned" });
  }
}
