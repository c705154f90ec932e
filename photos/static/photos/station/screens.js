// One screen at a time. The page moves the focus, and tells the keys that work there.

import { byId } from "./dom.js";

// These have the list of people beside them.
const AT_WORK = new Set(["search", "identity", "camera", "verdict"]);

export function showScreen(name) {
  for (const screen of document.querySelectorAll("[data-screen]")) screen.hidden = screen.dataset.screen !== name;
  for (const keys of document.querySelectorAll("[data-keys]")) keys.hidden = keys.dataset.keys !== name;
  document.body.dataset.at = name;
  byId("people-nav").hidden = !AT_WORK.has(name);
  byId("bench").classList.toggle("at-work", AT_WORK.has(name));
  window.scrollTo(0, 0);
  byId("stage").scrollTop = 0;
  return screenOf(name);
}

export function screenOf(name) {
  return document.querySelector(`[data-screen="${name}"]`);
}

// What is in view stays where it is; in a small window the way on is scrolled to.
export function focusOn(element) {
  element?.focus({ preventScroll: true });
  element?.scrollIntoView({ block: "nearest" });
}
