// Send a picture under the id it got at the shutter. The same shot may be sent any number of times.

import { csrfToken } from "../shared/csrf.js";

const TIMEOUT = 60_000;

// What went wrong, with the server's own words where it had any.
export class UploadFault extends Error {
  constructor(status, message = "") {
    super(message);
    this.status = status;
  }
}

export async function makeShot(blob, source) {
  const digest = await crypto.subtle.digest("SHA-256", await blob.arrayBuffer());
  const sha256 = [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0"));
  const takenAt = new Date().toISOString();
  return { id: crypto.randomUUID(), blob, source, takenAt, sha256: sha256.join("") };
}

// Resolves to the receipt. `progress` is told the share sent, 0 to 1.
export function sendShot(shot, address, booking, progress) {
  const request = new XMLHttpRequest();
  request.open("PUT", address);
  request.timeout = TIMEOUT;
  const headers = {
    "Content-Type": shot.blob.type || "application/octet-stream",
    "X-CSRFToken": csrfToken(),
    "X-Booking": booking,
    "X-Sha256": shot.sha256,
    "X-Taken-At": shot.takenAt,
    "X-Source": shot.source,
  };
  for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
  request.upload.onprogress = (event) => progress(event.loaded / event.total);
  return new Promise((resolve, reject) => {
    request.onload = () => settle(request, shot, resolve, reject);
    request.onerror = request.ontimeout = () => reject(new UploadFault(0));
    request.send(shot.blob);
  });
}

// After a new log-in the page's token is stale: take the one of a fresh page.
export async function renewToken() {
  const answer = await fetch(location.href);
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  const token = fresh.querySelector('meta[name="csrf-token"]')?.content;
  if (token) document.querySelector('meta[name="csrf-token"]').content = token;
}

function settle(request, shot, resolve, reject) {
  const answer = parsed(request.responseText);
  const kept = request.status < 300 && answer.sha256 === shot.sha256;
  if (kept) resolve(answer);
  else reject(new UploadFault(request.status, answer.message));
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
}
