// What waits to be sent: rows without the bytes in `outbox`, the sealed bytes in `sealed`.

import { StorageFull, change, read, readAll, readBy } from "./database.js";
import { rescueBlob } from "./rescue_file.js";

const watchers = new Set();

// Keep a sealed record: {id, visit, user, subject, device, kind, bytes: ArrayBuffer, sha256,
// made_at, held}. Resolves when it is on the disk. `also(stores)` may change the journal in the
// same transaction. Throws StorageFull, and ConstraintError for an id that is here already.
export async function keep({ bytes, ...facts }, also = () => {}) {
  const fresh = { state: "saved", fault: null, attempts: 0, next_at: 0, size: bytes.byteLength };
  await change(["outbox", "sealed", "journal"], (stores) => {
    stores.outbox.add({ ...facts, held: Boolean(facts.held), ...fresh });
    stores.sealed.add(bytes, facts.id);
    also(stores);
  });
  announce();
}

// From now on the record may be sent.
export function release(id) {
  return update(id, { held: false });
}

// What an earlier life of the page left half done: nobody can undo there any more, and nothing is
// on its way.
export async function recover(user) {
  await change(["outbox"], ({ outbox }) => {
    each(outbox, user, (row) => {
      return { ...row, held: false, state: row.state === "sending" ? "saved" : row.state };
    });
  });
  announce();
}

// Remove a record that is still held. Resolves to false, and changes nothing, for any other.
export async function undo(id, also = () => {}) {
  let undone = false;
  await change(["outbox", "sealed", "journal"], (stores) => {
    stores.outbox.get(id).onsuccess = ({ target }) => {
      if (!target.result?.held) return;
      undone = true;
      remove(stores, id);
      also(stores);
    };
  });
  announce();
  return undone;
}

// The user's rows, oldest first.
export async function mine(user, visit) {
  const rows = await readBy("outbox", "user", user);
  const wanted = visit ? rows.filter((row) => row.visit === visit) : rows;
  return wanted.sort((one, other) => order(one).localeCompare(order(other), "en"));
}

export function find(id) {
  return read("outbox", id);
}

// The sealed bytes of a record; undefined once they have been received.
export function sealedBytes(id) {
  return read("sealed", id);
}

// How many of the user's are in each state, and how many of others' are not yet received.
export async function counts(user) {
  const told = { saved: 0, sending: 0, received: 0, refused: 0, others: 0 };
  for (const row of await readAll("outbox")) {
    if (row.user === user) told[row.state] += 1;
    else if (row.state !== "received") told.others += 1;
  }
  return told;
}

// Change some facts of a row that is here.
export async function update(id, facts) {
  await change(["outbox"], ({ outbox }) => {
    outbox.get(id).onsuccess = ({ target }) => {
      if (target.result) outbox.put({ ...target.result, ...facts });
    };
  });
  announce();
}

// The server has the very same bytes: only the row stays, to be counted, with the server's state.
export async function received(row, answer) {
  const kept = { ...row, state: "received", held: false, fault: null, answer };
  await putReceived(kept).catch((error) => {
    if (!(error instanceof StorageFull)) throw error;
    // Where there is no room for a row, what may go must go all the same.
    return removeOne(row.id);
  });
  announce();
}

// Forget the rows of what has been received, of one visit or of all.
export async function forgetReceived(user, visit) {
  await change(["outbox"], ({ outbox }) => {
    each(outbox, user, (row) => {
      const done = row.state === "received" && (!visit || row.visit === visit);
      return done ? null : row;
    });
  });
  announce();
}

// One record as a rescue file, sealed as it lies.
export async function exportOne(id) {
  return rescueBlob([await find(id)], sealedBytes, new Date());
}

export async function removeOne(id) {
  await change(["outbox", "sealed"], (stores) => remove(stores, id));
  announce();
}

// Call back after each change; returns how to stop.
export function watch(callback) {
  watchers.add(callback);
  return () => watchers.delete(callback);
}

function announce() {
  for (const callback of watchers) callback();
}

function putReceived(row) {
  return change(["outbox", "sealed"], ({ outbox, sealed }) => {
    outbox.put(row);
    sealed.delete(row.id);
  });
}

function remove({ outbox, sealed }, id) {
  outbox.delete(id);
  sealed.delete(id);
}

// Put what `turn` makes of each of the user's rows; null deletes it.
function each(outbox, user, turn) {
  outbox.index("user").openCursor(user).onsuccess = ({ target: { result: cursor } }) => {
    if (!cursor) return;
    const row = turn(cursor.value);
    if (row) cursor.update(row);
    else cursor.delete();
    cursor.continue();
  };
}

function order(row) {
  return `${row.made_at} ${row.id}`;
}
