// A visit as a machine of states: what was, and what happened, give what is. Nothing else is done here.

// A bad picture is let through with a reason, at this try at the earliest.
export const TRIES_BEFORE_ANYWAY = 3;
export const DOCUMENTS = ["driving_licence", "passport", "sis_id_card", "national_id_card", "tax_agency_id_card"];
export const VOUCHED = "vouched";
export const REASONS = ["body", "covering", "glasses", "room"];

const NOBODY = {
  subject: "",
  document: "",
  vouchedBy: "",
  panel: "",
  fault: "",
  tries: 0,
  answer: "",
  anyway: "",
  busy: false,
  pickedAt: 0,
  checkedInAt: 0,
};

export const START = { screen: "lock", visit: "", last: null, ...NOBODY };

// What does not fit the state changes nothing: the same state comes back.
export function next(state, event) {
  const step = STEPS[state.screen]?.[event.type];
  return step?.(state, event) ?? state;
}

// May the shutter open? Only for somebody who is checked in, one picture at a time.
export function mayShoot(state) {
  return state.screen === "camera" && !state.busy && isCheckedIn(state);
}

export function mayAccept(state) {
  return state.screen === "verdict" && !state.busy && state.answer !== "fail";
}

export function mayAcceptAnyway(state) {
  const tried = state.tries >= TRIES_BEFORE_ANYWAY;
  return state.screen === "verdict" && !state.busy && state.answer === "fail" && tried;
}

export function mayUndo(state) {
  return Boolean(state.last) && !state.busy && ["search", "identity", "camera"].includes(state.screen);
}

function isCheckedIn({ subject, document, vouchedBy }) {
  if (!subject) return false;
  return DOCUMENTS.includes(document) || (document === VOUCHED && Boolean(vouchedBy));
}

const STEPS = {
  lock: {
    unlocked: () => ({ ...START, screen: "visits" }),
  },
  visits: {
    opened: (state, { visit }) => ({ ...START, screen: "readiness", visit }),
    locked: () => START,
  },
  readiness: {
    begun: toSearch,
    back: () => ({ ...START, screen: "visits" }),
  },
  search: {
    picked: pick,
    undone: forget,
    released,
    wrapUp: (state) => ({ ...state, ...NOBODY, screen: "wrap_up", last: null }),
  },
  identity: {
    identified: checkIn,
    vouched: vouch,
    panelled: (state, { panel }) => ({ ...state, panel, fault: "" }),
    absent: (state) => (state.panel === "no_show" && !state.busy ? { ...state, busy: true } : state),
    kept,
    keepFailed,
    undone: forget,
    released,
    back: (state) => (state.panel ? { ...state, panel: "", fault: "" } : toSearch(state)),
  },
  camera: {
    shot: shoot,
    judged: judge,
    shotFailed: (state) => (state.busy ? { ...state, busy: false, tries: state.tries - 1 } : state),
    undone: forget,
    released,
    back: (state) => (state.busy ? state : { ...state, ...notCheckedIn(state), screen: "identity" }),
  },
  verdict: {
    retake: (state) => (state.busy ? state : { ...state, screen: "camera", answer: "", panel: "" }),
    chosen: (state, { answer }) => (state.busy ? state : { ...state, answer, panel: "" }),
    panelled: (state) => (mayAcceptAnyway(state) ? { ...state, panel: "anyway" } : state),
    accepted: accept,
    kept,
    keepFailed,
    back: (state) => (state.panel ? { ...state, panel: "" } : STEPS.verdict.retake(state)),
  },
  wrap_up: {
    back: toSearch,
    cleaned: () => ({ ...START, screen: "clean" }),
  },
  clean: {
    restarted: () => START,
  },
};

function toSearch(state) {
  return { ...state, ...NOBODY, screen: "search" };
}

function forget(state) {
  return mayUndo(state) ? { ...toSearch(state), last: null } : state;
}

function released(state) {
  return { ...state, last: null };
}

function pick(state, { subject, at }) {
  return subject ? { ...state, ...NOBODY, screen: "identity", subject, pickedAt: at } : state;
}

function checkIn(state, { document, at }) {
  if (state.panel || !DOCUMENTS.includes(document)) return state;
  return { ...state, screen: "camera", document, vouchedBy: "", checkedInAt: at };
}

// Four eyes: whoever vouches is neither the technician nor the person.
function vouch(state, { name, technician, person, at }) {
  if (state.panel !== "vouching") return state;
  const vouchedBy = name.trim().replace(/\s+/g, " ");
  const fault = faultOfVoucher(vouchedBy, technician, person);
  if (fault) return { ...state, fault };
  return { ...state, screen: "camera", document: VOUCHED, vouchedBy, panel: "", fault: "", checkedInAt: at };
}

function faultOfVoucher(name, technician, person) {
  if (!/\p{L}.*\s\S*\p{L}/u.test(name)) return "voucher_missing";
  if (isSame(name, technician)) return "voucher_is_you";
  return isSame(name, person) ? "voucher_is_person" : "";
}

function isSame(one, other) {
  const plain = (name) => name.normalize("NFC").toLocaleLowerCase("sv").split(/[\s-]+/).sort().join(" ");
  return plain(one) === plain(other);
}

function notCheckedIn() {
  return { document: "", vouchedBy: "", checkedInAt: 0, panel: "", fault: "" };
}

function shoot(state) {
  return mayShoot(state) ? { ...state, busy: true, tries: state.tries + 1, last: null } : state;
}

function judge(state, { answer }) {
  return state.busy ? { ...state, screen: "verdict", busy: false, answer, panel: "" } : state;
}

function accept(state, { reason = "" }) {
  const anyway = mayAcceptAnyway(state) && REASONS.includes(reason);
  if (!anyway && !mayAccept(state)) return state;
  return { ...state, busy: true, anyway: anyway ? reason : "", fault: "" };
}

function kept(state, { record }) {
  if (!state.busy) return state;
  return { ...toSearch(state), last: { record, subject: state.subject } };
}

function keepFailed(state, { fault }) {
  return state.busy ? { ...state, busy: false, fault } : state;
}
