// One transaction of one database, to its end.

const STRICT = { durability: "strict" };
// On a full disk Chromium writes no blobs and calls that a DataError (measured on a disk of 120 MB).
const FULL = new Set(["QuotaExceededError", "DataError"]);

export class StorageFull extends Error {
  name = "StorageFull";
}

export function reading(database, names) {
  return database.transaction(names, "readonly", STRICT);
}

// `work` gets the stores by name and asks for its changes at once. Resolves to what it returned
// when all is on the disk; else nothing has changed. Throws StorageFull where there is no room.
export async function changing(database, names, work) {
  const transaction = database.transaction(names, "readwrite", STRICT);
  const done = finished(transaction);
  try {
    const told = work(stores(transaction, names));
    await done;
    return told;
  } catch (error) {
    abort(transaction);
    await done.catch(() => {});
    throw error;
  }
}

function stores(transaction, names) {
  return Object.fromEntries(names.map((name) => [name, transaction.objectStore(name)]));
}

function finished(transaction) {
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onabort = () => reject(named(transaction.error));
  });
}

function named(error) {
  return FULL.has(error?.name) ? new StorageFull(error.message) : error;
}

function abort(transaction) {
  try {
    transaction.abort();
  } catch {
    // It has ended by itself.
  }
}
