// When a record that could not be sent may be tried again.

export const LONGEST = 5 * 60_000;
const FIRST = 2_000;

// Milliseconds to wait after so many attempts in a row: doubled each time, at most five minutes,
// less a random share up to half, so that twenty laptops do not come back in the same second.
export function delay(attempts, random) {
  const whole = Math.min(LONGEST, FIRST * 2 ** (attempts - 1));
  return whole * (1 - random() / 2);
}

// Waits are kept by a clock that only goes forward. `next_at` on the row is for the next start of
// the page, where the clock on the wall is all there is.
export class Waits {
  #until = new Map();
  #clock;

  constructor(clock) {
    this.#clock = clock;
  }

  wait(id, milliseconds) {
    this.#until.set(id, this.#clock.monotonic() + milliseconds);
    return this.#clock.now() + milliseconds;
  }

  // How long a row must still wait; 0 when its turn has come.
  left(row) {
    const until = this.#until.get(row.id);
    if (until !== undefined) return Math.max(0, until - this.#clock.monotonic());
    const left = Math.min(LONGEST, Math.max(0, row.next_at - this.#clock.now()));
    this.wait(row.id, left);
    return left;
  }
}
