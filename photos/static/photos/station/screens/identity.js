// Which id document: a digit goes on at once. Vouching, and a name that differs, stop.

import { byId, panel, parts, slots } from "../dom.js";
import { clockOf } from "../clock.js";
import { fillPerson } from "../person_head.js";
import { focusOn, screenOf } from "../screens.js";
import { say } from "../../../shared/live.js";
import { text } from "../texts.js";

export function identityScreen(station) {
  const root = screenOf("identity");
  for (const button of root.querySelectorAll("[data-document]")) {
    button.addEventListener("click", () => station.work.identify(button.dataset.document));
  }
  byId("vouching-form").addEventListener("submit", (event) => {
    event.preventDefault();
    station.work.vouch(byId("voucher").value);
  });

  // The focus stands on the name: the second Enter of a scanner presses nothing there.
  function enter() {
    fillPerson(root, station.person);
    byId("voucher").value = "";
    const already = alreadyText(station.person);
    parts(root, { already: Boolean(already) });
    slots(root, { already });
    update();
    say(`${station.person.name}. ${already}`);
  }

  function update() {
    const { panel: open, fault } = station.state;
    panel(root, open);
    for (const each of root.querySelectorAll("[data-fault]")) each.hidden = each.dataset.fault !== fault;
    if (!open) return focusOn(byId("identity-name"));
    if (open === "vouching") return focusOn(byId("voucher"));
    return focusOn(root.querySelector(`[data-panel="${open}"] [data-focus]`));
  }

  return { enter, update };
}

function alreadyText({ now, at }) {
  if (now === "done" && at) return text("already_done", { clock: clockOf(at) });
  if (now === "done") return text("already_server");
  return now === "no_show" && at ? text("already_absent", { clock: clockOf(at) }) : "";
}
