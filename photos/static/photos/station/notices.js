// What must be known but stops nobody, above the screen.

import { byId } from "./dom.js";
import { say } from "../../shared/live.js";

export function notice(name, words = "") {
  const line = byId("notices").querySelector(`[data-notice="${name}"]`);
  const slot = line.querySelector("[data-slot]");
  if (slot) slot.textContent = words;
  line.hidden = false;
  say(line.querySelector("p").textContent.trim());
}

export function warn(words) {
  notice("fault", words);
}

export function startNotices() {
  byId("notices").addEventListener("click", ({ target }) => {
    if (target.closest("[data-closes]")) target.closest("[data-notice]").hidden = true;
  });
}
