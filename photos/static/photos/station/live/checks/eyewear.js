// What lies before the eyes and in them: glasses, dark lenses, glare, red pupils.

import { medianColour, median } from "../colour.js";
import { COLUMNS, EYE_COLUMNS, eyeBand, part } from "../eye_band.js";
import { PUPIL_LEFT, PUPIL_RIGHT } from "../face.js";
import { distance } from "../geometry.js";

const NEARLY_WHITE = 247 / 255;

// Parts of the band: rows and columns.
const BRIDGE = [[35, 82], [100, 120]];
const RIMS = EYE_COLUMNS.map((x) => [[78, 108], [x - 18, x + 18]]);
const LENSES = EYE_COLUMNS.map((x) => [[48, 84], [x - 26, x + 26]]);
const CHEEKS = EYE_COLUMNS.map((x) => [[112, 140], [x - 18, x + 18]]);

const STRIP = 4;
const SHADOW = 0.1;
const BRIGHT = 0.9;
const DARKEST = 1e-3;

const PUPIL = 0.45; // of the iris's radius
const REDDER = 1.2;
const LEAST_RED = 1.4;
const AS_BRIGHT = 0.5;
const LEAST_BRIGHT = 40;
const SKIN = [50, 205, 280, 425];
const SPOT = 6;

// How much lines across the bridge and below both eyes stand out; 1 is bare skin.
function frameContrast(subject) {
  const band = bandOf(subject);
  const cheeks = Math.max(...CHEEKS.map((cheek) => median(values(band, cheek))));
  const shadow = SHADOW * Math.max(cheeks, DARKEST);
  const rim = Math.min(...RIMS.map((below) => line(steps(band, below, shadow))));
  return Math.exp(Math.sqrt(line(steps(band, BRIDGE, shadow)) * rim));
}

// How much lighter, in log luminance, it is two rows below each place of a part.
function steps(band, [[top, bottom], columns], shadow) {
  const light = part(band, [top, bottom + 2], columns).map((row) =>
    row.map((value) => Math.log(value + shadow)),
  );
  return light.slice(0, -2).map((row, at) => row.map((value, x) => light[at + 2][x] - value));
}

// How steep a rise and a fall all columns have somewhere, in log luminance.
function line(steps) {
  const strips = Math.floor(steps[0].length / STRIP);
  const [rises, falls] = [[], []];
  for (let strip = 0; strip < strips; strip++) {
    const means = steps.map((row) => meanOf(row.subarray(strip * STRIP, (strip + 1) * STRIP)));
    rises.push(Math.max(...means));
    falls.push(-Math.min(...means));
  }
  return Math.max(Math.min(median(rises), median(falls)), 0);
}

function lensLight(subject) {
  const band = bandOf(subject);
  const sides = LENSES.map((lens, side) => {
    const cheek = Math.max(median(values(band, CHEEKS[side])), DARKEST);
    return bright(values(band, lens)) / cheek;
  });
  return Math.min(...sides);
}

function bright(part) {
  return part.sort()[Math.floor(BRIGHT * part.length)];
}

function glare(subject) {
  const band = bandOf(subject);
  const shares = LENSES.map((lens) => {
    const light = values(band, lens);
    return light.filter((value) => value >= NEARLY_WHITE).length / light.length;
  });
  return Math.max(...shares);
}

// The share of the redder pupil that a flash has reddened.
function redPupil(subject) {
  const skin = SKIN.flatMap((landmark) => around(subject, subject.onCard.at(landmark), SPOT));
  const [red, green, blue] = medianColour(skin.map(({ colour }) => colour));
  const ratio = Math.max((REDDER * red) / Math.max(green, blue, 1), LEAST_RED);
  const least = Math.max(AS_BRIGHT * red, LEAST_BRIGHT);
  const shares = [PUPIL_LEFT, PUPIL_RIGHT].map((at) => shareRed(pupil(subject, at), ratio, least));
  return Math.max(...shares);
}

function pupil(subject, landmark) {
  const centre = subject.onCard.at(landmark);
  const edge = [1, 2, 3, 4].map((next) => distance(subject.onCard.at(landmark + next), centre));
  const radius = PUPIL * meanOf(edge);
  const side = Math.max(Math.ceil(radius), 1);
  const box = around(subject, centre, side);
  return box.filter(({ x, y }) => Math.hypot(x - side, y - side) <= Math.max(radius, 1));
}

function shareRed(pixels, ratio, least) {
  const reddened = pixels.filter(
    ({ colour: [red, green, blue] }) => red > ratio * Math.max(green, blue) && red > least,
  );
  return reddened.length / pixels.length;
}

// A square of pixels around a place, moved to where there are any; x and y count from its corner.
function around(subject, centre, reach) {
  const [left, top] = centre.map((at, axis) => {
    const last = subject.size[axis] - 1 - reach;
    return Math.min(Math.max(Math.round(at), reach), last) - reach;
  });
  const side = 2 * reach + 1;
  return Array.from({ length: side * side }, (_, at) => {
    const [x, y] = [at % side, Math.floor(at / side)];
    return { x, y, colour: subject.pixel(left + x, top + y) };
  });
}

function bandOf(subject) {
  return subject.once("band", () => eyeBand(subject));
}

function values(band, place) {
  const rows = part(band, ...place);
  const all = new Float32Array(rows.length * rows[0].length);
  rows.forEach((row, at) => all.set(row, at * row.length));
  return all;
}

function meanOf(numbers) {
  return numbers.reduce((sum, number) => sum + number, 0) / numbers.length;
}

export const EYEWEAR = [
  {
    component: "eyes visible",
    limit: "dark_lenses",
    measure: lensLight,
    tier: "B",
    low: "show_eyes",
  },
  {
    component: "glasses",
    limit: "glasses",
    measure: frameContrast,
    tier: "B",
    high: "take_off_glasses",
  },
  { component: "glare prevention", limit: "glare", measure: glare, tier: "C", high: "avoid_glare" },
  {
    component: "red-eye prevention",
    limit: "red_eye",
    measure: redPupil,
    tier: "B",
    high: "no_flash",
  },
];
