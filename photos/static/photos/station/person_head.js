// The name that stands large wherever a person is at hand.

import { parts, slots } from "./dom.js";

export function fillPerson(root, person) {
  slots(root, { name: person.name, time: person.clock, code: person.code });
  parts(root, { walk_in: Boolean(person.walk_in), retake: person.flags.includes("retake") });
}
