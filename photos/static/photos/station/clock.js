// Times as the house writes them: "tisdag 12 maj" and "10.05", in the house's own time zone.

import { byId } from "./dom.js";
import { text } from "./texts.js";

const { time_zone: timeZone } = JSON.parse(byId("station-config").textContent);
const DAY = new Intl.DateTimeFormat("sv", { weekday: "long", day: "numeric", month: "long", timeZone });
const CLOCK = new Intl.DateTimeFormat("sv", { hour: "2-digit", minute: "2-digit", timeZone });

export function clockOf(time) {
  return CLOCK.format(new Date(time)).replace(":", ".");
}

export function whenOf(time) {
  return text("when", { day: DAY.format(new Date(time)), clock: clockOf(time) });
}
