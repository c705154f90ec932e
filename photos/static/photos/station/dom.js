// The shell holds every element and every sentence; here they are found and filled.

export const byId = (id) => document.getElementById(id);

export function slots(root, values) {
  for (const [name, value] of Object.entries(values)) {
    for (const slot of root.querySelectorAll(`[data-slot="${name}"]`)) slot.textContent = value;
  }
}

export function parts(root, shown) {
  for (const [name, is] of Object.entries(shown)) {
    for (const part of root.querySelectorAll(`[data-part="${name}"]`)) part.hidden = !is;
  }
}

// Show what belongs to one panel, "" for the one that is there from the start.
export function panel(root, name) {
  for (const each of root.querySelectorAll("[data-panel]")) each.hidden = each.dataset.panel !== name;
}

// What is to be done next stands out.
export function putFirst(button, isFirst) {
  button.classList.toggle("btn-primary", isFirst);
  button.classList.toggle("btn-secondary", !isFirst);
}

// A fresh copy of what a <template> holds.
export function stamp(id) {
  return byId(id).content.firstElementChild.cloneNode(true);
}
