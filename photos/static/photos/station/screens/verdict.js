// The photo as on the card, what is said about it, and the one button that is most likely right.

import { adviceText, componentName, faultText, text } from "../texts.js";
import { byId, panel, parts, slots, stamp } from "../dom.js";
import { fillPerson } from "../person_head.js";
import { drawCard } from "../card_picture.js";
import { focusOn, screenOf } from "../screens.js";
import { mayAcceptAnyway } from "../machine.js";
import { warn } from "../notices.js";
import { say } from "../../../shared/live.js";

const NOTED = new Set(["warn", "fail"]);

export function verdictScreen(station) {
  const root = screenOf("verdict");
  for (const button of root.querySelectorAll("[data-reason]")) {
    button.addEventListener("click", () => station.work.accept(button.dataset.reason));
  }

  function enter() {
    fillPerson(root, station.person);
    showFrames();
    show(station.shot.chosen);
    update();
    focusOn(byId(station.state.answer === "fail" ? "retake" : "accept"));
    speak();
  }

  function show(frame) {
    drawCard(byId("card-picture"), frame, station.book.profile.card);
    const answer = root.querySelector('[data-slot="answer"]');
    answer.replaceChildren(stamp(`verdict-${frame.verdict.answer}`));
    byId("advice").replaceChildren(...frame.verdict.advice.map((code) => line(adviceText(code))));
    const noted = frame.verdict.findings.filter((finding) => NOTED.has(finding.answer));
    byId("findings").replaceChildren(...noted.map((finding) => line(componentName(finding.component))));
    root.querySelector(".verdict-measured").hidden = !noted.length;
    parts(root, { plain: station.apparatus.mode === "plain" });
  }

  function update() {
    const { answer, busy, fault } = station.state;
    panel(root, station.state.panel);
    parts(root, { newer: station.work.isOneWaiting() });
    byId("accept").hidden = answer === "fail";
    byId("anyway").hidden = !mayAcceptAnyway(station.state) && !station.state.panel;
    byId("accept").classList.toggle("btn-primary", answer !== "fail");
    byId("retake").classList.toggle("btn-primary", answer === "fail");
    byId("retake").classList.toggle("btn-secondary", answer !== "fail");
    root.classList.toggle("is-saving", busy);
    if (station.state.panel) focusOn(root.querySelector("[data-reason]"));
    if (fault) warn(faultText(fault));
  }

  function showFrames() {
    const { frames } = station.shot;
    parts(root, { burst: frames.length > 1 });
    byId("burst").replaceChildren(...frames.map(choice));
  }

  function choice(frame, at) {
    const button = stamp("burst-choice");
    drawCard(button.querySelector("canvas"), frame, station.book.profile.card);
    const isBest = frame === station.shot.best ? `, ${text("best")}` : "";
    slots(button, { number: text("picture_number", { number: at + 1 }) + isBest });
    button.setAttribute("aria-pressed", String(frame === station.shot.chosen));
    button.addEventListener("click", () => choose(frame));
    return button;
  }

  function choose(frame) {
    station.work.choose(frame);
    showFrames();
    show(frame);
    update();
    focusOn(byId("burst").querySelector('[aria-pressed="true"]'));
  }

  // A camera beside the laptop has given another picture of the same person.
  function offer() {
    parts(root, { newer: true });
    say(root.querySelector('[data-part="newer"]').textContent.trim());
  }

  function speak() {
    const { verdict } = station.shot.chosen;
    const answer = root.querySelector('[data-slot="answer"]').textContent.trim();
    say([answer, ...verdict.advice.map(adviceText)].join(". "));
  }

  // The photo is in the outbox or thrown away: nothing of it stays in sight.
  function leave() {
    for (const canvas of root.querySelectorAll("canvas")) canvas.width = canvas.height = 0;
    byId("burst").replaceChildren();
  }

  return { enter, update, leave, showFrames, offer };
}

function line(words) {
  const item = document.createElement("li");
  item.textContent = words;
  return item;
}
