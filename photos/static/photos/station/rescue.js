// All that a user has not yet got received, to be carried to the planner on a memory stick.

import { mine, sealedBytes } from "./outbox.js";
import { rescueBlob } from "./rescue_file.js";

export async function rescueFile(userId) {
  return rescueBlob(await mine(userId), sealedBytes, new Date());
}
