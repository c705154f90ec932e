// What the planner sees of this laptop: how many records it still holds, and that it is clean.

import { askState, reportLaptop } from "./exchange.js";
import { deviceId, preparedVisits } from "./prepare.js";

// A visit may be closed elsewhere, and its key goes when each laptop has told since then.
const AGAIN_AFTER = 10 * 60_000;

// Tells of each visit of a user that is here what has changed since the page told it last, and all
// of it now and then.
export class Reports {
  #told = new Map();
  #addresses;
  #user;
  #clock;

  constructor(addresses, user, clock) {
    this.#addresses = addresses;
    this.#user = user;
    this.#clock = clock;
  }

  // `rows` are all the rows of the user.
  async tell(rows, csrf) {
    for (const [place, report] of reports(rows, await this.#prepared())) {
      if (this.#isFresh(place, report)) continue;
      try {
        await reportLaptop(this.#addresses, report, csrf);
        this.#told.set(place, { unsent: report.unsent, at: this.#clock.monotonic() });
      } catch {
        // It is told again at the next turn.
      }
    }
  }

  #isFresh(place, { unsent }) {
    const told = this.#told.get(place);
    return told?.unsent === unsent && this.#clock.monotonic() - told.at < AGAIN_AFTER;
  }

  // A laptop that was made ready and took nothing is waited for as well.
  async #prepared() {
    const visits = await preparedVisits(this.#user);
    if (!visits.length) return [];
    const device = await deviceId();
    return visits.map(({ id }) => ({ visit: id, device, state: "received" }));
  }
}

// Tell that a visit's records and names are gone from here. Throws where nobody took it.
export async function tellCleaned(addresses, { visit, device, unsent }) {
  const { csrf } = await askState(addresses);
  await reportLaptop(addresses, { visit, device, unsent, cleaned: true }, csrf);
}

function reports(rows, prepared) {
  const all = new Map();
  for (const { visit, device, state } of [...rows, ...prepared]) {
    const place = `${visit} ${device}`;
    const report = all.get(place) ?? { visit, device, unsent: 0 };
    report.unsent += state === "received" ? 0 : 1;
    all.set(place, report);
  }
  return all;
}
