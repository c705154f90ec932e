// Draw a picture as it will stand on the card: cut and levelled where the face was found, else whole.

// `frame` is {preview, width, height, verdict}: a small copy, and the size of the picture it is of.
export function drawCard(canvas, { preview, width, height, verdict }, card) {
  canvas.width = card.width_px;
  canvas.height = card.height_px;
  const pen = canvas.getContext("2d");
  pen.translate(canvas.width / 2, canvas.height / 2);
  const { x, y, scale, angle } = placed(verdict.crop, { width, height }, canvas);
  pen.rotate((-angle * Math.PI) / 180);
  pen.scale(scale, scale);
  pen.drawImage(preview, -x, -y, width, height);
}

function placed(crop, { width, height }, canvas) {
  if (crop) return { x: crop.x, y: crop.y, angle: crop.angle, scale: canvas.height / crop.height };
  const scale = Math.min(canvas.width / width, canvas.height / height);
  return { x: width / 2, y: height / 2, angle: 0, scale };
}
