// What this browser can do for the station. true, false, or null where it can't be known beforehand.

// The smallest module that WebAssembly knows: its magic word and version.
const EMPTY_MODULE = new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0]);

export async function capabilities() {
  return {
    secure: window.isSecureContext,
    folder: "showDirectoryPicker" in window,
    wasm: wasm(),
    camera: Boolean(navigator.mediaDevices?.getUserMedia),
    worker: "serviceWorker" in navigator,
    locks: "locks" in navigator,
    persist: Boolean(navigator.storage?.persist),
    battery: "getBattery" in navigator,
    passkeys: "PublicKeyCredential" in window,
    prf: await prf(),
    barcode: await barcode(),
  };
}

// A policy may take WebAssembly away while its name remains.
function wasm() {
  try {
    return Boolean(new WebAssembly.Module(EMPTY_MODULE));
  } catch {
    return false;
  }
}

async function prf() {
  if (!("PublicKeyCredential" in window)) return false;
  const told = await window.PublicKeyCredential.getClientCapabilities?.();
  return told?.["extension:prf"] ?? null;
}

async function barcode() {
  if (!("BarcodeDetector" in window)) return false;
  return (await window.BarcodeDetector.getSupportedFormats()).includes("qr_code");
}
