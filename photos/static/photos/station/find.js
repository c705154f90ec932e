// Who is meant by what was typed or scanned: a code, a time or parts of a name.

// As on printed slips: what is easily mistaken for something else is never printed.
const ALPHABET = "23456789ABCDEFGHJKMNPRSTVWXYZ";
const LENGTH = 8;
const READ_AS = { 0: "D", O: "D", Q: "D", U: "V" };
const BETWEEN = /[\s\u00a0\u202f\-\u2010-\u2014.·]/gu;
const MOST = 8;

// {exact: a person or null, hits: people, told: "" | "other_visit" | "misread" | "nobody"}.
export function find(people, typed) {
  const code = readCode(typed);
  const exact = people.find((person) => code && person.code && readCode(person.code) === code) ?? null;
  if (exact) return { exact, hits: [exact], told: "" };
  const hits = byTime(people, typed) ?? byName(people, typed);
  return { exact: null, hits: hits.slice(0, MOST), told: hits.length ? "" : whyNobody(typed, code) };
}

// The code, ungrouped, or "" for what no code can be.
export function readCode(typed) {
  const code = stripped(typed);
  const known = code.length === LENGTH && [...code].every((letter) => ALPHABET.includes(letter));
  return known && checkCharacter(code) === code.at(-1) ? code : "";
}

function whyNobody(typed, code) {
  if (code) return "other_visit";
  return stripped(typed).length === LENGTH && /\d/.test(typed) ? "misread" : "nobody";
}

function stripped(typed) {
  return typed.toUpperCase().replace(BETWEEN, "").replace(/[0OQU]/g, (letter) => READ_AS[letter]);
}

// The places weighted 1, 2, 3 …, summed, modulo 29.
function checkCharacter(code) {
  const places = [...code.slice(0, -1)].map((letter, at) => (at + 1) * ALPHABET.indexOf(letter));
  return ALPHABET[places.reduce((sum, place) => sum + place, 0) % ALPHABET.length];
}

function byTime(people, typed) {
  if (!/^\s*\d{1,2}[.:]?\d{0,2}\s*$/.test(typed)) return null;
  const digits = typed.replace(/\D/g, "");
  const starts = (clock) => clock.startsWith(digits) || clock.startsWith(`0${digits}`);
  return people.filter((person) => person.clock && starts(person.clock.replace(".", "")));
}

function byName(people, typed) {
  const parts = words(typed);
  if (!parts.length) return [];
  return people.filter((person) => {
    const names = words(`${person.given_name} ${person.family_name}`);
    return parts.every((part) => names.some((name) => name.startsWith(part)));
  });
}

// Who types on another keyboard writes a for å and e for é.
function words(text) {
  const plain = text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
  return plain.split(/[^\p{L}\p{N}]+/u).filter(Boolean);
}
