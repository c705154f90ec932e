// Nothing is left on the laptop.

import { byId } from "../dom.js";
import { focusOn } from "../screens.js";

export function cleanScreen(station) {
  byId("start-over").addEventListener("click", () => station.send({ type: "restarted" }));
  return {
    enter() {
      byId("close-visit").href = station.visits.wrapUpAddress;
      focusOn(byId("clean-screen-title"));
    },
  };
}
