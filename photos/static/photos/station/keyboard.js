// The whole visit by keyboard: which key asks for what, on which screen.

import { DOCUMENTS, REASONS } from "./machine.js";
import { ScanGuard } from "./scan_guard.js";

const KEYS = {
  search: { F2: "walkIn", F9: "wrapUp" },
  identity: { 6: "vouching", 7: "nameDiffers", u: "noShow", n: "note", Escape: "back" },
  camera: { n: "note", Escape: "back" },
  verdict: { n: "note", Escape: "back" },
  wrap_up: { Escape: "back" },
  readiness: {},
};

const guard = new ScanGuard();

export function listenToKeys(station) {
  document.addEventListener("keydown", (event) => {
    if (isHeldDown(event)) return event.preventDefault();
    const elsewhere = event.isComposing || event.altKey || event.metaKey;
    if (elsewhere || document.querySelector("dialog[open]")) return undefined;
    return event.ctrlKey ? undoByKey(station, event) : pressed(station, event);
  });
  document.addEventListener("click", ({ target }) => {
    const asked = target.closest?.("[data-ask]");
    if (asked && asked.getAttribute("aria-disabled") !== "true") station.ask(asked.dataset.ask);
  });
}

// Enter held down must not run on from screen to screen.
function isHeldDown({ key, repeat, target }) {
  return repeat && (key === "Enter" || (key === " " && target.tagName === "BUTTON"));
}

function pressed(station, event) {
  const { screen, panel } = station.state;
  if (isText(event.target) && !/^(F\d|Escape)/.test(event.key)) return;
  if (isText(event.target) && screen === "search" && event.key === "Escape") return;
  if (!isText(event.target) && guard.swallows(event)) return event.preventDefault();
  const act = digitAct(station, screen, panel, event.key) ?? namedAct(station, screen, panel, event.key);
  if (!act) return;
  event.preventDefault();
  if (event.key.length === 1) guard.later(act);
  else act();
}

function digitAct(station, screen, panel, key) {
  if (screen === "identity" && !panel && DOCUMENTS[key - 1]) return () => station.work.identify(DOCUMENTS[key - 1]);
  if (screen === "verdict" && panel === "anyway" && REASONS[key - 1]) return () => station.work.accept(REASONS[key - 1]);
  return null;
}

// A panel that stops lets nothing by but the way back, and a note where one is asked for.
function namedAct(station, screen, panel, key) {
  const name = KEYS[screen]?.[key.length === 1 ? key.toLowerCase() : key];
  if (!name || (panel && name !== "back" && !(panel === "name_differs" && name === "note"))) return null;
  return () => station.ask(name);
}

// In a field with something in it, Ctrl+Z is the field's own.
function undoByKey(station, event) {
  if (event.key.toLowerCase() !== "z" || event.shiftKey || (isText(event.target) && event.target.value)) return;
  event.preventDefault();
  station.ask("undo");
}

function isText(target) {
  return target.matches?.("input:not([type=checkbox]):not([type=file]), textarea, select");
}
