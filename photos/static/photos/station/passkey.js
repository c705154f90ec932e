// A secret that only a passkey on this laptop can give again: the PRF extension of WebAuthn Level 3.
//
// `makePasskey(user, salt)` and `askPasskey([{credential, salt}])` resolve to {credential, secret}:
// the credential's id and 32 bytes, the same each time for the same credential and salt.

import { StationFault } from "./station_fault.js";

const ALGORITHMS = [-7, -257].map((alg) => ({ type: "public-key", alg })); // ES256, RS256
const VERIFIED = "required";

export async function makePasskey(user, salt) {
  const made = await ceremony("create", {
    rp: { name: "Fotorundan" },
    user: { id: random(16), name: user.name, displayName: user.name },
    challenge: random(32),
    pubKeyCredParams: ALGORITHMS,
    authenticatorSelection: { residentKey: "discouraged", userVerification: VERIFIED },
    extensions: { prf: { eval: { first: salt } } },
  });
  const { prf } = made.getClientExtensionResults();
  if (!prf?.enabled) throw new StationFault("no_prf");
  if (prf.results?.first) return told(made, prf);
  return askPasskey([{ credential: made.rawId, salt }]);
}

export async function askPasskey(known) {
  const inputs = known.map(({ credential, salt }) => [base64url(credential), { first: salt }]);
  const shown = await ceremony("get", {
    challenge: random(32),
    allowCredentials: known.map(({ credential }) => ({ type: "public-key", id: credential })),
    userVerification: VERIFIED,
    extensions: { prf: { evalByCredential: Object.fromEntries(inputs) } },
  });
  const { prf } = shown.getClientExtensionResults();
  if (!prf?.results?.first) throw new StationFault("no_prf");
  return told(shown, prf);
}

async function ceremony(verb, publicKey) {
  if (!window.PublicKeyCredential) throw new StationFault("no_passkeys");
  try {
    return await navigator.credentials[verb]({ publicKey });
  } catch (fault) {
    throw new StationFault(fault.name === "NotAllowedError" ? "passkey_refused" : "no_passkeys");
  }
}

function told(credential, prf) {
  return { credential: credential.rawId, secret: prf.results.first };
}

function random(length) {
  return crypto.getRandomValues(new Uint8Array(length));
}

function base64url(bytes) {
  const text = btoa(String.fromCharCode(...new Uint8Array(bytes)));
  return text.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}
