// What a button or a key asks for, by name.

import { askNote } from "./note_dialog.js";
import { byId } from "./dom.js";
import { say } from "../../shared/live.js";
import { showOutbox } from "./outbox_dialog.js";
import { text } from "./texts.js";

export function asksOf(station) {
  const { work, post } = station;
  const open = (panel) => () => station.send({ type: "panelled", panel });
  return {
    back: () => work.back(),
    vouching: open("vouching"),
    nameDiffers: open("name_differs"),
    noShow: open("no_show"),
    noShowYes: () => work.noShow(),
    anyway: open("anyway"),
    retake: () => station.send({ type: "retake" }),
    newer: () => work.takeWaiting(),
    accept: () => work.accept(),
    note: () => station.person && askNote(station.person),
    undo: () => work.undo(),
    walkIn: () => openDialog("walk-in"),
    outbox: () => openOutbox(station),
    wrapUp: () => wrapUp(station),
    sendNow: () => sendNow(station),
    rescue: async () => {
      await work.letGo();
      await post.saveRescue();
      say(text("rescue_saved"));
    },
  };
}

function openDialog(id) {
  byId(id).showModal();
  byId(id).querySelector("input, [tabindex]")?.focus();
}

async function openOutbox(station) {
  await showOutbox(station);
  openDialog("outbox");
}

// Nothing can be undone any more, and all of it goes.
async function wrapUp(station) {
  await station.work.releaseLast();
  if (station.send({ type: "wrapUp" })) await station.post.sendNow();
}

// What could still be undone is let go of first.
async function sendNow(station) {
  await station.work.letGo();
  await station.post.sendNow();
  if (!station.post.unsent()) say(text("sent_all"));
}
