// The station: what happened goes to the machine, and what the machine says is shown.

import { START, next } from "./machine.js";
import { showPeople } from "./people_list.js";
import { showScreen } from "./screens.js";

// The person's window follows along.
const SENTENCES = { identity: "ready", camera: "look", verdict: "wait" };

export class Station {
  state = START;
  user = null;
  box = null;
  book = null;
  shot = null;
  screens = {};

  constructor(config) {
    this.config = config;
  }

  get people() {
    return this.book?.people ?? [];
  }

  get person() {
    return this.book?.person(this.state.subject) ?? null;
  }

  // Returns whether the event fitted the state.
  send(event) {
    const before = this.state;
    this.state = next(before, event);
    if (this.state === before) return false;
    if (this.state.screen === before.screen) this.screens[before.screen].update?.();
    else this.#turnTo(before.screen);
    this.showPeople();
    return true;
  }

  #turnTo(left) {
    const { screen } = this.state;
    this.screens[left]?.leave?.();
    showScreen(screen);
    if (SENTENCES[screen]) this.apparatus.person.say(SENTENCES[screen]);
    this.screens[screen].enter();
  }

  ask(name) {
    return this.asks[name]?.();
  }

  begin() {
    showScreen(this.state.screen);
    return this.screens[this.state.screen].enter();
  }

  // What stands on the screen follows what the book and the post say.
  refresh() {
    if (["search", "wrap_up"].includes(this.state.screen)) this.screens[this.state.screen].update();
    this.showPeople();
  }

  showPeople() {
    if (this.book) showPeople(this.people, this.state.subject, (subject) => this.work.pick(subject));
  }
}
