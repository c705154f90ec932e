// Who is next: scan, type, or take the next in turn with Enter.

import { byId, parts, slots, stamp } from "../dom.js";
import { find } from "../find.js";
import { focusOn, screenOf } from "../screens.js";
import { suggested } from "../roster.js";
import { say } from "../../../shared/live.js";
import { text } from "../texts.js";

export function searchScreen(station) {
  const root = screenOf("search");
  const input = byId("search");
  let found = { exact: null, hits: [], told: "" };
  let marked = 0;

  input.addEventListener("input", () => look(false));
  input.addEventListener("keydown", onKey);
  byId("next-person").addEventListener("click", takeNext);
  byId("hits").addEventListener("click", (event) => {
    const hit = event.target.closest(".hit");
    if (hit) station.work.pick(hit.dataset.subject);
  });
  byId("walk-in-form").addEventListener("submit", takeWalkIn);

  function enter() {
    input.value = "";
    look(false);
    update();
    focusOn(input);
    station.visits.takeChanges();
  }

  function update() {
    showNext(suggested(station.people));
    showUndo();
  }

  function showNext(person) {
    byId("next-person").hidden = !person;
    parts(root, { all_done: !person });
    if (!person) return;
    slots(byId("next-person"), { name: person.name, time: person.clock, code: person.code });
    parts(byId("next-person"), { retake: person.flags.includes("retake") });
  }

  function showUndo() {
    const { last } = station.state;
    parts(root, { undo: Boolean(last) });
    if (last) slots(root, { last: wordsOf(station.book.person(last.subject)) });
  }

  function takeNext() {
    const person = suggested(station.people);
    if (person) station.work.pick(person.subject);
  }

  function look(spoken) {
    const typed = input.value.trim();
    found = typed ? find(station.people, typed) : { exact: null, hits: [], told: "" };
    marked = 0;
    root.querySelector(".search-box").toggleAttribute("data-typed", Boolean(typed));
    byId("hits").replaceChildren(...found.hits.map(hit));
    byId("hits").hidden = !found.hits.length;
    input.setAttribute("aria-expanded", String(Boolean(found.hits.length)));
    mark();
    tell(spoken ? found.told : "");
    if (typed && found.hits.length) say(text("found", { number: found.hits.length, name: found.hits[0].name }));
  }

  function hit(person, at) {
    const row = stamp("hit");
    row.id = `hit-${at}`;
    row.dataset.subject = person.subject;
    slots(row, { name: person.name, time: person.clock });
    row.querySelector('[data-slot="state"]').append(stamp(`state-${person.now}`));
    return row;
  }

  function mark() {
    const rows = [...byId("hits").children];
    rows.forEach((row, at) => row.setAttribute("aria-selected", String(at === marked)));
    if (rows[marked]) input.setAttribute("aria-activedescendant", rows[marked].id);
    else input.removeAttribute("aria-activedescendant");
    rows[marked]?.scrollIntoView({ block: "nearest" });
  }

  function tell(code) {
    const said = root.querySelector('[data-part="said"]');
    said.hidden = !code;
    said.textContent = code ? text(code) : "";
    if (code) say(said.textContent);
  }

  function onKey(event) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && found.hits.length) {
      event.preventDefault();
      marked = (marked + step + found.hits.length) % found.hits.length;
      mark();
    }
    if (event.key === "Enter") {
      event.preventDefault();
      if (!event.repeat) choose();
    }
    if (event.key === "Escape") {
      input.value = "";
      look(false);
    }
  }

  // What was scanned stands whole in the field when Enter comes; a code nobody has stays there marked.
  function choose() {
    if (!input.value.trim()) return takeNext();
    const [at] = [marked];
    look(true);
    const person = found.exact ?? found.hits[at];
    if (person) return station.work.pick(person.subject);
    return input.select();
  }

  function takeWalkIn(event) {
    event.preventDefault();
    const [given_name, family_name, contact] = ["given", "family", "contact"].map((name) =>
      byId(`walk-in-${name}`).value.trim(),
    );
    const whole = Boolean(given_name && family_name && contact);
    parts(byId("walk-in"), { fault: !whole });
    if (!whole) return [...byId("walk-in-form").querySelectorAll("input")].find((each) => !each.value.trim()).focus();
    byId("walk-in").close();
    byId("walk-in-form").reset();
    return station.work.takeWalkIn({ given_name, family_name, contact });
  }

  return { enter, update };
}

function wordsOf({ name, now }) {
  return text(now === "no_show" ? "absent" : "accepted", { name });
}
