"""The station's store in a page: run scripts with its modules at hand, and make records."""

import uuid
from typing import Any

from playwright.sync_api import BrowserContext, Page

USER, OTHER_USER = "11111111-1111-4111-8111-111111111111", "22222222-2222-4222-8222-222222222222"
VISIT, DEVICE = "33333333-3333-4333-8333-333333333333", "44444444-4444-4444-8444-444444444444"

# A script that waits for ever fails, milliseconds.
LIMIT = 60_000
MODULES = ("database", "outbox", "sender", "seal", "rescue", "tabs", "backoff", "laptop_report")
FRAME = """async ([paths, given]) => {
  const modules = await Promise.all(Object.values(paths).map((path) => import(path)));
  const {%s} = Object.fromEntries(Object.keys(paths).map((name, at) => [name, modules[at]]));
  const noise = (size) => {
    const all = new Uint8Array(size);
    for (let at = 0; at < size; at += 65_536) crypto.getRandomValues(all.subarray(at, at + 65_536));
    return all.buffer;
  };
  const record = async (facts) => {
    const bytes = noise(facts.size ?? 1000);
    const made = { id: crypto.randomUUID(), subject: crypto.randomUUID(), kind: "photo" };
    const own = { user: given.user, visit: given.visit, device: given.device, held: false };
    const made_at = new Date().toISOString();
    const { size, ...more } = facts;
    return { ...made, ...own, bytes, sha256: await seal.sha256(bytes), made_at, ...more };
  };
  const keepOne = async (facts = {}) => {
    const made = await record(facts);
    await outbox.keep(made);
    return made.id;
  };
  const late = (resolve, reject) => setTimeout(() => reject(new Error("no end")), given.limit);
  return Promise.race([(async () => { %s })(), new Promise(late)]);
}"""


def run(page: Page, script: str, /, **given: Any) -> Any:
    """Run a script in which each module has its own name; `given`, record and keepOne are there.

    `folder` is the address of the modules where it is not the root.
    """
    facts = {"user": USER, "visit": VISIT, "device": DEVICE, "limit": LIMIT, **given}
    paths = {name: f"{given.get('folder', '/')}{name}.js" for name in MODULES}
    return page.evaluate(FRAME % (", ".join(MODULES), script), [paths, facts])


def keep(page: Page, **facts: Any) -> str:
    """Keep a record of random bytes, and return its id."""
    return run(page, "return keepOne(given.facts);", facts=facts)


def counts(page: Page, user: str = USER, **given: Any) -> dict[str, int]:
    return run(page, "return outbox.counts(given.user);", user=user, **given)


def row(page: Page, record: str) -> dict[str, Any]:
    return run(page, "return outbox.find(given.id);", id=record)


def new_id() -> str:
    return str(uuid.uuid4())


def station_in(profile: BrowserContext) -> Page:
    """Open another page of the same profile."""
    page = profile.new_page()
    page.goto("/")
    return page
