// Points are pairs [x, y].

export function distance([x, y], [otherX, otherY]) {
  return Math.hypot(x - otherX, y - otherY);
}

export function middle([x, y], [otherX, otherY]) {
  return [(x + otherX) / 2, (y + otherY) / 2];
}

// Degrees clockwise.
export function angle([x, y], [otherX, otherY]) {
  return (Math.atan2(otherY - y, otherX - x) * 180) / Math.PI;
}

// Left, top, right, bottom.
export function bounds(places) {
  const box = [Infinity, Infinity, -Infinity, -Infinity];
  for (const [x, y] of places) {
    box[0] = Math.min(box[0], x);
    box[1] = Math.min(box[1], y);
    box[2] = Math.max(box[2], x);
    box[3] = Math.max(box[3], y);
  }
  return box;
}

export function area([left, top, right, bottom]) {
  return (right - left) * (bottom - top);
}
