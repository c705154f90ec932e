// Everybody at the visit: those of the package, those who walked in, and what happened to each here.

// `journal` has rows by subject: {state, at}. `walkIns` are people the laptop gave ids to.
export function roster(people, walkIns, journal, clockOf) {
  const known = people.map((person) => ({ ...person, walk_in: null, clock: clockOf(person.time) }));
  known.sort((one, other) => Date.parse(one.time) - Date.parse(other.time));
  const came = walkIns.map((person) => ({ flags: [], code: "", time: "", clock: "", state: "booked", ...person }));
  return [...known, ...came].map((person) => withState(person, journal.get(person.subject)));
}

export function suggested(people) {
  return people.find((person) => person.now === "waiting") ?? null;
}

export function totals(people) {
  const number = (now) => people.filter((person) => person.now === now).length;
  return { all: people.length, done: number("done"), no_show: number("no_show"), missing: number("waiting") };
}

// The laptop knows what happened in the room; before that the server's word stands.
function withState(person, row) {
  const before = ["done", "no_show"].includes(person.state) ? person.state : "waiting";
  const name = `${person.given_name} ${person.family_name}`.trim();
  const here = row?.state ?? "";
  return { ...person, name, here, now: here || before, at: row?.at ?? "" };
}
