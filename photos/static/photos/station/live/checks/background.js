// What is behind the person: evenness, brightness, shadow, colour. Null where too little shows.

import { lab, median, medianColour, percentile } from "../colour.js";

const LEAST_SHARE = 0.03; // of the card
const LEAST_SIDE = 20; // cells, to tell a side's lightness
const PLAIN = 12;
const PAINTED = 25;
const BYTES = 4;

function unevenness(colours) {
  const [light, red, yellow] = medianColour(colours);
  const away = colours.map(([l, a, b]) => Math.hypot(l - light, a - red, b - yellow));
  return percentile(away, 98);
}

function brightness(colours) {
  return median(colours.map(([light]) => light));
}

// The chroma of the median colour, null unless it is a plain grey or white.
function tint(colours) {
  const [, red, yellow] = medianColour(colours);
  const chroma = Math.hypot(red, yellow);
  return unevenness(colours) <= PLAIN && chroma <= PAINTED ? chroma : null;
}

// By how much L* one half is darker than the other.
function oneSidedDrop(subject) {
  const cells = seen(subject);
  const { width } = subject.cells.small;
  const half = Math.floor(width / 2);
  const sides = [
    cells.filter(({ column }) => column < half),
    cells.filter(({ column }) => column >= width - half),
  ];
  if (sides.some((side) => side.length < LEAST_SIDE)) return null;
  const [left, right] = sides.map((side) => median(side.map(({ colour }) => colour[0])));
  return Math.abs(left - right);
}

function seen(subject) {
  return subject.once("background", () => {
    const { small, behind } = subject.cells;
    return Array.from(behind.keys())
      .filter((at) => behind[at])
      .map((at) => ({
        column: at % small.width,
        colour: lab(small.data.subarray(at * BYTES, at * BYTES + 3)),
      }));
  });
}

const ofColours = (measure) => (subject) => {
  if (!subject.silhouette) return null;
  const cells = seen(subject);
  const enough = cells.length >= LEAST_SHARE * subject.cells.behind.length;
  return enough ? measure(cells.map(({ colour }) => colour)) : null;
};

export const BACKGROUND = [
  {
    component: "background uniformity",
    limit: "background_uniformity",
    measure: ofColours(unevenness),
    tier: "B",
    high: "plain_background",
  },
  {
    component: "background brightness",
    limit: "background_brightness",
    measure: ofColours(brightness),
    tier: "B",
    low: "light_background",
  },
  {
    component: "background shadow",
    limit: "background_shadow",
    measure: (subject) => subject.silhouette && oneSidedDrop(subject),
    tier: "C",
    high: "no_shadow",
  },
  {
    component: "colour balance",
    limit: "colour_balance",
    measure: ofColours(tint),
    tier: "B",
    high: "white_balance",
  },
];
