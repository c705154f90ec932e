// What the station's database is made of, and how one is opened.

const NAME = "fotorundan-station";

// Each step makes one version of the one before. A step only adds: a laptop may hold a full queue
// made by any version.
export const upgrades = [
  (database) => {
    const outbox = database.createObjectStore("outbox", { keyPath: "id" });
    outbox.createIndex("user", "user");
    outbox.createIndex("visit", "visit");
    database.createObjectStore("sealed");
    database.createObjectStore("settings");
    database.createObjectStore("trial");
    database.createObjectStore("visits", { keyPath: "id" });
    database.createObjectStore("journal", { keyPath: ["visit", "subject"] });
  },
  (database) => database.createObjectStore("twin"),
];

// `onGone` is called when the browser has closed it.
export async function openIn(factory, onGone) {
  try {
    return await request(factory, onGone, upgrades.length);
  } catch (error) {
    // A newer page has been here. It only added, so this one can go on.
    if (error.name !== "VersionError") throw error;
    return request(factory, onGone);
  }
}

export function result(asked) {
  return new Promise((resolve, reject) => {
    asked.onsuccess = () => resolve(asked.result);
    asked.onerror = () => reject(asked.error);
  });
}

async function request(factory, onGone, version) {
  const asked = factory.open(NAME, version);
  asked.onupgradeneeded = ({ oldVersion, newVersion }) => {
    const steps = upgrades.slice(oldVersion, newVersion);
    for (const step of steps) step(asked.result, asked.transaction);
  };
  const database = await result(asked);
  database.onclose = onGone;
  database.onversionchange = () => {
    onGone();
    database.close();
  };
  return database;
}
