// My visits: which are ready on the laptop, and how old they are.

import { byId, parts, putFirst, slots, stamp } from "../dom.js";
import { clockOf, whenOf } from "../clock.js";
import { faultText, text } from "../texts.js";
import { focusOn, screenOf } from "../screens.js";
import { hoursOld, listVisits, preparedVisits, prepareVisit } from "../prepare.js";
import { say } from "../../../shared/live.js";

const OLD = 24;

export function visitsScreen(station) {
  const root = screenOf("visits");
  const { addresses } = station.config;

  async function enter() {
    focusOn(byId("visits-title"));
    show(await preparedVisits(station.user.id), null);
    await refresh();
  }

  async function refresh() {
    const listed = await listVisits(addresses).catch((fault) => fault);
    const reached = Array.isArray(listed);
    parts(root, { offline: listed.code === "no_network", log_in: listed.code === "log_in", fault: false });
    show(await preparedVisits(station.user.id), reached ? listed : null);
  }

  function show(prepared, listed) {
    const visits = together(prepared, listed ?? []);
    byId("visit-list").replaceChildren(...visits.map(row));
    if (!prepared.length) showFirst();
    parts(root, { none: !visits.length && Boolean(listed) });
  }

  function row(visit) {
    const line = stamp("visit-row");
    slots(line, {
      unit: visit.unit,
      when: `${whenOf(visit.starts_at)}–${clockOf(visit.ends_at)}`,
      people: text("people", { people: visit.people }),
    });
    line.querySelector('[data-slot="state"]').append(state(visit));
    offer(line, "open", visit.prepared, () => station.visits.open(visit.id));
    offer(line, "fetch", visit.listed, () => fetchVisit(visit.id, line));
    if (visit.prepared) line.querySelector('[data-act="fetch"] span').textContent = text("fetch_again");
    return line;
  }

  // Nothing is ready on the laptop: the first to come is what is to be fetched.
  function showFirst() {
    const fetch = root.querySelector('[data-act="fetch"]:not([hidden])');
    if (fetch) putFirst(fetch, true);
  }

  function offer(line, name, is, act) {
    const button = line.querySelector(`[data-act="${name}"]`);
    button.hidden = !is;
    button.addEventListener("click", act);
  }

  async function fetchVisit(id, line) {
    line.querySelector('[data-slot="state"]').replaceChildren(stamp("visit-fetching"));
    try {
      const { facts } = await prepareVisit(id, station.box, addresses);
      say(text("fetched", { unit: facts.unit }));
      await refresh();
      root.querySelector('[data-act="open"]:not([hidden])')?.focus();
    } catch (fault) {
      await refresh();
      parts(root, { fault: true });
      root.querySelector('[data-part="fault"]').textContent = faultText(fault.code ?? "", fault.params);
    }
  }

  return { enter };
}

function together(prepared, listed) {
  const rows = new Map(listed.map((visit) => [visit.id, { ...visit, listed: true, latest: visit.list_version }]));
  for (const visit of prepared) {
    rows.set(visit.id, { people: visit.count, ...rows.get(visit.id), ...visit, prepared: true, people: visit.count });
  }
  return [...rows.values()].sort((one, other) => Date.parse(one.starts_at) - Date.parse(other.starts_at));
}

function state(visit) {
  if (!visit.prepared) return stamp("visit-missing");
  const changed = visit.latest && visit.latest !== visit.list_version;
  const tag = stamp(changed || hoursOld(visit) >= OLD ? "visit-old" : "visit-ready");
  slots(tag, { age: changed ? text("list_changed") : age(hoursOld(visit)) });
  return tag;
}

function age(hours) {
  if (hours < 1) return text("ready_now");
  return hours < 48 ? text("ready_hours", { hours }) : text("ready_days", { days: Math.floor(hours / 24) });
}
