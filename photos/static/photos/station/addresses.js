// The template gives addresses with the nil UUID where an id belongs: Django can write no others.

const NIL = "00000000-0000-0000-0000-000000000000";

export function filled(pattern, ...ids) {
  return ids.reduce((address, id) => address.replace(NIL, id), pattern);
}
