// The sender's three calls. Each has an end: a network that swallows everything holds no queue.

import { filled } from "./addresses.js";

const SHORT = 10_000;
// As slow as 64 kbit/s is still a network.
const BYTES_A_MS = 8;

// Whether the server answered at all, and what. Throws where there is no network.
export async function askState(addresses) {
  const answer = await call(addresses.state, { cache: "no-store" }, SHORT);
  const told = await json(answer);
  if (!answer.ok || !told || !("csrf" in told)) throw new TypeError("somebody else answered");
  return told;
}

// Send a record's bytes. Resolves to {status, answer}; throws where there is no network.
export async function sendRecord(addresses, row, bytes, csrf) {
  const headers = {
    "Content-Type": "application/octet-stream",
    "X-CSRFToken": csrf,
    "X-Sha256": row.sha256,
    "X-Subject": row.subject,
    "X-Device": row.device,
  };
  const address = filled(addresses.record, row.visit, row.id);
  const request = { method: "PUT", headers, body: bytes };
  const answer = await call(address, request, SHORT + bytes.byteLength / BYTES_A_MS);
  return { status: answer.status, answer: (await json(answer)) ?? {} };
}

// Tell how many records this browser still holds. Throws where the server did not take it.
export async function reportLaptop(addresses, { visit, device, unsent, cleaned = false }, csrf) {
  const request = {
    method: "POST",
    headers: { "Content-Type": "application/json", "X-CSRFToken": csrf },
    body: JSON.stringify({ device, unsent, cleaned }),
  };
  const answer = await call(filled(addresses.laptop, visit), request, SHORT);
  if (!answer.ok) throw new TypeError(`the report was answered by ${answer.status}`);
}

// A sign-in page of the network itself sends us elsewhere: that is no answer.
function call(address, request, timeout) {
  const signal = AbortSignal.timeout(timeout);
  return fetch(address, { credentials: "same-origin", redirect: "error", ...request, signal });
}

// The body may be cut off too: that throws. What is no JSON is somebody else's page.
async function json(answer) {
  const body = await answer.text();
  try {
    return JSON.parse(body);
  } catch {
    return null;
  }
}
