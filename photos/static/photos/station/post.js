// What waits to be sent, how many, and whether anybody may send.

import { counts, mine, release, watch } from "./outbox.js";
import { rescueFile } from "./rescue.js";
import { saveFile } from "./save_file.js";
import { startSender } from "./sender.js";

export class Post {
  counts = { saved: 0, sending: 0, received: 0, refused: 0, others: 0 };
  sending = { network: navigator.onLine, session: "unknown", sending: null };
  #sender = null;
  #user = "";

  // `onChange(received)` is told after each change, with the ids received since the last one.
  constructor(addresses, onChange) {
    this.addresses = addresses;
    this.onChange = onChange;
    this.known = new Set();
    watch(() => this.recount());
  }

  async start(user) {
    this.#sender?.stop();
    this.#user = user;
    for (const row of await mine(user)) if (row.state === "received") this.known.add(row.id);
    const onState = (sending) => {
      this.sending = sending;
      this.onChange([]);
    };
    this.#sender = startSender({ userId: user, addresses: this.addresses, onState });
    await this.recount();
  }

  async recount() {
    if (!this.#user) return;
    this.counts = await counts(this.#user);
    this.onChange(await this.#newlyReceived());
  }

  async #newlyReceived() {
    if (this.counts.received <= this.known.size) return [];
    const rows = (await mine(this.#user)).filter((row) => row.state === "received" && !this.known.has(row.id));
    for (const { id } of rows) this.known.add(id);
    return rows.map((row) => row.id);
  }

  unsent() {
    return this.counts.saved + this.counts.sending + this.counts.refused;
  }

  mustLogIn() {
    return ["log_in", "other_user"].includes(this.sending.session);
  }

  release(id) {
    return release(id);
  }

  sendNow() {
    return this.#sender.sendNow();
  }

  async saveRescue() {
    const day = new Date().toISOString().slice(0, 10);
    saveFile(await rescueFile(this.#user), `raddning-${day}.fotorundan`);
  }
}
