// One hint at a time, and none changes faster than it can be read.

const LEAST_MS = 1500;

// Returns what is fed with each look's hint (a code or null); `show` gets what is to be seen. A
// hint stays for its time whatever comes meanwhile. `now` gives milliseconds.
export function hintKeeper(show, now = () => performance.now()) {
  let shown = null;
  let since = -Infinity;
  return (hint) => {
    if (hint === shown || now() - since < LEAST_MS) return;
    shown = hint;
    since = now();
    show(hint);
  };
}
