// Light and colour of sRGB pixels (IEC 61966-2-1, CIE 15), and the statistics made of them.

const LUMINANCE = [0.2126, 0.7152, 0.0722];
const TO_XYZ = [
  [0.4124, 0.3576, 0.1805],
  [0.2126, 0.7152, 0.0722],
  [0.0193, 0.1192, 0.9505],
];
const WHITE = TO_XYZ.map((row) => row[0] + row[1] + row[2]);
const LINE_END = (6 / 29) ** 3;

export const LINEAR = Float32Array.from({ length: 256 }, (_, stored) => {
  const share = stored / 255;
  return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
});

// Linear luminance, 0 to 1.
export function luminance(red, green, blue) {
  return (
    LUMINANCE[0] * LINEAR[red] + LUMINANCE[1] * LINEAR[green] + LUMINANCE[2] * LINEAR[blue]
  );
}

// Brightness as stored, 0 to 255 (ITU-R BT.601 weights, as Pillow rounds them).
export function luma(red, green, blue) {
  return (red * 19595 + green * 38470 + blue * 7471 + 0x8000) >> 16;
}

// L*, a* and b*.
export function lab([red, green, blue]) {
  const [x, y, z] = TO_XYZ.map((row, at) => {
    const sum = row[0] * LINEAR[red] + row[1] * LINEAR[green] + row[2] * LINEAR[blue];
    return rooted(sum / WHITE[at]);
  });
  return [116 * y - 16, 500 * (x - y), 200 * (y - z)];
}

function rooted(share) {
  return share > LINE_END ? Math.cbrt(share) : share / (3 * (6 / 29) ** 2) + 4 / 29;
}

export function median(values) {
  return percentile(values, 50);
}

// Interpolated linearly between the two nearest ranks.
export function percentile(values, percent) {
  const ordered = Float64Array.from(values).sort();
  const rank = ((ordered.length - 1) * percent) / 100;
  const [low, high] = [ordered[Math.floor(rank)], ordered[Math.ceil(rank)]];
  return low + (high - low) * (rank - Math.floor(rank));
}

export function mean(values) {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

// The median of each of the three channels.
export function medianColour(colours) {
  return [0, 1, 2].map((channel) => median(colours.map((colour) => colour[channel])));
}
