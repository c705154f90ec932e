// Review by keyboard: G approves, U opens the reasons; then the next photo takes the focus.

import { chooseByDigit, pressByLetter } from "./keys.js";

chooseByDigit();
pressByLetter();
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
    event.target.querySelector('input[type="radio"]').focus();
  }
}
