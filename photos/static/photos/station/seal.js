// Seal a record so that only the server can open it. The format is that of photos/domain/sealed.py.

const RSA = { name: "RSA-OAEP", hash: "SHA-256" };
const AES = { name: "AES-GCM", length: 256 };
const MAGIC = "FRS1";
const text = new TextEncoder();

// `publicKey` is base64 of SubjectPublicKeyInfo, `jpeg` a Uint8Array or nothing. The record's own
// key is made here, wrapped, and let go of: afterwards this page cannot open the record either.
export async function seal({ publicKey, visit, subject, record, header, jpeg }) {
  const spki = Uint8Array.from(atob(publicKey), (letter) => letter.charCodeAt(0));
  const visitKey = await crypto.subtle.importKey("spki", spki, RSA, false, ["wrapKey"]);
  const key = await crypto.subtle.generateKey(AES, true, ["encrypt"]);
  const wrapped = new Uint8Array(await crypto.subtle.wrapKey("raw", key, visitKey, RSA.name));
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const additionalData = text.encode(`fotorundan/1:${visit}:${subject}:${record}`.toLowerCase());
  const plain = plaintext(header, jpeg ?? new Uint8Array());
  const sealed = await crypto.subtle.encrypt({ name: AES.name, iv, additionalData }, key, plain);
  plain.fill(0);
  const size = uint(wrapped.length, 2);
  const bytes = joined([text.encode(MAGIC), size, wrapped, iv, new Uint8Array(sealed)]).buffer;
  return { bytes, sha256: await sha256(bytes) };
}

// In hex.
export async function sha256(bytes) {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function plaintext(header, jpeg) {
  const head = text.encode(JSON.stringify(header));
  return joined([uint(head.length, 4), head, jpeg]);
}

function uint(number, size) {
  const view = new DataView(new ArrayBuffer(4));
  view.setUint32(0, number);
  return new Uint8Array(view.buffer, 4 - size);
}

function joined(parts) {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
