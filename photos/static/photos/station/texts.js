// Every sentence comes from the shell: those of the page, and the server's catalogue for what is measured.

import { byId } from "./dom.js";

const words = JSON.parse(byId("station-words").textContent);

export function text(name, params = {}) {
  return filled(byId("texts").querySelector(`[data-text="${name}"]`), params);
}

// What to do about a fault; an unknown one has a sentence too.
export function faultText(code, params = {}) {
  const faults = byId("faults");
  return filled(faults.querySelector(`[data-fault="${code}"]`) ?? faults.querySelector('[data-fault=""]'), params);
}

export function answerText(key, level, params = {}) {
  const told = { ...params, fault: faultText(params.code ?? "", params) };
  return filled(byId("answers-words").querySelector(`[data-answer="${key} ${level}"]`), told);
}

export function adviceText(code) {
  return words.advice[code] ?? "";
}

export function componentName(component) {
  return words.components[component] ?? "";
}

function filled(element, params) {
  return element.textContent.trim().replace(/\{(\w+)\}/g, (whole, name) => params[name] ?? whole);
}
