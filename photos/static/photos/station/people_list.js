// The list at the left: everybody with an icon and a word for what has happened.

import { byId, slots, stamp } from "./dom.js";
import { suggested, totals } from "./roster.js";
import { text } from "./texts.js";

export function showPeople(people, current, onPick) {
  const upNext = suggested(people)?.subject;
  const { done, all, missing } = totals(people);
  slots(byId("people-nav"), { done: text("done_of", { done, people: all }), left: text("left", { left: missing }) });
  byId("people").replaceChildren(...people.map((person) => row(person, current, upNext, onPick)));
  // Where no row can be chosen the list itself can be reached, to be scrolled.
  byId("people").tabIndex = current ? 0 : -1;
  const here = byId("people").querySelector("[aria-current], .is-next");
  if (here) byId("people").scrollTop = here.offsetTop - 2 * here.offsetHeight;
}

function row(person, current, upNext, onPick) {
  const line = stamp("person-row");
  const button = line.querySelector("button");
  const isCurrent = person.subject === current;
  slots(line, { time: person.clock, name: person.name });
  line.querySelector('[data-slot="state"]').append(stamp(`state-${stateOf(person, isCurrent, upNext, current)}`));
  if (isCurrent) button.setAttribute("aria-current", "true");
  button.classList.toggle("is-next", !current && person.subject === upNext);
  button.disabled = Boolean(current);
  button.addEventListener("click", () => onPick(person.subject));
  return line;
}

function stateOf(person, isCurrent, upNext, current) {
  if (isCurrent) return "now";
  return !current && person.subject === upNext ? "next" : person.now;
}
