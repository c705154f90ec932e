// What is drawn over the live picture: the oval that the face should fill and a line that tells
// whether it is level. Colours come from the style sheet, by the canvas's own and its data-tone.

const OVAL = { x: 0.5, y: 0.47, width: 0.3, height: 0.44 }; // shares of the frame's height
const LEVEL = 3; // degrees that nobody sees
const LINE = 0.006; // of the height
const BEYOND = 0.6; // of the distance between the eyes, on either side

// `state`: {width, height, well}: the frame's size in pixels, and whether all is well.
export function drawOverlay(canvas, face, { width, height, well }) {
  Object.assign(canvas, { width, height });
  canvas.dataset.tone = well ? "well" : "adjust";
  const pen = canvas.getContext("2d");
  const style = getComputedStyle(canvas);
  Object.assign(pen, { strokeStyle: style.color, lineWidth: LINE * height });
  drawOval(pen, width, height);
  if (face) drawLevel(pen, face, style);
}

function drawOval(pen, width, height) {
  const [across, down] = [(OVAL.width * height) / 2, (OVAL.height * height) / 2];
  pen.beginPath();
  pen.ellipse(OVAL.x * width, OVAL.y * height, across, down, 0, 0, 2 * Math.PI);
  pen.stroke();
}

function drawLevel(pen, { eyes: [left, right], roll }, style) {
  const reach = [0, 1].map((axis) => BEYOND * (right[axis] - left[axis]));
  pen.setLineDash(Math.abs(roll) <= LEVEL ? [] : [3 * pen.lineWidth, 2 * pen.lineWidth]);
  pen.strokeStyle = style.accentColor === "auto" ? style.color : style.accentColor;
  pen.beginPath();
  pen.moveTo(left[0] - reach[0], left[1] - reach[1]);
  pen.lineTo(right[0] + reach[0], right[1] + reach[1]);
  pen.stroke();
}
