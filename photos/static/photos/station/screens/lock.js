// Unlock the list of people, or choose the lock the first time.

import { byId, parts } from "../dom.js";
import { createBox, forgetBox, hasBox, openBox, waysIn } from "../lockbox.js";
import { capabilities } from "../capabilities.js";
import { faultText, text } from "../texts.js";
import { focusOn, screenOf } from "../screens.js";

export function lockScreen(station) {
  const root = screenOf("lock");
  let mode = "box";
  byId("lock-form").addEventListener("submit", (event) => {
    event.preventDefault();
    attempt(withPassphrase);
  });
  byId("use-passkey").addEventListener("click", () => attempt(withPasskey));
  byId("forget-box").addEventListener("click", forget);

  // Several technicians may share a laptop: the one who is logged in is asked for their own lock.
  async function enter() {
    const user = station.user;
    showMode("");
    say("");
    byId("passphrase").value = byId("passphrase-again").value = "";
    mode = (await hasBox(user?.id)) ? "box" : user ? "new" : "nobody";
    await showWays(user);
    showMode(mode);
    focusOn(mode === "nobody" ? byId("lock-title") : wayIn());
  }

  // A lock that was made with a passkey has no passphrase.
  async function showWays(user) {
    const ways = await waysIn(user?.id);
    const passphrase = mode === "new" || ways.includes("passphrase");
    const passkey = mode === "new" ? (await capabilities()).passkeys : ways.includes("passkey");
    parts(root, { passphrase, passkey });
    byId("use-passkey").classList.toggle("btn-primary", !passphrase);
    byId("use-passkey").classList.toggle("btn-secondary", passphrase);
  }

  function wayIn() {
    return byId(root.querySelector('[data-part="passphrase"]').hidden ? "use-passkey" : "passphrase");
  }

  function showMode(name) {
    for (const each of root.querySelectorAll("[data-when]")) each.hidden = !each.dataset.when.split(" ").includes(name);
  }

  async function withPassphrase() {
    const passphrase = byId("passphrase").value;
    if (mode === "box") return openBox({ passphrase, user: station.user });
    if (passphrase !== byId("passphrase-again").value) return say(text("passphrases_differ"));
    return createBox({ passphrase, user: station.user });
  }

  function withPasskey() {
    const way = { passkey: true, user: station.user };
    return mode === "box" ? openBox(way) : createBox(way);
  }

  async function attempt(way) {
    say("");
    try {
      const box = await way();
      if (box) await station.visits.unlocked(box);
    } catch (fault) {
      say(faultText(fault.code ?? "", fault.params));
      focusOn(wayIn());
      byId("passphrase").select();
    }
  }

  async function forget() {
    await forgetBox(station.user?.id);
    await enter();
  }

  function say(words) {
    parts(root, { fault: Boolean(words) });
    root.querySelector('[data-part="fault"]').textContent = words;
  }

  return { enter };
}
