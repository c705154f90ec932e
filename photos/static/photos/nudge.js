// Move the crop by keys or buttons: presses are gathered and sent together, in turn.

import { say } from "../shared/live.js";

const STEPS = {
  ArrowLeft: "left",
  ArrowRight: "right",
  ArrowUp: "up",
  ArrowDown: "down",
  "+": "larger",
  "-": "smaller",
  0: "reset",
};
const PAUSE = 150; // ms without a press before they are sent

let pressed = [];
let pause = 0;
let sending = false;
let held = null;

export function nudgeByKey(root = document) {
  root.addEventListener("keydown", (event) => {
    const step = STEPS[event.key];
    if (!step || !event.target.closest("[data-nudge]") || modified(event)) return;
    event.preventDefault();
    press(step);
  });
  root.addEventListener("click", (event) => {
    const button = buttonOf(event.target);
    if (!button) return;
    event.preventDefault();
    press(button.value);
  });
  root.addEventListener("pointerdown", ({ target }) => (held = buttonOf(target)));
  root.addEventListener("pointerup", ({ target }) => isSwapped(buttonOf(target)) && press(held.value));
  root.addEventListener("toggle", focusSteps, true);
  root.addEventListener("htmx:afterSettle", judged);
  for (const fault of ["htmx:sendError", "htmx:responseError"]) root.addEventListener(fault, lost);
}

function buttonOf(target) {
  return target.closest("[data-nudge] button");
}

// An answer that came between press and release put another button there, and no click comes.
function isSwapped(button) {
  return held && !held.isConnected && button?.value === held.value;
}

function press(step) {
  pressed.push(step);
  clearTimeout(pause);
  pause = setTimeout(send, PAUSE);
}

function send() {
  const form = document.querySelector("[data-nudge]");
  if (!form || sending || !pressed.length) return;
  sending = true;
  // htmx would send the step of the button that has the focus, too.
  for (const button of form.querySelectorAll("button")) button.removeAttribute("name");
  for (const step of pressed.splice(0)) form.append(stepInput(step));
  form.requestSubmit();
}

function stepInput(value) {
  const input = document.createElement("input");
  Object.assign(input, { type: "hidden", name: "step", value });
  return input;
}

function judged() {
  if (!sending) return;
  sending = false;
  say(document.querySelector(".verdict [data-say]")?.textContent ?? "");
  send();
}

function lost() {
  if (!sending) return;
  sending = false;
  pressed = [];
  for (const input of document.querySelectorAll('[data-nudge] input[name="step"]')) input.remove();
  say(document.querySelector("[data-lost]").textContent);
}

function focusSteps(event) {
  const summary = event.target.querySelector(":scope > summary");
  if (!event.target.matches(".nudge[open]") || document.activeElement !== summary) return;
  event.target.querySelector("button").focus();
}

function modified(event) {
  return event.ctrlKey || event.altKey || event.metaKey;
}
