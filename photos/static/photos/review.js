// Review by keyboard: G approves, U opens the reasons, a digit chooses one; then the next photo
// takes the focus.

import { chooseByDigit, pressByLetter } from "./keys.js";

chooseByDigit();
pressByLetter();
rejectByDigit();
rejectByQuestion();
focusPhoto();
document.addEventListener("htmx:afterSettle", focusPhoto);
document.addEventListener("toggle", focusReasons, true);

function focusPhoto() {
  const fault = document.querySelector(".review .error-summary");
  (fault ?? document.querySelector(".review [data-focus]"))?.focus();
}

function focusReasons(event) {
  const opened = event.target.matches(".reject") && event.target.open;
  if (opened && !document.querySelector(".review .error-summary")) {
    const radios = event.target.querySelectorAll('input[type="radio"]');
    ([...radios].find((radio) => radio.checked) ?? radios[0]).focus();
  }
}

// A digit anywhere in the review means what it means among the reasons.
function rejectByDigit() {
  document.addEventListener("keydown", (event) => {
    const elsewhere = event.target.closest("[data-keys]") && !event.target.closest("[data-digits]");
    if (!elsewhere || !isDigit(event) || event.target.matches("input, textarea, select")) return;
    event.preventDefault();
    reject(reasons()[Number(event.key) - 1]);
  });
}

function rejectByQuestion() {
  document.addEventListener("click", (event) => {
    const question = event.target.closest("[data-reason]");
    if (!question) return;
    event.preventDefault();
    reject(reasons().find((radio) => radio.value === question.dataset.reason));
  });
}

function reject(radio) {
  if (!radio) return;
  radio.checked = true;
  document.querySelector(".reject").open = true;
  radio.focus();
}

function reasons() {
  return [...document.querySelectorAll('.reject input[type="radio"]')];
}

function isDigit(event) {
  return /^[1-9]$/.test(event.key) && !event.ctrlKey && !event.altKey && !event.metaKey;
}
