// Every sentence comes from the shell: those of the page, and the server's catalogue for what is measured.

import { byId } from "./dom.js";

const words = JSON.parse(byId("station-words").textContent);

export function text(name, params = {}) {
  return filled(byId("texts").querySelector(`[data-text="${name}"]`), params);
}

// What to do about a fault; an unknown one has a sentence too.
export function faultText(code, params = {}) {
  return filled(faultWords(code) ?? faultWords(""), params);
}

// Why a record was not received, in the station's words; the server's where the station has none.
export function refusalText({ code, message }) {
  const own = faultWords(code.replace(/^http_5\d\d$/, "server").replace(/^http_\d+$/, "refused"));
  return own ? filled(own, {}) : message || faultText("");
}

function faultWords(code) {
  return byId("faults").querySelector(`[data-fault="${CSS.escape(code)}"]`);
}

export function answerText(key, level, params = {}) {
  if (params.code) return faultText(params.code, params);
  return filled(byId("answers-words").querySelector(`[data-answer="${key} ${level}"]`), params);
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
