// Cameras as the browser gives them: their names, and the track of one.

import { StationFault } from "./station_fault.js";

// Resolution: as much as the camera has, and no scaling by the browser.
export const WANTED = { width: { ideal: 3840 }, height: { ideal: 2160 }, resizeMode: "none" };
// Of 480 lines the head takes two thirds, which puts the eyes 90 px apart: the least a card needs.
export const SMALLEST_SIDE = 480;

const REMEMBERED = "fotorundan.camera";
// Firefox says AbortError of a camera that another program holds.
const CODES = {
  AbortError: "camera_busy",
  NotAllowedError: "camera_refused",
  NotFoundError: "camera_missing",
  NotReadableError: "camera_busy",
  OverconstrainedError: "camera_missing",
  SecurityError: "camera_refused",
};

export async function cameras() {
  const devices = (await navigator.mediaDevices?.enumerateDevices()) ?? [];
  return devices.filter((device) => device.kind === "videoinput" && device.deviceId);
}

// The track of one camera, or of any; throws StationFault.
export async function ask(wanted, id = "") {
  if (!navigator.mediaDevices) throw new StationFault("camera_missing");
  const exact = id ? { deviceId: { exact: id } } : {};
  try {
    const stream = await navigator.mediaDevices.getUserMedia({ video: { ...wanted, ...exact } });
    return stream.getVideoTracks()[0];
  } catch (fault) {
    throw new StationFault(CODES[fault.name] ?? "camera_failed");
  }
}

export function trackOf(video) {
  return video.srcObject?.getVideoTracks()[0] ?? null;
}

export function close(video) {
  for (const track of video.srcObject?.getTracks() ?? []) track.stop();
  video.srcObject = null;
}

export function rememberedLabel() {
  return localStorage.getItem(REMEMBERED) ?? "";
}

export function remember({ label }) {
  if (label) localStorage.setItem(REMEMBERED, label);
}

export async function idOf(label) {
  return (await cameras()).find((camera) => label && camera.label === label)?.deviceId ?? "";
}
