// The rescue file's format: one line of JSON that says how many, then one for each record.

const CHUNK = 3 * 2 ** 14;

// `bytesOf(id)` resolves to a record's sealed bytes; what has none here is left out. A record at a
// time becomes text: a whole visit as one string would be too much for a small laptop.
export async function rescueBlob(rows, bytesOf, now) {
  const lines = [];
  for (const row of rows) lines.push(await line(row, bytesOf));
  const kept = lines.filter(Boolean);
  const head = { schema: "station-rescue/1", made_at: now.toISOString(), records: kept.length };
  return new Blob([`${JSON.stringify(head)}\n`, ...kept], { type: "application/octet-stream" });
}

async function line({ id, visit, subject, device, user, sha256, made_at }, bytesOf) {
  const bytes = await bytesOf(id).catch(() => null);
  if (!bytes) return null;
  const facts = JSON.stringify({ record: id, visit, subject, device, user, sha256, made_at });
  return new Blob([`${facts.slice(0, -1)},"bytes":"`, ...base64(new Uint8Array(bytes)), '"}\n']);
}

function* base64(bytes) {
  for (let at = 0; at < bytes.length; at += CHUNK) {
    const part = bytes.subarray(at, at + CHUNK);
    yield btoa(Array.from(part, (byte) => String.fromCharCode(byte)).join(""));
  }
}
