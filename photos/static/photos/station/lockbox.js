// The box that keeps names on the laptop: a random key that only lives in memory while it is open.
//
// On disk lies the key wrapped under a passphrase or a passkey, one box for each user. A wrong
// passphrase is told, never counted. A box: {user, way, seal(object, about), open(sealed, about)};
// what was sealed about one thing does not open as another.

import { erase, readAll, write } from "./database.js";
import { askPasskey, makePasskey } from "./passkey.js";
import { StationFault } from "./station_fault.js";

export const SHORTEST_PASSPHRASE = 12; // characters
export const ROUNDS = 600_000; // OWASP Password Storage Cheat Sheet, PBKDF2-HMAC-SHA-256
const BOX = "box";
const CIPHER = "AES-GCM";
const encoder = new TextEncoder();

// {passphrase, user?} or {passkey: true, user}; user is {id, name}, the name for the passkey alone.
// Makes a new box in place of the user's earlier one: visits prepared with that are prepared again.
export async function createBox({ passphrase, passkey = false, user = { id: "", name: "" } }) {
  const [way, secret] = passkey ? await newPasskey(user) : newPassphrase(passphrase);
  const wrapping = await wrappingKey(way, secret);
  const key = await crypto.subtle.generateKey({ name: CIPHER, length: 256 }, true, USES);
  const nonce = random(12);
  const wrapped = await crypto.subtle.wrapKey("raw", key, wrapping, bound(nonce, user.id));
  const kept = { kind: BOX, user: user.id, ...way, nonce, wrapped };
  const box = await unwrapped(kept, wrapping);
  await write("settings", kept, keyOf(user.id));
  return box;
}

// {passphrase, user?} or {passkey: true, user?}: among all boxes unless a user is named.
// Throws StationFault: no_box, wrong_passphrase, passkey_refused, no_passkeys, no_prf.
export async function openBox({ passphrase, passkey = false, user = null }) {
  const way = passkey ? "passkey" : "passphrase";
  const kept = (await boxes(user?.id)).filter((box) => box.way === way);
  if (!kept.length) throw new StationFault("no_box");
  return passkey ? openByPasskey(kept) : openByPassphrase(kept, passphrase);
}

// The ways there are to open a box on this laptop, of one user or of anybody.
export async function waysIn(userId) {
  return [...new Set((await boxes(userId)).map((box) => box.way))];
}

export async function hasBox(userId) {
  return (await boxes(userId)).length > 0;
}

export async function forgetBox(userId) {
  for (const box of await boxes(userId)) await erase("settings", keyOf(box.user));
}

const USES = ["encrypt", "decrypt"];

async function boxes(userId) {
  const kept = (await readAll("settings")).filter((value) => value?.kind === BOX);
  return userId === undefined ? kept : kept.filter((box) => box.user === userId);
}

function newPassphrase(passphrase) {
  if ([...normal(passphrase)].length < SHORTEST_PASSPHRASE) {
    throw new StationFault("short_passphrase", { shortest: SHORTEST_PASSPHRASE });
  }
  return [{ way: "passphrase", salt: random(16), rounds: ROUNDS }, normal(passphrase)];
}

async function newPasskey(user) {
  const salt = random(32);
  const { credential, secret } = await makePasskey(user, salt);
  return [{ way: "passkey", salt, credential }, secret];
}

async function openByPassphrase(kept, passphrase) {
  for (const box of kept) {
    const opened = await tried(box, normal(passphrase));
    if (opened) return opened;
  }
  throw new StationFault("wrong_passphrase");
}

async function openByPasskey(kept) {
  const { credential, secret } = await askPasskey(kept);
  const chosen = kept.find((box) => same(box.credential, credential));
  const opened = chosen && (await tried(chosen, secret));
  if (!opened) throw new StationFault("no_prf");
  return opened;
}

async function tried(kept, secret) {
  try {
    return await unwrapped(kept, await wrappingKey(kept, secret));
  } catch (fault) {
    if (fault.name === "OperationError") return null;
    throw fault;
  }
}

async function unwrapped(kept, wrapping) {
  const { wrapped, nonce, user, way } = kept;
  const cipher = bound(nonce, user);
  const key = await crypto.subtle.unwrapKey("raw", wrapped, wrapping, cipher, CIPHER, false, USES);
  return { user, way, ...lockAndKey(key) };
}

function lockAndKey(key) {
  return {
    async seal(object, about = "") {
      const nonce = random(12);
      const clear = encoder.encode(JSON.stringify(object));
      return { nonce, bytes: await crypto.subtle.encrypt(bound(nonce, about), key, clear) };
    },
    async open({ nonce, bytes }, about = "") {
      const clear = await opened(crypto.subtle.decrypt(bound(nonce, about), key, bytes));
      return JSON.parse(new TextDecoder().decode(clear));
    },
  };
}

async function opened(decrypting) {
  try {
    return await decrypting;
  } catch {
    throw new StationFault("other_box");
  }
}

// PBKDF2 makes guesses dear; a passkey's secret can't be guessed, so HKDF is enough.
async function wrappingKey({ way, salt, rounds }, secret) {
  const bytes = way === "passkey" ? secret : encoder.encode(secret);
  const derivation =
    way === "passkey"
      ? { name: "HKDF", hash: "SHA-256", salt, info: encoder.encode("fotorundan/box:1") }
      : { name: "PBKDF2", hash: "SHA-256", salt, iterations: rounds };
  const base = await crypto.subtle.importKey("raw", bytes, derivation.name, false, ["deriveKey"]);
  const made = { name: CIPHER, length: 256 };
  return crypto.subtle.deriveKey(derivation, base, made, false, ["wrapKey", "unwrapKey"]);
}

function bound(nonce, about) {
  return { name: CIPHER, iv: nonce, additionalData: encoder.encode(`fotorundan/box:1:${about}`) };
}

// The same letters typed on another keyboard may be other code points.
function normal(passphrase) {
  return (passphrase ?? "").normalize("NFKC");
}

function keyOf(userId) {
  return `${BOX}:${userId}`;
}

function same(one, other) {
  const [first, second] = [new Uint8Array(one), new Uint8Array(other)];
  return first.length === second.length && first.every((byte, at) => byte === second[at]);
}

function random(length) {
  return crypto.getRandomValues(new Uint8Array(length));
}
