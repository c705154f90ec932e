// Which way a head is turned, from where its landmarks lie in space. Landmarks, their places on the
// canonical face and their weights are MediaPipe's Procrustes basis (Apache-2.0), rounded.

// [landmark, y, z, weight], and [left, right, x of the right one, y, z, weight].
const MIDDLE = [
  [4, -0.463, 7.587, 0.0709],
  [6, 2.473, 5.789, 0.0321],
  [10, 8.262, 4.482, 0.0084],
];
const PAIRS = [
  [33, 263, 4.446, 2.664, 3.173, 0.0587],
  [54, 284, 6.279, 6.615, 1.426, 0.0077],
  [67, 297, 3.524, 8.006, 3.729, 0.0091],
  [117, 346, 5.259, 0.946, 2.974, 0.0098],
  [119, 348, 3.301, 0.862, 3.873, 0.0146],
  [121, 350, 1.821, 1.468, 4.224, 0.0186],
  [127, 356, 7.743, 2.365, -2.005, 0.0052],
  [129, 358, 1.786, -0.978, 4.85, 0.1206],
  [132, 361, 7.271, -2.891, -2.252, 0.0056],
  [133, 362, 1.856, 2.585, 3.758, 0.0533],
  [136, 365, 5.085, -7.179, 0.715, 0.0669],
  [143, 372, 6.408, 2.236, 1.561, 0.0148],
  [147, 376, 6.235, -1.944, 1.664, 0.0143],
  [198, 420, 1.247, 0.23, 5.681, 0.0255],
  [205, 425, 3.833, -1.537, 4.138, 0.0473],
];
const BASIS = [
  ...MIDDLE.map(([landmark, y, z, weight]) => ({ landmark, model: [0, y, z], weight })),
  ...PAIRS.map(([landmark, , x, y, z, weight]) => ({ landmark, model: [-x, y, z], weight })),
  ...PAIRS.map(([, landmark, x, y, z, weight]) => ({ landmark, model: [x, y, z], weight })),
];
const PITCH_BIAS = 6;
const ENOUGH = 40; // halvings of what is left to the rotation; a dozen will do
const DEGREES = 180 / Math.PI;

// Degrees: yaw is positive to the right of the picture, pitch for a face looking down.
export function yawAndPitch({ points }) {
  const seen = BASIS.map(({ landmark }) => {
    const [x, y, z] = points.subarray(landmark * 3, landmark * 3 + 3);
    return [x, -y, -z];
  });
  const ahead = rotation(covariance(seen)).map((row) => row[2]);
  const yaw = Math.atan2(ahead[0], ahead[2]) * DEGREES;
  const pitch = -Math.asin(Math.min(Math.max(ahead[1], -1), 1)) * DEGREES;
  return { yaw, pitch: pitch - PITCH_BIAS };
}

// Σ weight · (seen − its mean) (model − its mean)ᵀ
function covariance(seen) {
  const means = [mean(seen), mean(BASIS.map(({ model }) => model))];
  const sums = [[0, 0, 0], [0, 0, 0], [0, 0, 0]];
  BASIS.forEach(({ model, weight }, index) => {
    for (let row = 0; row < 3; row++) {
      for (let column = 0; column < 3; column++) {
        sums[row][column] +=
          weight * (seen[index][row] - means[0][row]) * (model[column] - means[1][column]);
      }
    }
  });
  return sums;
}

function mean(places) {
  const total = BASIS.reduce((sum, { weight }) => sum + weight, 0);
  return [0, 1, 2].map(
    (axis) => BASIS.reduce((sum, { weight }, at) => sum + weight * places[at][axis], 0) / total,
  );
}

// The rotation nearest to a matrix: its polar factor, by Newton's iteration (Higham 1986). It is
// what the weighted Kabsch method gives for any face that isn't seen inside out.
function rotation(matrix) {
  let turned = matrix;
  for (let round = 0; round < ENOUGH; round++) {
    const inverse = cofactors(turned);
    const size = turned[0].reduce((sum, value, column) => sum + value * inverse[0][column], 0);
    turned = turned.map((row, y) => row.map((value, x) => (value + inverse[y][x] / size) / 2));
  }
  return turned;
}

function cofactors(matrix) {
  const part = (row, column) => matrix[(row + 3) % 3][(column + 3) % 3];
  return matrix.map((row, y) =>
    row.map(
      (_, x) =>
        part(y + 1, x + 1) * part(y + 2, x + 2) - part(y + 1, x + 2) * part(y + 2, x + 1),
    ),
  );
}
