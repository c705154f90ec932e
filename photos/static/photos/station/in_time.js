import { StationFault } from "./station_fault.js";

// What the promise gives, or StationFault(code) when that takes longer than ms.
export async function inTime(promise, ms, code) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new StationFault(code)), ms);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
