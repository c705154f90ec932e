// A plan of rounds: says how the planning goes, ticks a day's stops with the day, and lets a stop
// be dragged to another round. What a move costs comes from the same page that the link "Move"
// leads to, and is said before the drop.

import { say } from "../shared/live.js";

followProgress();
tickWholeDays();
dragStops();

function followProgress() {
  let said = "";
  document.addEventListener("htmx:afterSwap", (event) => {
    const text = event.target.querySelector("[data-say]")?.textContent.trim() ?? "";
    if (text && text !== said) say(text);
    said = text;
  });
}

function tickWholeDays() {
  document.addEventListener("change", ({ target }) => {
    const round = target.closest?.(".round");
    if (!round) return;
    const day = round.querySelector('[name="days"]');
    const stops = [...round.querySelectorAll('[name="stops"]')];
    if (target === day) for (const stop of stops) stop.checked = day.checked;
    else if (day) day.checked = stops.every((stop) => stop.checked);
  });
}

function dragStops(root = document) {
  let held = null;

  root.addEventListener("dragstart", (event) => {
    const stop = event.target.closest?.("[data-moves]");
    if (!stop) return;
    held = { stop, places: null, over: null };
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", stop.dataset.moves);
    stop.classList.add("round-dragged");
    fetchPlaces(stop.dataset.moves, held);
  });

  const consider = (event) => {
    const round = event.target.closest?.("[data-vehicle]");
    if (!held || !round) return;
    const place = held.places?.get(round.dataset.vehicle);
    if (place) event.preventDefault();
    if (held.over === round || !held.places) return;
    leave(held);
    held.over = round;
    show(round, place);
  };
  root.addEventListener("dragenter", consider);
  root.addEventListener("dragover", consider);

  root.addEventListener("drop", (event) => {
    const round = event.target.closest?.("[data-vehicle]");
    const place = round && held?.places?.get(round.dataset.vehicle);
    if (!place) return;
    event.preventDefault();
    document.body.append(place.form);
    place.form.hidden = true;
    place.form.requestSubmit();
  });

  root.addEventListener("dragend", () => {
    if (!held) return;
    leave(held);
    held.stop.classList.remove("round-dragged");
    for (const round of root.querySelectorAll("[data-vehicle]")) {
      round.classList.remove("round-takes", "round-refuses");
    }
    held = null;
  });
}

async function fetchPlaces(address, held) {
  const answer = await fetch(address, { headers: { "HX-Request": "true" } });
  if (!answer.ok) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const rows = [...page.querySelectorAll("[data-vehicle]")];
  held.places = new Map(
    rows.map((row) => [
      row.dataset.vehicle,
      {
        cost: row.querySelector(".round-says").textContent.trim().replace(/\s+/g, " "),
        form: document.importNode(row.querySelector("form"), true),
      },
    ]),
  );
  for (const round of document.querySelectorAll(".round[data-vehicle]")) {
    const takes = held.places.has(round.dataset.vehicle);
    round.classList.add(takes ? "round-takes" : "round-refuses");
  }
}

function show(round, place) {
  if (!place) return;
  round.classList.add("round-over");
  const cost = round.querySelector(".round-cost");
  cost.textContent = place.cost;
  cost.hidden = false;
  say(`${round.querySelector("h3").textContent.trim().replace(/\s+/g, " ")}: ${place.cost}`);
}

function leave(held) {
  if (!held.over) return;
  held.over.classList.remove("round-over");
  held.over.querySelector(".round-cost").hidden = true;
  held.over = null;
}
