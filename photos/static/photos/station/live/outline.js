// The pixels inside an outline of points, its edge included, as Pillow's polygon fills it.

// Calls `visit(y, left, right)` for each row with the first and the last pixel; they may lie
// outside the picture.
export function eachSpan(points, visit) {
  const corners = points.map(([x, y]) => [Math.trunc(x), Math.trunc(y)]);
  const rows = corners.map(([, y]) => y);
  for (let y = Math.min(...rows); y <= Math.max(...rows); y++) {
    const met = crossings(corners, y).sort((one, other) => one - other);
    for (let at = 0; at + 1 < met.length; at += 2) {
      visit(y, Math.round(met[at]), Math.round(met[at + 1]));
    }
  }
  eachEdge(corners, (x, y) => visit(y, x, x));
}

function crossings(corners, y) {
  const met = [];
  corners.forEach(([x, top], at) => {
    const [otherX, bottom] = corners[(at + 1) % corners.length];
    const above = top <= y;
    if (above === bottom <= y) return;
    met.push(x + ((y - top) * (otherX - x)) / (bottom - top));
  });
  return met;
}

function eachEdge(corners, visit) {
  corners.forEach(([x, y], at) => {
    const [otherX, otherY] = corners[(at + 1) % corners.length];
    const steps = Math.max(Math.abs(otherX - x), Math.abs(otherY - y), 1);
    for (let step = 0; step <= steps; step++) {
      const share = step / steps;
      visit(Math.round(x + (otherX - x) * share), Math.round(y + (otherY - y) * share));
    }
  });
}

// A mask of a size with 1 inside.
export function maskOf(points, [width, height]) {
  const mask = new Uint8Array(width * height);
  eachSpan(points, (y, left, right) => {
    const [from, to] = [Math.max(left, 0), Math.min(right + 1, width)];
    if (y >= 0 && y < height && from < to) mask.fill(1, y * width + from, y * width + to);
  });
  return mask;
}
