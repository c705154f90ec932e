// A limit of the profile: an interval that passes and a wider one that warns; null is no bound.

export const SEVERITY = ["pass", "unmeasurable", "warn", "fail"];

export function answerOf(limit, value) {
  if (inside(value, limit.pass_min, limit.pass_max)) return "pass";
  const low = limit.warn_min ?? limit.pass_min;
  const high = limit.warn_max ?? limit.pass_max;
  return milder(inside(value, low, high) ? "warn" : "fail", limit.gravest ?? "fail");
}

export function milder(one, other) {
  return SEVERITY.indexOf(one) <= SEVERITY.indexOf(other) ? one : other;
}

function inside(value, low, high) {
  return (low ?? -Infinity) <= value && value <= (high ?? Infinity);
}
