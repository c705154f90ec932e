// Worker: a bitmap in, its JPEG with size and SHA-256 out.

const QUALITY = 0.95;
// The server takes 15 MB; the sealed record's header needs a little of that.
const MOST_BYTES = 14_900_000;
const SCALES = [1, 0.75, 0.5, 0.25];

onmessage = async ({ data: bitmap }) => {
  try {
    const made = await encode(bitmap);
    postMessage(made, [made.jpeg.buffer]);
  } catch (fault) {
    postMessage({ fault: String(fault) });
  } finally {
    bitmap.close();
  }
};

async function encode(bitmap) {
  for (const scale of SCALES) {
    const canvas = drawn(bitmap, scale);
    const blob = await canvas.convertToBlob({ type: "image/jpeg", quality: QUALITY });
    if (blob.size > MOST_BYTES) continue;
    const jpeg = new Uint8Array(await blob.arrayBuffer());
    return { jpeg, width: canvas.width, height: canvas.height, sha256: await sha256(jpeg) };
  }
  throw new Error("too large");
}

function drawn(bitmap, scale) {
  const width = Math.round(bitmap.width * scale);
  const height = Math.round(bitmap.height * scale);
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext("2d", { alpha: false, willReadFrequently: true });
  context.drawImage(bitmap, 0, 0, width, height);
  return canvas;
}

async function sha256(bytes) {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
