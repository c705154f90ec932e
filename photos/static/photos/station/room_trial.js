// Whether so many bytes would find room. Chromium's own estimate says 10 GB whatever is true, so a
// file of that size is asked for in the origin's private folder, and taken away again.

const TRIAL = "trial";

// false when the browser refuses; null when it can't be tried here.
export async function fits(bytes) {
  try {
    const root = await navigator.storage.getDirectory();
    const file = await root.getFileHandle(`${TRIAL}-${crypto.randomUUID()}`, { create: true });
    return await tried(file, bytes).finally(() => root.removeEntry(file.name));
  } catch {
    return null;
  }
}

async function tried(file, bytes) {
  const stream = await file.createWritable();
  try {
    await stream.truncate(bytes);
    return true;
  } catch (fault) {
    if (fault.name === "QuotaExceededError") return false;
    throw fault;
  } finally {
    await stream.abort().catch(() => {});
  }
}
