// The checks: which number is measured, against which limit, and what to advise. Names and order
// are the server's; what is measured on a file (compression, the card's JPEG) is left to it.

import { BACKGROUND } from "./checks/background.js";
import { DETAIL } from "./checks/detail.js";
import { EYEWEAR } from "./checks/eyewear.js";
import { FACE } from "./checks/face.js";
import { LIGHT } from "./checks/light.js";
import { PLACE } from "./checks/place.js";
import { answerOf, milder } from "./limit.js";

export const CHECKS = [...PLACE, ...FACE, ...EYEWEAR, ...LIGHT, ...BACKGROUND, ...DETAIL];
const DECIMALS = 1e4;

export function checkSubject(subject, profile, checks = CHECKS) {
  return checks.map((check) => withSecond(check, subject, profile));
}

export function checkNobody(profile) {
  const [first, ...others] = CHECKS.map((check) => finding(check, null, profile));
  return [{ ...first, answer: "fail", advice: "no_face" }, ...others];
}

// A second vote must agree before the check fails; alone it only warns.
function withSecond(check, subject, profile) {
  const found = finding(check, check.measure(subject), profile);
  if (!check.second) return found;
  const [key, measure] = check.second;
  const value = measure(subject);
  const doubt = value !== null && answerOf(profile.limits[key], value) !== "pass";
  const mayWarn = profile.limits[check.limit].gravest !== "pass";
  if (doubt && mayWarn && found.answer === "pass") {
    return { ...found, answer: "warn", advice: check.low };
  }
  return !doubt && found.answer === "fail" ? { ...found, answer: "warn" } : found;
}

// What the profile's limit says of a value; null could not be measured.
export function finding({ component, limit, tier = "A", low, high }, value, profile) {
  const bounds = profile.limits[limit];
  const strict = value === null ? "unmeasurable" : answerOf(bounds, value);
  const answer = tier === "C" ? milder(strict, "warn") : strict;
  const told = value !== null && answer !== "pass";
  const tooLow = value < (bounds.pass_min ?? -Infinity);
  return {
    component,
    answer,
    value: value === null ? null : Math.round(value * DECIMALS) / DECIMALS,
    advice: (told && (tooLow ? low : high)) || null,
    tier,
  };
}
