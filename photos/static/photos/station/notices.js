// What must be known but stops nobody, above the screen.

import { byId } from "./dom.js";
import { focusOn } from "./screens.js";
import { say } from "../../shared/live.js";

// Put away until the page is opened again.
const away = new Set();
let before = null;

export function notice(name, words = "") {
  if (away.has(name)) return;
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
  const notices = byId("notices");
  notices.addEventListener("click", ({ target }) => {
    if (target.closest("[data-closes]")) close(target.closest("[data-notice]"));
  });
  notices.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    event.stopPropagation();
    close(event.target.closest("[data-notice]"));
  });
  notices.addEventListener("focusin", ({ relatedTarget }) => {
    if (!notices.contains(relatedTarget)) before = relatedTarget;
  });
}

// The keys work on where the focus was: it goes back there.
function close(line) {
  const held = line.contains(document.activeElement);
  line.hidden = true;
  if (line.dataset.lasting !== undefined) away.add(line.dataset.notice);
  if (held) focusOn(before?.checkVisibility() ? before : byId("stage"));
}
