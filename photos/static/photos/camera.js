// The camera: open the one chosen last, say which there are, take a still as JPEG.

const WANTED = { width: { ideal: 3840 }, height: { ideal: 2160 } };
const QUALITY = 0.95;
const REMEMBERED = "fotorundan.camera";

export async function openCamera(video, id = "") {
  closeCamera(video);
  const chosen = id || (await rememberedId());
  video.srcObject = await stream(chosen);
  await video.play();
  remember(track(video).label);
  return track(video);
}

export function closeCamera(video) {
  for (const open of video.srcObject?.getTracks() ?? []) open.stop();
  video.srcObject = null;
}

export async function cameras() {
  const devices = await navigator.mediaDevices.enumerateDevices();
  return devices.filter((device) => device.kind === "videoinput" && device.deviceId);
}

export function still(video) {
  const canvas = document.createElement("canvas");
  canvas.width = video.videoWidth;
  canvas.height = video.videoHeight;
  canvas.getContext("2d").drawImage(video, 0, 0);
  return new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", QUALITY));
}

export function track(video) {
  return video.srcObject.getVideoTracks()[0];
}

// A camera that is gone since last time must not stop the one that is there.
async function stream(id) {
  if (!navigator.mediaDevices) throw new DOMException("", "NotFoundError");
  const exact = id ? { deviceId: { exact: id } } : {};
  try {
    return await navigator.mediaDevices.getUserMedia({ video: { ...WANTED, ...exact } });
  } catch (fault) {
    if (fault.name !== "OverconstrainedError") throw fault;
    return navigator.mediaDevices.getUserMedia({ video: WANTED });
  }
}

async function rememberedId() {
  const label = localStorage.getItem(REMEMBERED);
  if (!label || !navigator.mediaDevices) return "";
  return (await cameras()).find((camera) => camera.label === label)?.deviceId ?? "";
}

function remember(label) {
  if (label) localStorage.setItem(REMEMBERED, label);
}
