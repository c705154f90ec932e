// Shoots by itself when all has been well for a while: only once armed, and once each time.

const STEADY_LOOKS = 8;
const STILL = 0.04; // of the distance between the eyes, from look to look

// Feed it each look; `onShoot` is called when it is time. Off until armed.
export function autoShutter(onShoot, steadyLooks = STEADY_LOOKS) {
  let [armed, steady, last] = [false, 0, null];
  const set = (on) => ([armed, steady, last] = [on, 0, null]);
  return {
    arm: () => set(true),
    disarm: () => set(false),
    armed: () => armed,
    feed(seen) {
      if (!armed) return;
      const well = isWell(seen);
      steady = well && isStill(last, seen.face) ? steady + 1 : 0;
      last = well ? seen.face : null;
      if (steady < steadyLooks) return;
      set(false);
      onShoot();
    },
  };
}

export function isWell({ hint, face, others }) {
  return face !== null && hint === null && others === 0;
}

function isStill(last, face) {
  if (!last) return false;
  const apart = distance(...face.eyes);
  return face.eyes.every((eye, side) => distance(eye, last.eyes[side]) <= STILL * apart);
}

function distance([x, y], [otherX, otherY]) {
  return Math.hypot(x - otherX, y - otherY);
}
