// The verdict that follows from the findings, as the server decides it.

import { SEVERITY } from "./limit.js";

const MOST_ADVICE = 2;
const STEP_BACK = "step_back";
const ROOM = new Set(["room_above", "room_below", "room_left", "room_right"]);

// What helps most first.
const MOST_USEFUL = [
  "no_face",
  "other_face",
  "show_eyes",
  "uncover_mouth",
  "room_above",
  "room_below",
  "room_left",
  "room_right",
  "head_large",
  "head_small",
  "come_closer",
  "centre_face",
  "more_light",
  "less_light",
  "flat_light",
  "take_off_glasses",
  "natural_colour",
  "face_camera",
  "straighten_head",
  "lower_chin",
  "raise_chin",
  "open_eyes",
  "close_mouth",
  "look_at_camera",
  "relax_face",
  "avoid_glare",
  "no_flash",
  "focus",
  "less_compression",
  "plain_background",
  "light_background",
  "even_light",
  "no_shadow",
  "white_balance",
  "smaller_file",
  "wrong_file",
];

// {answer, decided_by, advice}; tier C does not weigh, B only where it was measured.
export function decide(findings) {
  const weighing = findings.filter(weighs);
  if (!weighing.length) return { answer: "unmeasurable", decided_by: null, advice: [] };
  const answer = SEVERITY[Math.max(...weighing.map((each) => SEVERITY.indexOf(each.answer)))];
  const [gravest] = weighing.filter((each) => each.answer === answer).sort(byUse);
  return {
    answer,
    decided_by: answer === "pass" ? null : gravest.component,
    advice: advise(findings),
  };
}

function weighs({ tier, answer }) {
  return tier === "A" || (tier === "B" && answer !== "unmeasurable");
}

// Of what fails before what warns, tier C at the end; missing room at several sides has one cure.
function advise(findings) {
  const noted = findings.filter(({ advice }) => advice).sort(byGravity);
  const codes = noted.map(({ advice }) => advice);
  const crowded = new Set(codes.filter((code) => ROOM.has(code))).size > 1;
  const best = codes.map((code) => (crowded && ROOM.has(code) ? STEP_BACK : code));
  return [...new Set(best)].slice(0, MOST_ADVICE);
}

function byGravity(one, other) {
  const late = (one.tier === "C") - (other.tier === "C");
  const severe = SEVERITY.indexOf(other.answer) - SEVERITY.indexOf(one.answer);
  return late || severe || byUse(one, other);
}

function byUse(one, other) {
  const place = ({ advice }) => (advice ? MOST_USEFUL.indexOf(advice) : MOST_USEFUL.length);
  const alphabetical = one.component < other.component ? -1 : 1;
  return place(one) - place(other) || alphabetical;
}
