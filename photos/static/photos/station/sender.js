// Sends what is kept, oldest first and one by one, while the page is open and whoever took it is
// logged in. The bytes go only when the server says it has the very same ones.

import { Waits, delay } from "./backoff.js";
import { askState, sendRecord } from "./exchange.js";
import { Reports } from "./laptop_report.js";
import { find, mine, received, recover, sealedBytes, update } from "./outbox.js";
import { sha256 } from "./seal.js";

const EVERY = 30_000;
// The server may think otherwise another time, or another server may answer.
const PASSING = new Set([401, 403, 408, 425, 429]);
// Something on the way changed the bytes: those that lie here were looked at just before.
const DAMAGED_ON_THE_WAY = new Set(["hash_mismatch", "cut_off"]);
const CLOCK = { now: () => Date.now(), monotonic: () => performance.now() };

// `addresses` is {state, record, laptop} with the nil UUID for each id. `onState` is told
// {network, session: "ok" | "log_in" | "other_user" | "unknown", sending: id or null} at each
// change. `clock`, `random` and `every` (ms) are for tests.
export function startSender(options) {
  const sender = new Sender(options);
  sender.start();
  return { sendNow: () => sender.next(true), stop: () => sender.stop() };
}

class Sender {
  #state = { network: navigator.onLine, session: "unknown", sending: null };
  #stopped = new AbortController();
  #turns = Promise.resolve();
  #timer = null;
  #csrf = "";

  constructor({ userId, addresses, onState, clock = CLOCK, random = Math.random, every = EVERY }) {
    Object.assign(this, { user: userId, addresses, onState, random, every });
    this.waits = new Waits(clock);
    this.reports = new Reports(addresses, userId, clock);
  }

  start() {
    const { signal } = this.#stopped;
    addEventListener("online", () => this.next(), { signal });
    addEventListener("offline", () => this.#say({ network: false }), { signal });
    this.#turns = recover(this.user);
    this.next();
  }

  stop() {
    this.#stopped.abort();
    clearTimeout(this.#timer);
  }

  // Turns never overlap, and one that fails is followed by another all the same. An eager one
  // tries those that wait and those that were refused too. Resolves when the turn is over.
  next(eager = false) {
    this.#turns = this.#turns.catch(() => {}).then(() => this.#turn(eager));
    return this.#turns;
  }

  async #turn(eager) {
    if (this.#stopped.signal.aborted) return;
    this.#wake(this.every);
    if (await this.#mayTalk()) await this.#sendAll(eager);
    this.#wake(await this.#pause());
  }

  async #mayTalk() {
    try {
      const { user, csrf } = await askState(this.addresses);
      this.#csrf = csrf;
      this.#say({ network: true, session: sessionOf(user, this.user) });
    } catch {
      this.#say({ network: false, session: "unknown" });
    }
    return this.#state.session === "ok";
  }

  // The planner is told before and after: a visit's key lives as long as a laptop holds something.
  async #sendAll(eager) {
    await this.reports.tell(await mine(this.user), this.#csrf);
    for (const { id } of await this.#due(eager)) {
      const goesOn = !this.#stopped.signal.aborted && (await this.#send(id));
      if (!goesOn) break;
    }
    this.#say({ sending: null });
    await this.reports.tell(await mine(this.user), this.#csrf);
  }

  async #due(eager) {
    const rows = (await mine(this.user)).filter((row) => row.state !== "received");
    return eager ? rows : rows.filter((row) => row.state !== "refused" && !this.waits.left(row));
  }

  // Resolves to whether another one is worth trying.
  async #send(id) {
    const row = await find(id);
    if (!row || row.held) return true;
    const bytes = await sealedBytes(id).catch(() => null);
    if (bytes === null) return this.#later(row, { code: "unreadable" });
    const whole = bytes && (await sha256(bytes)) === row.sha256;
    if (!whole) return this.#refuse(row, { code: "damaged" });
    await this.#mark(row, { state: "sending" });
    this.#say({ sending: id });
    const told = await sendRecord(this.addresses, row, bytes, this.#csrf).catch(() => null);
    return told ? this.#settle(row, told) : this.#lost(row);
  }

  async #settle(row, { status, answer }) {
    if (status < 300 && answer.sha256 === row.sha256) {
      await received(row, answer.state);
      return true;
    }
    if (status === 401) return this.#loggedOut(row);
    const fault = { code: answer.code ?? `http_${status}`, message: answer.message ?? "" };
    if (isRefusal(status, fault.code)) return this.#refuse(row, fault);
    await this.#later(row, fault);
    return status !== 403;
  }

  async #lost(row) {
    this.#say({ network: false });
    await this.#later(row, { code: "no_network" });
    return false;
  }

  async #loggedOut(row) {
    this.#say({ session: "log_in" });
    await this.#mark(row, { state: "saved" });
    return false;
  }

  async #refuse(row, { code, message = "" }) {
    await this.#mark(row, { state: "refused", fault: { code, message } });
    return true;
  }

  async #later(row, { code, message = "" }) {
    const attempts = row.attempts + 1;
    const next_at = this.waits.wait(row.id, delay(attempts, this.random));
    await this.#mark(row, { state: "saved", fault: { code, message }, attempts, next_at });
    return true;
  }

  // A full disk must not keep records from leaving it: then the row says less for a while.
  async #mark(row, facts) {
    try {
      await update(row.id, facts);
    } catch (error) {
      if (error.name !== "StorageFull") throw error;
    }
  }

  // Until the first of those that wait may go, at the longest `every`.
  async #pause() {
    if (this.#state.session !== "ok") return this.every;
    const waiting = (await mine(this.user)).filter((row) => row.state === "saved" && !row.held);
    return Math.min(this.every, ...waiting.map((row) => this.waits.left(row)).filter(Boolean));
  }

  #wake(milliseconds) {
    clearTimeout(this.#timer);
    if (this.#stopped.signal.aborted) return;
    this.#timer = setTimeout(() => this.next(), milliseconds);
  }

  #say(changes) {
    const before = JSON.stringify(this.#state);
    Object.assign(this.#state, changes);
    if (JSON.stringify(this.#state) !== before) this.onState({ ...this.#state });
  }
}

function sessionOf(user, own) {
  if (user === null) return "log_in";
  return user === own ? "ok" : "other_user";
}

function isRefusal(status, code) {
  return status >= 400 && status < 500 && !PASSING.has(status) && !DAMAGED_ON_THE_WAY.has(code);
}
