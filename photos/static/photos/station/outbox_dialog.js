// What lies on the laptop, record by record: each can be saved to a file or removed alone.

import { byId, parts, putFirst, slots, stamp } from "./dom.js";
import { clockOf } from "./clock.js";
import { exportOne, mine } from "./outbox.js";
import { refusalText, text } from "./texts.js";
import { saveFile } from "./save_file.js";

const NEWEST = 200;

export async function showOutbox(station) {
  const dialog = byId("outbox");
  const counts = station.post.counts;
  slots(dialog, { summary: text("summary", counts), others: text("others", { others: counts.others }) });
  parts(dialog, { others: counts.others > 0, log_in: station.post.mustLogIn() });
  putFirst(dialog.querySelector("[data-ask=sendNow]"), station.post.unsent() > 0);
  const rows = (await mine(station.user.id)).reverse().slice(0, NEWEST);
  byId("records").replaceChildren(...rows.map((row) => line(station, row)));
}

function line(station, row) {
  const item = stamp("record-row");
  const who = station.book?.person(row.subject)?.name ?? text("somebody");
  slots(item, { who, what: `${text(`kind_${row.kind}`)}, ${clockOf(row.made_at)}` });
  item.querySelector('[data-slot="state"]').append(stamp(`sending-${row.state}`));
  showFault(item, row.fault);
  parts(item, { acts: row.state !== "received" });
  listen(station, item, row);
  return item;
}

function showFault(item, fault) {
  const line = item.querySelector('[data-slot="fault"]');
  line.hidden = !fault;
  if (fault) line.textContent = refusalText(fault);
}

function listen(station, item, { id }) {
  const acts = {
    export: async () => {
      await station.work.letGo();
      saveFile(await exportOne(id), `${id}.fotorundan`);
    },
    remove: () => ask(item, true),
    keep: () => ask(item, false),
    removeYes: () => station.work.remove(id),
  };
  item.addEventListener("click", ({ target }) => acts[target.closest("[data-act]")?.dataset.act]?.());
}

function ask(item, sure) {
  parts(item, { sure, acts: !sure });
  item.querySelector(sure ? '[data-act="keep"]' : '[data-act="remove"]').focus();
}
