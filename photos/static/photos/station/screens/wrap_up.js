// After the visit: who is done, who is missing, what is not sent, and a clean laptop.

import { byId, parts, putFirst, slots } from "../dom.js";
import { focusOn, screenOf } from "../screens.js";
import { say } from "../../../shared/live.js";
import { text } from "../texts.js";
import { totals } from "../roster.js";
import { whenOf } from "../clock.js";

export function wrapUpScreen(station) {
  const root = screenOf("wrap_up");
  byId("clean").addEventListener("click", clean);

  function enter() {
    const { unit, starts_at } = station.book.visit;
    slots(root, { visit: `${unit}, ${whenOf(starts_at)}` });
    parts(root, { not_clean: false });
    byId("to-wrap-up").href = station.visits.wrapUpAddress;
    focusOn(byId("wrap-up-title"));
    update();
  }

  function update() {
    const { done, missing, no_show } = totals(station.people);
    const unsent = station.post.unsent();
    slots(root, { done, missing, no_show, unsent });
    parts(root, {
      missing: missing > 0,
      unsent_some: unsent > 0,
      unsent_none: unsent === 0,
      log_in: station.post.mustLogIn(),
    });
    if (!unsent) parts(root, { not_clean: false });
    putFirst(root.querySelector("[data-ask=sendNow]"), unsent > 0);
    putFirst(byId("clean"), unsent === 0);
    byId("missing").replaceChildren(...station.people.filter((person) => person.now === "waiting").map(line));
  }

  async function clean() {
    const may = station.post.unsent() === 0;
    parts(root, { not_clean: !may });
    if (!may) return;
    await station.visits.leaveClean();
    say(text("cleaned"));
  }

  return { enter, update };
}

function line(person) {
  const item = document.createElement("li");
  item.textContent = [person.clock, person.name].filter(Boolean).join(" ");
  return item;
}
