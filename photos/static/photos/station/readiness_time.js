// Is the page secure, is the clock right, how old is what was prepared?

const SKEW = 120_000; // ms, own choice: more than this misleads who reads when a photo was taken
const FRESH = 24 * 3_600_000;

export async function secureAnswer() {
  return { level: window.isSecureContext ? "green" : "red", params: {} };
}

// Yellow where there is no network to compare with.
export async function clockAnswer({ stateAddress }) {
  const sent = Date.now();
  const told = await serverTime(stateAddress);
  if (!told) return { level: "yellow", params: {} };
  const skew = (sent + Date.now()) / 2 - told;
  const params = { seconds: Math.round(skew / 1000) };
  return { level: Math.abs(skew) <= SKEW ? "green" : "red", params };
}

// Red where nothing is prepared. However old, it may be used.
export async function packageAgeAnswer({ preparedAt = null }) {
  if (!preparedAt) return { level: "red", params: {} };
  const age = Math.max(0, Date.now() - Date.parse(preparedAt));
  const params = { hours: Math.floor(age / 3_600_000) };
  return { level: age < FRESH ? "green" : "yellow", params };
}

async function serverTime(address) {
  try {
    const answer = await fetch(address, { cache: "no-store" });
    return Date.parse(answer.headers.get("Date")) || 0;
  } catch {
    return 0;
  }
}
