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
export function lab(colour) {
  const x = rooted(shareOf(0, colour));
  const y = rooted(shareOf(1, colour));
  const z = rooted(shareOf(2, colour));
  return [116 * y - 16, 500 * (x - y), 200 * (y - z)];
}

function shareOf(axis, colour) {
  const row = TO_XYZ[axis];
  const sum =
    row[0] * LINEAR[colour[0]] + row[1] * LINEAR[colour[1]] + row[2] * LINEAR[colour[2]];
  return sum / WHITE[axis];
}

function rooted(share) {
  return share > LINE_END ? Math.cbrt(share) : share / (3 * (6 / 29) ** 2) + 4 / 29;
}

export function median(values) {
  return percentile(values, 50);
}

// Interpolated linearly between the two nearest ranks.
export function percentile(values, percent) {
  const places = new Float64Array(values);
  const rank = ((places.length - 1) * percent) / 100;
  const at = Math.floor(rank);
  const low = select(places, at);
  if (at === rank) return low;
  const high = places.subarray(at + 1).reduce((least, value) => Math.min(least, value), Infinity);
  return low + (high - low) * (rank - at);
}

// The value that would stand there in order; none after it is smaller then (Hoare 1961).
function select(values, wanted) {
  let first = 0;
  let last = values.length - 1;
  while (first < last) {
    const pivot = values[(first + last) >> 1];
    let [low, high] = [first, last];
    while (low <= high) {
      while (values[low] < pivot) low++;
      while (values[high] > pivot) high--;
      if (low <= high) {
        const value = values[low];
        values[low++] = values[high];
        values[high--] = value;
      }
    }
    if (wanted <= high) last = high;
    else if (wanted >= low) first = low;
    else break;
  }
  return values[wanted];
}

export function mean(values) {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

// The median of each of the three channels.
export function medianColour(colours) {
  return [0, 1, 2].map((channel) => median(colours.map((colour) => colour[channel])));
}
