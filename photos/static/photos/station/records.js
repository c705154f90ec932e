// What happened becomes a sealed record in the outbox and, in the same breath, a line in the journal.

import { keep, undo } from "./outbox.js";
import { seal } from "./seal.js";

const SCHEMA = "station-record/1";
const EMPTY = {
  document: "",
  vouched_by: "",
  checked_in_at: null,
  taken_at: null,
  source: "",
  tries: 0,
  seconds: 0,
  machine_ms: 0,
  verdict: "",
  findings: [],
  accepted_anyway: "",
  note: "",
  without_model: false,
  width: 0,
  height: 0,
  sha256: "",
  walk_in: null,
};

// `place` is {visit, publicKey, user, device}. Resolves to the record's id when it is on the disk.
// `line` goes to the journal; without one nothing is noted there.
export async function keepRecord(place, { kind, subject, jpeg, facts = {}, held = false, line = null }) {
  const { visit, publicKey, user, device } = place;
  const record = crypto.randomUUID();
  const made_at = new Date().toISOString();
  const who = { schema: SCHEMA, kind, record, visit, subject, user, device, made_at };
  const sealed = await seal({ publicKey, visit, subject, record, header: { ...EMPTY, ...facts, ...who }, jpeg });
  const row = { id: record, visit, user, subject, device, kind, ...sealed, made_at, held };
  await keep(row, ({ journal }) => line && journal.put({ ...line, visit, subject, user, record }));
  return record;
}

// Take the last one back while it has not been let go. `before` is the journal's earlier line, if any.
export function undoRecord(place, { record, subject }, before) {
  return undo(record, ({ journal }) => {
    if (before) journal.put(before);
    else journal.delete([place.visit, subject]);
  });
}
