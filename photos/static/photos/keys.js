// One key for a choice or a button. Keys work only while the focus is within what they belong to.

// In [data-digits], 1 to 9 choose the first to the ninth radio button.
export function chooseByDigit(root = document) {
  root.addEventListener("keydown", (event) => {
    const group = event.target.closest("[data-digits]");
    if (!group || !/^[1-9]$/.test(event.key) || modified(event)) return;
    const radio = group.querySelectorAll('input[type="radio"]')[Number(event.key) - 1];
    if (!radio) return;
    radio.checked = true;
    radio.focus();
    event.preventDefault();
  });
}

// In [data-keys], a letter clicks the [data-key] that names it.
export function pressByLetter(root = document) {
  root.addEventListener("keydown", (event) => {
    const area = event.target.closest("[data-keys]");
    if (!area || modified(event) || event.repeat || typing(event.target)) return;
    const button = area.querySelector(`[data-key="${CSS.escape(event.key.toLowerCase())}"]`);
    if (!button) return;
    button.click();
    event.preventDefault();
  });
}

function modified(event) {
  return event.ctrlKey || event.altKey || event.metaKey;
}

function typing(element) {
  return element.matches("input, textarea, select");
}
