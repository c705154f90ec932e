// What the planner sees of this laptop: how many records it still holds, and that it is clean.

import { askState, reportLaptop } from "./exchange.js";

// Tells only what has changed since the page told it last.
export class Reports {
  #told = new Map();
  #addresses;

  constructor(addresses) {
    this.#addresses = addresses;
  }

  // All the rows of a user.
  async tell(rows, csrf) {
    for (const [place, report] of reports(rows)) {
      if (this.#told.get(place) === report.unsent) continue;
      try {
        await reportLaptop(this.#addresses, report, csrf);
        this.#told.set(place, report.unsent);
      } catch {
        // It is told again at the next turn.
      }
    }
  }
}

// Tell that a visit's records and names are gone from here. Throws where nobody took it.
export async function tellCleaned(addresses, { visit, device, unsent }) {
  const { csrf } = await askState(addresses);
  await reportLaptop(addresses, { visit, device, unsent, cleaned: true }, csrf);
}

function reports(rows) {
  const all = new Map();
  for (const { visit, device, state } of rows) {
    const place = `${visit} ${device}`;
    const report = all.get(place) ?? { visit, device, unsent: 0 };
    report.unsent += state === "received" ? 0 : 1;
    all.set(place, report);
  }
  return all;
}
