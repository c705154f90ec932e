// What the laptop must know before it leaves: the visit's facts in clear, its names sealed.
//
// `addresses` is {visits, package}. What has been taken (outbox, journal) is never touched here,
// whatever is prepared again or forgotten.

import { filled } from "./addresses.js";
import { erase, read, readAll, write } from "./database.js";
import { StationFault } from "./station_fault.js";

const DEVICE = "device";
const HOUR = 3_600_000;
const REFUSALS = { 401: "log_in", 403: "log_in", 404: "no_visit", 409: "no_visit" };

// Throws StationFault: no_network, log_in, no_visit, server; so do those below that ask.
export async function listVisits(addresses) {
  return (await asked(addresses.visits)).visits;
}

// Resolves to {facts, changes}: changes is {added, removed, moved} of people, moved with `earlier`,
// or null when there was no earlier list that this box opens.
export async function prepareVisit(visitId, box, addresses) {
  const address = filled(addresses.package, visitId);
  const fresh = await asked(address, { "X-Device": await deviceId() });
  const earlier = await earlierPeople(visitId, box);
  const facts = factsOf(fresh);
  await write("visits", { ...facts, people: await box.seal(namesOf(fresh), visitId) });
  return { facts, changes: earlier && changes(earlier, fresh.people) };
}

// The package as it came. Throws StationFault: not_prepared, other_box.
export async function openVisit(visitId, box) {
  const kept = await read("visits", visitId);
  if (!kept) throw new StationFault("not_prepared");
  const { schema, version, prepared_at, public_key, profile } = kept;
  const names = await box.open(kept.people, visitId);
  return { schema, version, prepared_at, public_key, profile, ...names };
}

// The user's own visits, without names, in order of time.
export async function preparedVisits(userId) {
  const own = (await readAll("visits")).filter((visit) => visit.user === userId);
  own.sort((one, other) => Date.parse(one.starts_at) - Date.parse(other.starts_at));
  return own.map(({ people, ...facts }) => facts);
}

export async function othersPrepared(userId) {
  return (await readAll("visits")).filter((visit) => visit.user !== userId).length;
}

// "same", "changed", or "gone" when the server no longer counts the visit among the user's.
export async function changedSince(visitId, addresses) {
  const [kept, listed] = await Promise.all([read("visits", visitId), listVisits(addresses)]);
  const now = listed.find((visit) => visit.id === visitId);
  if (!now) return "gone";
  return now.version === kept?.version ? "same" : "changed";
}

export async function forgetVisit(visitId) {
  await erase("visits", visitId);
}

export function hoursOld(facts, now = Date.now()) {
  return Math.max(0, Math.floor((now - Date.parse(facts.prepared_at)) / HOUR));
}

// Who differs between two lists of people: by subject; a new time is a move.
export function changes(earlier, people) {
  const [before, after] = [bySubject(earlier), bySubject(people)];
  const stayed = people.filter(({ subject }) => before.has(subject));
  return {
    added: people.filter(({ subject }) => !before.has(subject)),
    removed: earlier.filter(({ subject }) => !after.has(subject)),
    moved: stayed
      .map((person) => ({ ...person, earlier: before.get(person.subject).time }))
      .filter((person) => Date.parse(person.time) !== Date.parse(person.earlier)),
  };
}

export async function deviceId() {
  const kept = await read("settings", DEVICE);
  if (kept) return kept;
  const made = crypto.randomUUID();
  await write("settings", made, DEVICE);
  return made;
}

function factsOf({ user, visit, people, ...fresh }) {
  const { schema, version, list_version, prepared_at, public_key, profile } = fresh;
  const { id, unit, starts_at, ends_at } = visit;
  const told = { id, unit, starts_at, ends_at, user: user.id, count: people.length };
  return { ...told, schema, version, list_version, prepared_at, public_key, profile };
}

function namesOf({ user, visit, people }) {
  return { user, visit, people };
}

async function earlierPeople(visitId, box) {
  const kept = await read("visits", visitId);
  if (!kept) return null;
  try {
    return (await box.open(kept.people, visitId)).people;
  } catch (fault) {
    if (fault.code === "other_box") return null;
    throw fault;
  }
}

function bySubject(people) {
  return new Map(people.map((person) => [person.subject, person]));
}

// Never through the browser's own cache: that lies in clear on the disk.
async function asked(address, headers = {}) {
  const answer = await reached(address, { headers, cache: "no-store", redirect: "error" });
  if (answer.ok) return answer.json();
  throw new StationFault(REFUSALS[answer.status] ?? "server", { status: answer.status });
}

async function reached(address, request) {
  try {
    return await fetch(address, request);
  } catch {
    throw new StationFault("no_network");
  }
}
