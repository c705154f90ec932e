// One station at a time in a browser: two tabs would show two truths.

// A page that is reloaded lets go of its lock a moment after the new one asks.
const PATIENCE = 3000;

// Resolves to true when this tab has the station, and keeps it while the page lives.
export function holdStation() {
  const signal = AbortSignal.timeout(PATIENCE);
  return new Promise((resolve, reject) => {
    const hold = () => new Promise(() => resolve(true));
    const missed = (error) => (error === signal.reason ? resolve(false) : reject(error));
    navigator.locks.request("fotorundan-station", { signal }, hold).catch(missed);
  });
}
