// A note about the person at hand, sealed like a photo.

import { byId, parts, slots } from "./dom.js";

export function startNotes(station) {
  byId("note-form").addEventListener("submit", async (event) => {
    event.preventDefault();
    const words = byId("note-text").value.trim();
    parts(byId("note"), { fault: !words });
    if (!words) return byId("note-text").focus();
    byId("note").close();
    await station.work.keepNote(words);
  });
}

export function askNote(person) {
  slots(byId("note"), { name: person.name });
  byId("note-text").value = "";
  parts(byId("note"), { fault: false });
  byId("note").showModal();
  byId("note-text").focus();
}
